"""Whether Saring keeps its speed while its tables grow: the same work beside 10,000 and beside 10 million comments."""
