"""Webhooks of Discourse, GitHub (Giscus, Utterances) and Hyvor Talk: one verifier, and a mapping for each."""

from service.integrations.platforms.routes import blueprint

__all__ = ["blueprint"]
