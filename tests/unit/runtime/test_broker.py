"""The broker's addresses, and the settings that the trials found to matter."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from redis.exceptions import ConnectionError as NoConnection

from service.runtime.broker import celery_app, client_url, kombu_url
from service.runtime.transport import Channel, QoS
from service.settings import Settings


@pytest.fixture
def app_conf(tmp_path: Path) -> Mapping[str, Any]:
    settings = Settings.from_env({"SARING_DATA_DIR": str(tmp_path), "SARING_REDIS_URL": "redis://nowhere/0"})
    conf: Mapping[str, Any] = celery_app(settings).conf
    return conf


@pytest.mark.parametrize(
    ("given", "for_kombu", "for_redis_py"),
    [
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock", "unix:///run/redis.sock"),
        ("redis+socket:///run/redis.sock", "redis+socket:///run/redis.sock", "unix:///run/redis.sock"),
        ("unix://:pw@/r.sock?db=2", "redis+socket://:pw@/r.sock?virtual_host=2", "unix://:pw@/r.sock?db=2"),
        ("redis+socket:///r.sock?virtual_host=2", "redis+socket:///r.sock?virtual_host=2", "unix:///r.sock?db=2"),
        ("redis://:p%40w@host:6380/3", "redis://:p%40w@host:6380/3", "redis://:p%40w@host:6380/3"),
    ],
)
def test_each_library_gets_the_url_as_it_writes_it(given: str, for_kombu: str, for_redis_py: str) -> None:
    assert kombu_url(given) == for_kombu
    assert client_url(given) == for_redis_py


def test_tls_checks_certificates_unless_told_otherwise() -> None:
    # kombu would take `rediss://` alone for a plain connection
    assert kombu_url("rediss://host/0") == "rediss://host/0?ssl_cert_reqs=required"
    assert kombu_url("rediss://host/0?ssl_cert_reqs=none") == "rediss://host/0?ssl_cert_reqs=none"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_ignore_result", True),
        ("result_backend", None),
        ("task_acks_late", True),
        ("task_reject_on_worker_lost", True),
        ("worker_prefetch_multiplier", 1),
        ("broker_connection_retry_on_startup", True),
        ("broker_connection_max_retries", None),
        ("worker_cancel_long_running_tasks_on_connection_loss", False),
        ("worker_soft_shutdown_timeout", 10),
        ("worker_hijack_root_logger", False),
        ("accept_content", ["json"]),
        ("timezone", "UTC"),
    ],
)
def test_the_settings_of_the_trials_are_in_force(app_conf: Mapping[str, Any], name: str, value: object) -> None:
    assert app_conf[name] == value


def test_no_task_may_outlast_the_visibility_timeout(app_conf: Mapping[str, Any]) -> None:
    options = app_conf["broker_transport_options"]
    assert app_conf["task_time_limit"] == 60
    assert options["visibility_timeout"] == 120
    assert options["unacked_restore_interval"] * options["unacked_restore_throttle"] == 5
    assert options["socket_timeout"] == 30


def test_the_app_uses_the_transport_that_outlives_the_broker(app_conf: Mapping[str, Any], tmp_path: Path) -> None:
    settings = Settings.from_env({"SARING_DATA_DIR": str(tmp_path), "SARING_REDIS_URL": "unix:///r.sock"})
    connection = celery_app(settings).connection_for_read()
    assert connection.transport_cls == "redis"
    assert connection.get_transport_cls().__module__ == "service.runtime.transport"


def test_giving_back_over_a_lost_connection_is_no_error() -> None:
    class LostChannel:
        do_restore = True

        def conn_or_acquire(self, _client: object = None) -> None:
            raise AttributeError("'NoneType' object has no attribute 'transport_options'")

    qos = QoS(LostChannel())  # type: ignore[no-untyped-call]
    qos._delivered["tag"] = object()
    qos.restore_unacked_once()
    assert Channel.QoS is QoS


@pytest.mark.parametrize("connection", [None, SimpleNamespace(client=None)])
def test_a_channel_without_connection_says_so_in_a_way_that_celery_outlives(connection: object) -> None:
    channel = Channel.__new__(Channel)
    channel.connection = connection
    with pytest.raises(NoConnection):
        channel._connparams()
