"""A server that OpenAI's clients can be pointed at."""

from collections.abc import Iterator

import pytest

from service.bootstrap import Services
from tests.clients.live import served


@pytest.fixture
def base_url(services: Services) -> Iterator[str]:
    """Where the application is served."""
    with served(services) as url:
        yield url
