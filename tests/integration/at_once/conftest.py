"""What these tests share."""

from collections.abc import Iterator

import pytest

from service.bootstrap import Services


@pytest.fixture
def reloaded(services: Services) -> Iterator[Services]:
    """The services with a classifier that a test may change."""
    real = services.classifier
    yield services
    services.__dict__["classifier"] = real
