"""A second reader that reads what a test tells it to."""

from types import SimpleNamespace

import pytest

from classifier import Classifier
from classifier.reader.stack import Stack
from service.bootstrap import Services
from service.domain.policy import Mode
from service.moderation.handover import Handover
from service.moderation.sites import Credentials
from tests.encoder import Encoder
from tests.integration.reading.steps import PACE, rule


@pytest.fixture
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def stack(model: Classifier, encoder: Encoder) -> Stack:
    return Stack.of(model, encoder)


@pytest.fixture
def reader() -> SimpleNamespace:
    """What a scorer knows of the second reader: its pace, and whether it was woken and given up."""
    return SimpleNamespace(pace=PACE, woken=0, given_up=0)


@pytest.fixture
def handover(reader: SimpleNamespace) -> Handover:
    def wake() -> None:
        reader.woken += 1

    def gave_up() -> None:
        reader.given_up += 1
        reader.pace = None

    return Handover(share=0.3, ms=200.0, pace=lambda: reader.pace, wake=wake, gave_up=gave_up)


@pytest.fixture
def post(services: Services, site: Credentials) -> None:
    """The site shows comments until they are rejected."""
    rule(services, site, mode=Mode.POST)
