"""The moderators' pages: server-rendered, keyboard first."""

# the modules are imported for the routes that they add to the blueprint
from service.desk import comments, login, preferences, queue, settings
from service.desk.blueprint import blueprint

blueprints = (blueprint,)

__all__ = ["blueprints", "comments", "login", "preferences", "queue", "settings"]
