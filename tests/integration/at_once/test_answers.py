"""What callers that wait are told, and what is stored of it: the same as a worker would have made of it."""

from service.bootstrap import Services
from service.domain.comment import Author, Status
from service.domain.compat import Compat
from service.domain.decision import Action, Actor
from service.domain.policy import Policy
from service.moderation.accept import accept
from service.moderation.at_once import LONGEST, AtOnce, Checked
from service.moderation.ban import ban
from service.moderation.erase import erase_author, erase_comment
from service.moderation.report import report
from service.moderation.score import score_batch
from service.moderation.sign_in import add_user
from service.moderation.sites import Credentials, set_callback
from service.store import Transaction
from service.store.comments import Comments
from service.store.compat import CompatSettings
from tests.api import Api
from tests.conftest import Clock
from tests.factories import a_comment
from tests.integration.at_once.checks import ABUSE, KIND, MILD, WAIT, check, decided, found, rows, settle

# what is answered, and what is stored


def test_kindness_passes_and_abuse_does_not_and_both_are_stored_as_decided(
    services: Services, site: Credentials
) -> None:
    kind, abuse = check(services, site, id="k", text=KIND), check(services, site, id="a", text=ABUSE)
    assert (kind.action, abuse.action) == (Action.APPROVE, Action.REJECT)
    assert found(services, site, "k").status is Status.APPROVED
    row = found(services, site, "a")
    assert (row.status, row.id, row.source, row.went_by) == (Status.REJECTED, abuse.comment_id, "coral", None)
    assert abuse.judgement is not None
    assert row.scores == abuse.judgement.scores.by_attribute
    [decision] = decided(services, site, row.id)
    assert (decision.actor, decision.from_status, decision.policy_version) == (Actor.POLICY, Status.PENDING, 1)
    assert decision.reasons == abuse.judgement.verdict.reasons


def test_it_is_stored_as_a_worker_would_have_stored_it(services: Services, site: Credentials) -> None:
    for text in (KIND, ABUSE, MILD, "https://a.example https://b.example https://c.example"):
        at_once = found(services, site, site_id_of(check(services, site, text=text), services, site))
        [worker] = accept([a_comment(text=text)], site.site_id, services.store, lambda: None)
        score_batch(services.store, services.classifier, limit=10, lease=30)
        later = found(services, site, worker.site_comment_id)
        for name in ("status", "scores", "language", "model_version", "risk", "likeness", "decisions", "reach"):
            assert getattr(at_once, name) == getattr(later, name), (text, name)


def site_id_of(checked: Checked, services: Services, site: Credentials) -> str:
    with services.store.read() as tx:
        row = Comments(tx, site.site_id).get(str(checked.comment_id))
    assert row is not None
    return row.site_comment_id


def test_the_site_hears_of_it_and_a_worker_is_woken_to_tell_it(services: Services, site: Credentials) -> None:
    set_callback("news.example", "http://127.0.0.1:9/", services.store, allow_private=True)
    woken: list[str] = []
    judges = AtOnce(
        services.store,
        lambda: services.classifier,
        lambda: woken.append("scorer"),
        lambda: woken.append("sender"),
    )
    judges.check(site.site_id, a_comment(), "coral", wait_ms=WAIT)
    judges.close()
    assert rows(services, "deliveries") == 1
    assert woken == ["sender"]


def test_nothing_is_kept_where_nothing_may_be(services: Services, site: Credentials) -> None:
    checked = services.at_once.check(site.site_id, a_comment(text=ABUSE), "perspective", keep=False, wait_ms=50)
    services.at_once.close()
    assert (checked.action, checked.comment_id) == (Action.REJECT, None)
    assert rows(services, "comments") == 0


def test_the_same_comment_again_is_decided_about_once(services: Services, site: Credentials) -> None:
    first, second = (check(services, site, id="c", text=ABUSE) for _ in range(2))
    assert (first.action, first.comment_id) == (second.action, second.comment_id)
    assert len(decided(services, site, first.comment_id)) == 1


def test_another_text_of_a_comment_is_an_edit_with_a_decision_of_its_own(services: Services, site: Credentials) -> None:
    first = check(services, site, id="c", text=KIND)
    second = check(services, site, id="c", text=ABUSE)
    assert first.comment_id == second.comment_id
    row = found(services, site, "c")
    assert (row.text, row.revision, row.status) == (ABUSE, 2, Status.REJECTED)
    assert [(one.revision, one.action) for one in decided(services, site, row.id)] == [
        (1, Action.APPROVE),
        (2, Action.REJECT),
    ]


def test_an_edit_of_a_comment_that_readers_reported_is_left_to_a_worker_who_weighs_that(
    services: Services, site: Credentials
) -> None:
    settle(services, site, policy=Policy(flag_at_reports=1))
    first = check(services, site, id="c", text=KIND)
    report(str(first.comment_id), "r1", "rude", None, site.site_id, services.store)
    assert check(services, site, id="c", text=KIND + " Salam").action is Action.APPROVE
    assert found(services, site, "c").status is Status.PENDING
    score_batch(services.store, services.classifier, limit=10, lease=30)
    assert found(services, site, "c").status is Status.FLAGGED


def test_what_no_database_keeps_is_stored_all_the_same(services: Services, site: Credentials) -> None:
    bad = "\x00\ud83d" * 9_000
    checked = check(services, site, a_comment(id=bad, text=bad, author=Author(bad, bad, bad, bad), metadata={bad: bad}))
    with services.store.read() as tx:
        assert Comments(tx, site.site_id).get(str(checked.comment_id)) is not None


