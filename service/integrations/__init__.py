"""The formats of the services that Saring replaces: one folder each, none knows another."""

from apiflask import APIBlueprint

from service.integrations.akismet import blueprint as akismet
from service.integrations.coral import blueprint as coral
from service.integrations.openai import blueprint as openai
from service.integrations.perspective import blueprint as perspective
from service.integrations.platforms import blueprint as platforms

blueprints: tuple[APIBlueprint, ...] = (akismet, coral, openai, perspective, platforms)
