"""Deliveries that keep pace: many sites, dead ones among them, and batches."""
