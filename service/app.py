"""The web application: registers the doors, holds no logic."""

from apiflask import APIFlask

from service import api, desk, integrations
from service.bootstrap import Services, build
from service.runtime import watch
from service.runtime.broker import rate_storage
from service.runtime.lifeline import on_stop
from service.runtime.logs import set_up_logs
from service.runtime.rubbish import look_seldom
from service.settings import Settings
from service.web import docs, health, rates, requests, sessions, sso
from service.web.current import EXTENSION
from service.web.json import JsonRequest, OrjsonProvider
from service.web.problems import init_problems
from service.web.turnstile import Turnstile

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
    # one for the process, before two threads of it ask for the first
    _ = services.second_reader, services.at_once
    app.spec_processor(docs.describe_answers)
    requests.init_requests(app)
    init_problems(app)
    sessions.init_sessions(app)
    _init_limits(app, services.settings)
    for blueprint in (*api.blueprints, *integrations.blueprints, *desk.blueprints, health.blueprint, docs.blueprint):
        app.register_blueprint(blueprint)
    return app


def _init_limits(app: APIFlask, settings: Settings) -> None:
    """What is counted, and who else may vouch for people."""
    if settings.rate_limit:
        rates.init_rates(app, settings.rate_limit, rate_storage(settings))
    rates.init_login_rates(app, settings.login_rate, rate_storage(settings), settings.proxies)
    if settings.oidc_issuer:
        named = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
        sso.init_sso(app, *named, settings.public_url)


def _close(services: Services) -> None:
    """At the end of a process: let its streams end, and store what was answered and is not stored yet."""
    services.live.close()
    services.at_once.close()


def wsgi() -> APIFlask:
    """What a web server's process runs. Both readers are loaded before the first request comes."""
    settings = Settings.from_env()
    set_up_logs(settings)
    watch.start(settings.otlp_endpoint, "web")
    services = build(settings)
    _ = services.classifier, services.stack
    app = create_app(services)
    # the server has threads for streams too: they must not have more requests worked on at once
    app.wsgi_app = Turnstile(app.wsgi_app, settings.web_threads)  # type: ignore[method-assign]
    on_stop(lambda: _close(services))
    look_seldom()
    return app