def test_of_a_long_text_the_beginning_is_judged(services: Services, site: Credentials) -> None:
    long = "Halo semua. " * 2_000
    assert services.at_once.score([long + ABUSE], 1_000) == services.at_once.score([long[:LONGEST]], 1_000)
    judgement = check(services, site, id="c", text=long + ABUSE).judgement
    assert judgement is not None
    stored = found(services, site, "c").text
    assert stored == long[:20_000]
    assert [judgement.scores] == services.at_once.score([stored], 1_000)


# the policy: words, history, bans, of this site


def test_the_sites_own_words_count(services: Services, site: Credentials, other_site: Credentials) -> None:
    settle(services, site, policy=Policy(block_words=("gaplek",)))
    assert check(services, site, text="Harga g4plek naik lagi").action is Action.REJECT
    assert check(services, other_site, text="Harga g4plek naik lagi").action is Action.APPROVE


def test_a_new_author_is_held_until_they_are_known(
    services: Services, site: Credentials, other_site: Credentials
) -> None:
    # with time enough, however busy the machine: one that could not be decided would not be approved yet
    settle(services, site, Compat(budget_ms=5_000), Policy(hold_first=1))
    author = Author("ayu", "Ayu")
    check(services, other_site, author=author)
    assert check(services, site, author=author).action is Action.FLAG
    settle(services, site, policy=Policy(hold_first=0))
    check(services, site, author=author)
    settle(services, site, policy=Policy(hold_first=1))
    assert check(services, site, author=author).action is Action.APPROVE


def test_a_banned_author_is_rejected_until_the_ban_ends(
    services: Services, site: Credentials, other_site: Credentials, clock: Clock
) -> None:
    author = Author("ayu", "Ayu")
    checked = check(services, site, author=author)
    with services.store.read() as tx:
        row = Comments(tx, site.site_id).get(str(checked.comment_id))
    assert row is not None
    lead = add_user(services.store, "lead@news.example", "Lead", "saring air keruh", site.site_id, "lead")
    ban(services.store, site.site_id, lead, row.author.id, 1, None)
    assert check(services, site, author=author).action is Action.REJECT
    assert check(services, other_site, author=author).action is Action.APPROVE
    clock.forward(days=2)
    assert check(services, site, author=author).action is Action.APPROVE


def test_terms_are_those_of_a_second_ago_at_most_and_of_this_site(
    services: Services, site: Credentials, other_site: Credentials, clock: Clock
) -> None:
    settle(services, site, Compat(budget_ms=99))
    assert services.at_once.terms(site.site_id).compat.budget_ms == 99
    assert services.at_once.terms(other_site.site_id).compat == Compat()
    # by another process
    with services.store.begin() as tx:
        tx.known.forget_terms = lambda _site_id: None  # type: ignore[method-assign]
        CompatSettings(tx, site.site_id).put(Compat(budget_ms=88))
    assert services.at_once.terms(site.site_id).compat.budget_ms == 99
    clock.forward(seconds=1.1)
    assert services.at_once.terms(site.site_id).compat.budget_ms == 88


# with everything else


def test_it_is_erased_as_any_other(services: Services, site: Credentials) -> None:
    checked = check(services, site, text=ABUSE, author=Author("ayu", "Ayu"))
    assert erase_comment(str(checked.comment_id), site.site_id, services.store) is None
    check(services, site, text=ABUSE, author=Author("ayu", "Ayu"))
    erase_author("ayu", site.site_id, services.store)
    assert rows(services, "comments") == rows(services, "decisions") == rows(services, "authors") == 0


def test_open_desks_hear_of_what_is_flagged(services: Services, site: Credentials) -> None:
    told: list[object] = []
    services.store.tell = told.extend
    check(services, site, text="https://a.example https://b.example https://c.example")
    check(services, site, text=KIND)
    assert [(change.site_id, str(change.kind)) for change in told] == [(site.site_id, "flagged")]  # type: ignore[attr-defined]


def test_a_comment_by_our_own_api_has_no_source(services: Services, site: Credentials) -> None:
    [mine] = accept([a_comment()], site.site_id, services.store, lambda: None)
    row = found(services, site, mine.site_comment_id)
    assert (row.source, row.went_by) == (None, None)


def test_comments_of_either_kind_are_stored_in_one_statement(services: Services, site: Credentials) -> None:
    mixed = [a_comment(id="a"), a_comment(id="b", source="coral"), a_comment(id="c", source="akismet", went_by="open")]

    def write(tx: Transaction) -> None:
        Comments(tx, site.site_id).add_pending(mixed)

    with services.store.begin() as tx:
        write(tx)
    assert [(found(services, site, id).source, found(services, site, id).went_by) for id in "abc"] == [
        (None, None),
        ("coral", None),
        ("akismet", "open"),
    ]


def test_the_api_tells_by_which_service_a_comment_came(services: Services, site: Credentials, api: Api) -> None:
    checked = check(services, site)
    [mine] = accept([a_comment()], site.site_id, services.store, lambda: None)
    shown = [api.get(f"/v1/comments/{id}").json for id in (checked.comment_id, mine.id)]
    assert [(one["source"], one["went_by"]) for one in shown] == [("coral", None), (None, None)]
