"""The web application: registers the doors, holds no logic."""

from apiflask import APIFlask

from service import api, desk
from service.bootstrap import Services, build
from service.runtime import watch
from service.runtime.broker import rate_storage
from service.runtime.logs import set_up_logs
from service.runtime.rubbish import look_seldom
from service.settings import Settings
from service.web import docs, health, rates, requests, sessions
from service.web.current import EXTENSION
from service.web.json import JsonRequest, OrjsonProvider
from service.web.problems import init_problems

MAX_BODY = 8 * 1024 * 1024
"""Bytes of a request: 1,000 comments of 8 kB."""


def create_app(services: Services) -> APIFlask:
    """The application over these services."""
    app = APIFlask("service", title="Saring", docs_path=None)
    app.config.update(
        SECRET_KEY=services.settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        SECURITY_SCHEMES=docs.SECURITY_SCHEMES,
        DESCRIPTION=docs.DESCRIPTION,
        SERVERS=[{"url": services.settings.public_url}],
        HTTP_ERROR_SCHEMA=docs.PROBLEM,
        VALIDATION_ERROR_SCHEMA=docs.PROBLEM,
    )
    app.json = OrjsonProvider(app)
    app.request_class = JsonRequest
    app.extensions[EXTENSION] = services
    app.spec_processor(docs.describe_problems)
    requests.init_requests(app)
    init_problems(app)
    sessions.init_sessions(app)
    if services.settings.rate_limit:
        rates.init_rates(app, services.settings.rate_limit, rate_storage(services.settings))
    for blueprint in (*api.blueprints, *desk.blueprints, health.blueprint, docs.blueprint):
        app.register_blueprint(blueprint)
    return app


def wsgi() -> APIFlask:
    """What a web server's process runs. The model is loaded before the first request comes."""
    settings = Settings.from_env()
    set_up_logs(settings)
    watch.start(settings.otlp_endpoint, "web")
    services = build(settings)
    _ = services.classifier
    app = create_app(services)
    look_seldom()
    return app
