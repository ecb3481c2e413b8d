"""The library's own stack at the doors and on a card, with a second reader that knows one word."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.reader.stack import Stack
from service.bootstrap import Services
from service.moderation.card import remarked
from service.moderation.look_up import card_of
from service.moderation.sites import Credentials
from tests.api import Api
from tests.browser.stage import put_in_queue
from tests.conftest import one_database
from tests.factories import a_comment

pytestmark = one_database

TEXT = "orang seperti itu sebaiknya pulang ke hutan saja"


class OneWord:
    """It is sure that whoever says this word insults."""

    version = "reader-2026.12-0a1b2c3d"

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        found = np.zeros((len(texts), 8))
        found[:, 3] = [4.0 if "hutan" in text else 0.0 for text in texts]
        return found


@pytest.fixture
def stack(services: Services) -> Stack:
    made = services.__dict__["stack"] = Stack.of(services.classifier, OneWord())
    return made


def test_it_scores_what_is_asked_at_once(services: Services, stack: Stack) -> None:
    [alone] = services.at_once.score(["pulang saja"], 60_000)
    [scores] = services.at_once.score([TEXT], 60_000)
    assert scores.model_version == f"{services.classifier.version}+{OneWord.version}" == alone.model_version
    assert scores.by_attribute["insult"] > 0.5 > alone.by_attribute["insult"]


def test_it_scores_what_the_api_is_asked(api: Api, stack: Stack) -> None:
    scored = api.post("/v1/score", {"texts": [TEXT, "pulang saja"]}).json["results"]
    assert [one["readers"][1] for one in scored] == [OneWord.version] * 2
    assert scored[0]["scores"]["insult"] > 0.5 > scored[1]["scores"]["insult"]


def test_it_marks_a_card(services: Services, site: Credentials, stack: Stack) -> None:
    comment = put_in_queue(services, site.site_id, a_comment(text=TEXT))
    card = card_of(services.store, services.classifier, site.site_id, comment.id)
    spans = services.second_reader.spans(comment.text, card.causes)
    assert spans is not None
    marked = [one.text for one in remarked(card, services.classifier, spans).segments if one.mark]
    assert marked == ["hutan"]
