"""The native API."""

from service.api.comments import blueprint as comments
from service.api.scores import blueprint as scores
from service.api.webhooks import blueprint as webhooks

blueprints = (comments, scores, webhooks)
