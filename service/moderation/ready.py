"""Whether each part that we need is there."""

from collections.abc import Callable, Mapping

from service.store import Store
from service.store.upkeep import Upkeep


def parts(store: Store, ping_broker: Callable[[], object], load_model: Callable[[], object]) -> Mapping[str, str]:
    """What is wrong with each part: database, broker, model. An empty text is a part that works.

    The error's kind is told, its message is not: it may hold a password.
    """
    return {"database": _tried(lambda: _touch(store)), "broker": _tried(ping_broker), "model": _tried(load_model)}


def _tried(attempt: Callable[[], object]) -> str:
    """Whatever a part raises is its report, so nothing is let through."""
    try:
        attempt()
    except Exception as error:  # noqa: BLE001 - see above
        return type(error).__name__
    return ""


def _touch(store: Store) -> None:
    with store.read() as tx:
        Upkeep(tx).touch()


def counts(store: Store) -> Mapping[str, Mapping[str, int]]:
    """Gauges for monitoring: how many comments and deliveries wait."""
    with store.read() as tx:
        return Upkeep(tx).counts()
