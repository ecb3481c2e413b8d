"""The moderators' pages: server-rendered, keyboard first."""

# the modules are imported for the routes that they add to the blueprint
from service.desk import (
    account,
    acts,
    authors,
    bands,
    comments,
    connections,
    insights,
    invitations,
    kindness,
    lists,
    live,
    login,
    people,
    preferences,
    queue,
    reasons,
    second_looks,
    settings,
    sso,
    threads,
    views,
)
from service.desk.blueprint import blueprint

blueprints = (blueprint,)

__all__ = [
    "account",
    "acts",
    "authors",
    "bands",
    "blueprints",
    "comments",
    "connections",
    "insights",
    "invitations",
    "kindness",
    "lists",
    "live",
    "login",
    "people",
    "preferences",
    "queue",
    "reasons",
    "second_looks",
    "settings",
    "sso",
    "threads",
    "views",
]
