"""Saring: a self-hosted comment moderation service."""
