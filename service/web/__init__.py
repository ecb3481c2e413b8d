"""What every door needs: who is asking, problem details, limits, health."""
