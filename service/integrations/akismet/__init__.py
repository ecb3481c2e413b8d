"""Akismet's format: form posts with one-word answers, which clients compare byte for byte."""

from service.integrations.akismet import accounts, routes

__all__ = ["accounts", "blueprint"]

blueprint = routes.blueprint
