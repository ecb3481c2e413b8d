"""Sites' endpoints, closed after each test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.delivery.place import Place


@pytest.fixture
def places() -> Iterator[Callable[..., Place]]:
    """A maker of endpoints."""
    opened: list[Place] = []

    def make(**fields: Any) -> Place:
        opened.append(Place(**fields))
        return opened[-1]

    yield make
    for place in opened:
        place.close()


@pytest.fixture
def place(places: Callable[..., Place]) -> Place:
    """One that takes everything."""
    made: Place = places()
    return made
