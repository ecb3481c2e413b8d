"""Every setting, read once from SARING_* variables and checked at start."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

LOG_LEVELS = ("debug", "info", "warning", "error")


class InvalidSetting(Exception):
    """A setting that can't be used; the message names it and a value that would do."""


@dataclass(frozen=True)
class Settings:
    """What an operator can choose. Each field is the variable SARING_<FIELD>; README.md lists them."""

    data_dir: Path
    database_url: str
    redis_url: str | None
    secret_key: str
    model: Path | None
    reader: str
    reader_share: float
    reader_ms: int
    public_url: str
    akismet_host: str
    host: str
    port: int
    log_level: str
    log_format: str
    allow_private_callbacks: bool
    web_workers: int
    web_threads: int
    live_streams: int
    worker_processes: int
    batch_size: int
    callback_timeout: float
    callback_concurrency: int
    lease_seconds: float
    sweep_seconds: float
    silent_seconds: float
    pending_limit: int
    rate_limit: str
    login_rate: str
    proxies: int
    retention_days: int
    metrics_port: int
    otlp_endpoint: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str

    @property
    def embedded_broker(self) -> bool:
        """True when no Redis was named, so that Saring runs its own."""
        return self.redis_url is None

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that the environment describes; what it leaves out has the embedded default.

        Raises: InvalidSetting, for the first variable that can't be used.
        """
        data_dir = Path(env.get("SARING_DATA_DIR") or "var").absolute()
        host = env.get("SARING_HOST") or "127.0.0.1"
        port = _whole(env, "SARING_PORT", 8080, 1, 65_535)
        public_url = _public_url(env, f"http://{host}:{port}")
        return cls(
            data_dir=data_dir,
            database_url=_database_url(env, data_dir),
            redis_url=_redis_url(env),
            secret_key=env.get("SARING_SECRET_KEY") or _kept_secret(data_dir),
            model=_model(env),
            reader=_reader(env),
            reader_share=_share(env, "SARING_READER_SHARE", 0.3),
            reader_ms=_whole(env, "SARING_READER_MS", 200, 0, 10_000),
            public_url=public_url,
            akismet_host=_akismet_host(env, public_url),
            host=host,
            port=port,
            log_level=_choice(env, "SARING_LOG_LEVEL", "info", LOG_LEVELS),
            log_format=_choice(env, "SARING_LOG_FORMAT", "text", ("text", "json")),
            allow_private_callbacks=_switch(env, "SARING_ALLOW_PRIVATE_CALLBACKS"),
            web_workers=_whole(env, "SARING_WEB_WORKERS", 2, 1, 256),
            web_threads=_whole(env, "SARING_WEB_THREADS", 4, 1, 256),
            live_streams=_whole(env, "SARING_LIVE_STREAMS", 32, 0, 1_024),
            worker_processes=_whole(env, "SARING_WORKER_PROCESSES", 1, 1, 256),
            batch_size=_whole(env, "SARING_BATCH_SIZE", 2000, 1, 5_000),
            callback_timeout=_seconds(env, "SARING_CALLBACK_TIMEOUT", 15.0, 0.1, 30.0),
            callback_concurrency=_whole(env, "SARING_CALLBACK_CONCURRENCY", 16, 1, 256),
            lease_seconds=_seconds(env, "SARING_LEASE_SECONDS", 30.0, 1.0, 600.0),
            sweep_seconds=_seconds(env, "SARING_SWEEP_SECONDS", 1.0, 0.1, 60.0),
            silent_seconds=_seconds(env, "SARING_SILENT_SECONDS", 60.0, 2.0, 600.0),
            pending_limit=_whole(env, "SARING_PENDING_LIMIT", 100_000, 1, 100_000_000),
            rate_limit=_rate(env, "SARING_RATE_LIMIT", "", "100/second or 5000/minute"),
            login_rate=_rate(env, "SARING_LOGIN_RATE", "20/minute", "20/minute"),
            proxies=_whole(env, "SARING_PROXIES", 0, 0, 10),
            retention_days=_whole(env, "SARING_RETENTION_DAYS", 0, 0, 36_500),
            metrics_port=_whole(env, "SARING_METRICS_PORT", 0, 0, 65_535),
            otlp_endpoint=_otlp_endpoint(env),
            **_single_sign_on(env),
        )


def unknown_settings(env: Mapping[str, str] = os.environ) -> list[str]:
    """Variables with our prefix that are no settings: typing errors, most likely.

    Not an error, since others may set some: Kubernetes does for every service that is called saring.
    """
    known = {f"SARING_{field.name.upper()}" for field in fields(Settings)} | set(ELSEWHERE)
    return sorted(name for name in env if name.startswith("SARING_") and name not in known)


ON, OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")

RATE = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")

ELSEWHERE = ("SARING_TRAINING_DATA",)
"""Variables with our prefix that are read by the classifier's commands and not here."""


