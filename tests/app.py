"""The web application as tests make it, many times over."""

from collections.abc import Callable
from unittest.mock import patch

from apiflask import APIFlask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from service.app import create_app
from service.bootstrap import Services


class Compiled(BytecodeCache):
    """Templates that were compiled in this run: each application of a test would do it anew, for half of the test's time."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()

BUILDERS: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
"""The functions that make paths of routes, by all that they depend on."""


class CompiledRule(Rule):
    """A route whose function is written and compiled once in a run: anew for each application it is a quarter of a test."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, *self._trace, repr(self.defaults), append_unknown)
        if key not in BUILDERS:
            BUILDERS[key] = super()._compile_builder(append_unknown)
        return BUILDERS[key]


def an_app(services: Services) -> APIFlask:
    """The application over these services."""
    with patch.object(APIFlask, "url_rule_class", CompiledRule):
        app = create_app(services)
    app.jinja_env.bytecode_cache = COMPILED
    return app
