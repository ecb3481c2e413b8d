"""The formats of the services that Saring replaces: one folder each, none knows another."""
