"""Comments that can't be decided while their callers wait go by as the site wants it, and are scored later."""

import time
from threading import Thread

import pytest

from service.bootstrap import Services
from service.domain.comment import Status
from service.domain.compat import Compat, OnFailure
from service.domain.decision import Action
from service.domain.errors import CantDecide, Unavailable
from service.moderation import at_once as judging
from service.moderation.at_once import AtOnce, Checked
from service.moderation.score import score_batch
from service.moderation.sites import Credentials
from service.runtime import metrics
from tests.factories import a_comment
from tests.integration.at_once.checks import (
    ABUSE,
    KIND,
    Counting,
    Failing,
    Stuck,
    check,
    found,
    settle,
)

# what can't be decided


@pytest.mark.parametrize(
    ("choice", "action"), [(OnFailure.OPEN, Action.APPROVE), (OnFailure.CLOSED, Action.FLAG)], ids=["open", "closed"]
)
def test_what_the_classifier_fails_on_goes_by_and_is_scored_later(
    reloaded: Services, site: Credentials, choice: OnFailure, action: Action
) -> None:
    settle(reloaded, site, Compat(on_failure=choice))
    real = reloaded.classifier
    reloaded.__dict__["classifier"] = Failing(real)
    checked = check(reloaded, site, id="c", text=ABUSE)
    assert (checked.judgement, checked.action) == (None, action)
    row = found(reloaded, site, "c")
    assert (row.status, row.went_by, row.source) == (Status.PENDING, choice.value, "coral")
    assert score_batch(reloaded.store, real, limit=10, lease=30) == 1
    row = found(reloaded, site, "c")
    assert (row.status, row.went_by) == (Status.REJECTED, choice.value)


def test_an_edit_that_was_decided_in_time_went_by_no_more(reloaded: Services, site: Credentials) -> None:
    real = reloaded.classifier
    reloaded.__dict__["classifier"] = Failing(real)
    check(reloaded, site, id="c", text=KIND)
    reloaded.__dict__["classifier"] = real
    check(reloaded, site, id="c", text=ABUSE)
    assert found(reloaded, site, "c").went_by is None


def test_who_finds_no_place_in_the_budget_is_told_so_in_time(
    reloaded: Services, site: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "WORKERS", 1)
    stuck = Stuck(reloaded.classifier)
    judges = AtOnce(reloaded.store, lambda: stuck, lambda: None, lambda: None)  # type: ignore[arg-type,return-value]
    settle(reloaded, site, Compat(budget_ms=50))
    first: list[Checked] = []
    slow = Thread(target=lambda: first.append(judges.check(site.site_id, a_comment(text=ABUSE), "coral")))
    slow.start()
    assert stuck.entered.wait(10)
    began = time.monotonic()
    late = judges.check(site.site_id, a_comment(text=ABUSE), "coral", keep=False)
    with pytest.raises(CantDecide):
        judges.score([KIND], 30)
    with pytest.raises(CantDecide):
        judges.spans(KIND, 30)
    took = time.monotonic() - began
    stuck.go_on.set()
    slow.join(20)
    judges.close()
    assert (late.judgement, late.action) == (None, Action.APPROVE)
    assert 0.1 <= took < 5
    # the place is free again, and who had it is answered as it is
    assert first[0].action is Action.REJECT
    assert judges.score([KIND], 1_000)


def test_a_place_is_given_back_when_the_classifier_fails(reloaded: Services, site: Credentials) -> None:
    real = reloaded.classifier
    reloaded.__dict__["classifier"] = Failing(real)
    for _ in range(judging.WORKERS + 1):
        with pytest.raises(CantDecide):
            reloaded.at_once.score([KIND], 200)
    reloaded.__dict__["classifier"] = real
    assert check(reloaded, site, text=ABUSE).action is Action.REJECT


def test_an_author_who_cant_be_looked_up_is_no_error(
    services: Services, site: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(judging.Authors, "history", away)
    checked = check(services, site, id="c", text=ABUSE)
    assert (checked.judgement, checked.action) == (None, Action.APPROVE)
    assert found(services, site, "c").went_by == "open"


def test_many_long_texts_are_scored_in_portions_so_that_others_have_a_turn(reloaded: Services) -> None:
    counting = Counting(reloaded.classifier)
    reloaded.__dict__["classifier"] = counting
    texts = [str(number) + " halo" * 3_000 for number in range(7)] + ["satu", "dua"]
    scores = reloaded.at_once.score(texts, 5_000)
    assert [len(asked) for asked in counting.asked] == [2, 2, 2, 3]
    assert [text for asked in counting.asked for text in asked] == texts
    assert len(scores) == len(texts)
    assert reloaded.at_once.score([], 100) == []


def test_checks_are_counted_by_their_outcome(reloaded: Services, site: Credentials) -> None:
    def counted() -> list[float]:
        registry = metrics.meter().registry
        names = [("saring_at_once_seconds_count", {"outcome": outcome}) for outcome in metrics.DECIDED]
        return [registry.get_sample_value(name, labels) or 0.0 for name, labels in names]

    before = counted()
    check(reloaded, site)
    reloaded.__dict__["classifier"] = Failing(reloaded.classifier)
    check(reloaded, site)
    assert [after - was for after, was in zip(counted(), before, strict=True)] == [1, 1]
