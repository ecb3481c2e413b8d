"""Whether each part that we need is there."""

from collections.abc import Callable, Mapping

from service.store import Store
from service.store.readings import Held, Readings
from service.store.upkeep import Upkeep


def parts(store: Store, ping_broker: Callable[[], object], load_model: Callable[[], object]) -> Mapping[str, str]:
    """What is wrong with each part: database, broker, model. An empty text is a part that works.

    The error's kind is told, its message is not: it may hold a password.
    """
    return {"database": fault_of(lambda: _touch(store)), "broker": fault_of(ping_broker), "model": fault_of(load_model)}


def fault_of(attempt: Callable[[], object]) -> str:
    """The kind of error that an attempt ends with, empty when it's none: whatever a part raises is its report."""
    try:
        attempt()
    except Exception as error:  # noqa: BLE001 - see above
        return type(error).__name__
    return ""


def _touch(store: Store) -> None:
    with store.read() as tx:
        Upkeep(tx).touch()


def clock_ahead(store: Store) -> float:
    """Seconds by which our clock is ahead of the database's; negative when it is behind."""
    with store.read() as tx:
        theirs = Upkeep(tx).clock()
    return (store.clock() - theirs).total_seconds()


def counts(store: Store) -> Mapping[str, Mapping[str, int]]:
    """Gauges for monitoring: how many comments and deliveries wait."""
    with store.read() as tx:
        return Upkeep(tx).counts()


def readings_waiting(store: Store) -> Mapping[str, int]:
    """How many comments wait for the second reader: held undecided, and decided ones that it may judge anew."""
    with store.read(by_index=True) as tx:
        return {"held": Held(tx).count(), "decided": Readings(tx).count()}
