"""Coral: its external moderation phase, answered at once, and its webhooks, which tell what its moderators decided."""

from service.integrations.coral.routes import blueprint

__all__ = ["blueprint"]
