"""OpenAI's moderation endpoint: `POST /v1/moderations`, by the scores of Saring's own classifier."""

from service.integrations.openai.routes import blueprint

__all__ = ["blueprint"]