def _whole(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
        raise InvalidSetting(f"{name} is {text!r}: give a whole number from {low} to {high}, such as {default}")
    return int(text)


def _seconds(env: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    text = env.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not low <= value <= high:
        raise InvalidSetting(f"{name} is {text!r}: give seconds from {low:g} to {high:g}, such as {default:g}")
    return value


def _share(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise InvalidSetting(f"{name} is {text!r}: give a share from 0 to 1, such as {default:g}")
    return value


def _choice(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    text = env.get(name) or default
    if text not in allowed:
        raise InvalidSetting(f"{name} is {text!r}: give one of {', '.join(allowed)}")
    return text


def _switch(env: Mapping[str, str], name: str) -> bool:
    text = (env.get(name) or "0").lower()
    if text not in (*ON, *OFF):
        raise InvalidSetting(f"{name} is {text!r}: give 1 or 0")
    return text in ON


def _url(text: str, name: str, schemes: tuple[str, ...], example: str) -> str:
    if urlsplit(text).scheme not in schemes:
        raise InvalidSetting(f"{name} is {_without_password(text)!r}: give a URL such as {example}")
    return text


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":…@") if parts.password else url


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    text = env.get("SARING_DATABASE_URL")
    if not text:
        return f"sqlite:///{data_dir / 'saring.db'}"
    if text.startswith(("postgres://", "postgresql://")):
        text = "postgresql+psycopg://" + text.split("://", 1)[1]
    schemes = ("sqlite", "postgresql+psycopg")
    return _url(
        text, "SARING_DATABASE_URL", schemes, "postgresql://saring:secret@db/saring or sqlite:////srv/saring.db"
    )


def _redis_url(env: Mapping[str, str]) -> str | None:
    text = env.get("SARING_REDIS_URL")
    if not text:
        return None
    return _url(text, "SARING_REDIS_URL", ("redis", "rediss", "redis+socket", "unix"), "redis://localhost:6379/0")


def _public_url(env: Mapping[str, str], default: str) -> str:
    text = env.get("SARING_PUBLIC_URL") or default
    return _url(text, "SARING_PUBLIC_URL", ("http", "https"), "https://saring.example.com").rstrip("/")


HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def _akismet_host(env: Mapping[str, str], public_url: str) -> str:
    """In front of this name Akismet's clients put their key; without one it is the public URL's."""
    text = (env.get("SARING_AKISMET_HOST") or urlsplit(public_url).hostname or "").lower()
    if env.get("SARING_AKISMET_HOST") and not HOST_NAME.fullmatch(text):
        raise InvalidSetting(
            f"SARING_AKISMET_HOST is {text!r}: give the name of a host without port, such as akismet.saring.example.com"
        )
    return text


def _rate(env: Mapping[str, str], name: str, default: str, example: str) -> str:
    """So many per time, in the words of the `limits` library; empty for no limit."""
    text = (env.get(name) or default).strip()
    if text and not RATE.fullmatch(text):
        raise InvalidSetting(f"{name} is {text!r}: give a number of requests per time, such as {example}")
    return text


SINGLE_SIGN_ON = ("SARING_OIDC_ISSUER", "SARING_OIDC_CLIENT_ID", "SARING_OIDC_CLIENT_SECRET")
LONGEST_ISSUER = 300
"""Characters: an issuer and a subject (255 at most) are kept together."""


def _single_sign_on(env: Mapping[str, str]) -> dict[str, str]:
    """All three or none."""
    given = {name: (env.get(name) or "").strip() for name in SINGLE_SIGN_ON}
    if issuer := given["SARING_OIDC_ISSUER"]:
        _url(issuer, "SARING_OIDC_ISSUER", ("http", "https"), "https://accounts.google.com")
        if len(issuer) > LONGEST_ISSUER:
            raise InvalidSetting(f"SARING_OIDC_ISSUER has {len(issuer)} characters: give at most {LONGEST_ISSUER}")
    if any(given.values()) and not all(given.values()):
        missing = next(name for name, text in given.items() if not text)
        raise InvalidSetting(f"{missing} is empty: give {', '.join(SINGLE_SIGN_ON)} together, or none of them")
    return {name.removeprefix("SARING_").lower(): text for name, text in given.items()}


def _otlp_endpoint(env: Mapping[str, str]) -> str:
    text = env.get("SARING_OTLP_ENDPOINT") or ""
    return _url(text, "SARING_OTLP_ENDPOINT", ("http", "https"), "http://collector:4318") if text else ""


def _model(env: Mapping[str, str]) -> Path | None:
    text = env.get("SARING_MODEL")
    if not text:
        return None
    if not Path(text).is_file():
        raise InvalidSetting(
            f"SARING_MODEL is {text!r}: give the path of a model file, or leave it empty for the shipped one"
        )
    return Path(text)


NO_READER = "off"
"""For no second reader at all."""


def _reader(env: Mapping[str, str]) -> str:
    text = env.get("SARING_READER") or ""
    if text and text != NO_READER and not Path(text).is_dir():
        raise InvalidSetting(
            f"SARING_READER is {text!r}: give the folder of a second reader, {NO_READER!r} for none, "
            "or leave it empty for the newest"
        )
    return text


def _kept_secret(data_dir: Path) -> str:
    """The secret of this installation, made once and kept beside its database (mode 600)."""
    path = data_dir / "secret-key"
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()
