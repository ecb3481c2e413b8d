"""Perspective's format (Comment Analyzer v1alpha1), which Google stops after 31 December 2026."""

from service.integrations.perspective.routes import blueprint

__all__ = ["blueprint"]
