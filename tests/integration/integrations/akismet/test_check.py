"""What is said of a comment, and what is kept of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from service.bootstrap import Services
from service.domain.compat import AkismetVerdict, OnFailure
from service.domain.decision import Action
from service.domain.errors import CantDecide, Unavailable
from service.domain.policy import Policy, Threshold
from service.moderation.score import score_batch
from service.store.policies import Policies
from tests.integration.integrations.akismet.conftest import INSULT, SPAM, THANKS, Akismet, body

HELP = "X-akismet-debug-help"
TIP = "X-akismet-pro-tip"


@pytest.mark.parametrize("language", ["id", "en"])
def test_spam_is_told_from_thanks(akismet: Akismet, language: str) -> None:
    assert body(akismet.check(SPAM[language])) == "true"
    assert body(akismet.check(THANKS[language])) == "false"


@pytest.mark.parametrize("language", ["id", "en"])
def test_insults_are_spam_where_the_site_says_so(akismet: Akismet, language: str) -> None:
    assert body(akismet.check(INSULT[language])) == "false"
    akismet.choose(akismet_verdict=AkismetVerdict.SPAM_OR_TOXIC)
    assert body(akismet.check(INSULT[language])) == "true"
    assert body(akismet.check(THANKS[language])) == "false"
    assert body(akismet.check(SPAM[language])) == "true"


def test_insults_outrank_thanks_in_what_moderators_see(akismet: Akismet) -> None:
    for text in (*INSULT.values(), *THANKS.values(), *SPAM.values()):
        akismet.check(text)
    risks = {one.text: one.scores["toxicity"] for one in akismet.comments() if one.scores}
    assert min(risks[text] for text in INSULT.values()) > max(risks[text] for text in THANKS.values())
    spam = {one.text: one.scores["spam"] for one in akismet.comments() if one.scores}
    assert min(spam[text] for text in SPAM.values()) > max(spam[text] for text in THANKS.values())


def test_what_the_policy_flags_for_spam_is_spam_as_what_it_rejects(akismet: Akismet) -> None:
    def within(threshold: Threshold) -> str:
        with akismet.store.begin() as tx:
            Policies(tx, akismet.site_id).add(Policy(thresholds={"spam": threshold}))
        return body(akismet.check(SPAM["id"]))

    assert within(Threshold(flag=0.01, reject=1.0)) == "true"
    assert within(Threshold(flag=None, reject=0.01)) == "true"
    assert within(Threshold(flag=None, reject=None)) == "false"


def test_spam_is_for_throwing_away_only_above_the_score_that_the_site_set(akismet: Akismet) -> None:
    assert TIP not in akismet.check(SPAM["id"]).headers
    akismet.choose(akismet_discard=0.01)
    answer = akismet.check(SPAM["id"])
    assert (body(answer), answer.headers[TIP]) == ("true", "discard")
    akismet.choose(akismet_discard=1.0)
    assert TIP not in akismet.check(SPAM["id"]).headers
    akismet.choose(akismet_discard=0.0001)
    answer = akismet.check(THANKS["id"])
    assert (body(answer), TIP in answer.headers) == ("false", False)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"comment_author": "viagra-test-123"}, "true"),
        ({"comment_author_email": "akismet-guaranteed-spam@example.com"}, "true"),
        ({"user_role": "administrator"}, "false"),
        ({"user_role": "editor, Administrator", "comment_content": SPAM["en"]}, "false"),
        ({"user_role": "administrator", "comment_author": "viagra-test-123"}, "false"),
        ({"user_role": "editor"}, "false"),
        ({"user_role": "no administrator", "comment_author": "viagra-test-123"}, "true"),
    ],
)
def test_verdicts_that_are_guaranteed(akismet: Akismet, fields: dict[str, str], word: str) -> None:
    answer = akismet.check(**{"text": THANKS["en"], **fields} | {"text": fields.pop("comment_content", THANKS["en"])})
    assert (body(answer), len(answer.headers["X-akismet-guid"])) == (word, 32)


def test_guaranteed_verdicts_judge_nobody_so_nothing_is_kept(akismet: Akismet) -> None:
    akismet.check(SPAM["en"], user_role="administrator")
    akismet.check(THANKS["en"], comment_author="viagra-test-123")
    assert akismet.comments() == []


@pytest.mark.parametrize("yes", ["1", "true", "True"])
def test_a_test_is_answered_and_not_kept(akismet: Akismet, yes: str) -> None:
    assert body(akismet.check(SPAM["id"], is_test=yes)) == "true"
    assert akismet.comments() == []


@pytest.mark.parametrize("no", ["0", "false", ""])
def test_what_says_that_it_is_no_test_is_kept(akismet: Akismet, no: str) -> None:
    akismet.check(SPAM["id"], is_test=no)
    assert len(akismet.comments()) == 1


@pytest.mark.parametrize("prefix", ["", "POST_"])
def test_a_filled_honeypot_is_spam_and_the_comment_is_rejected(akismet: Akismet, prefix: str) -> None:
    fields = {"honeypot_field_name": "ak_hp", f"{prefix}ak_hp": "http://x"}
    assert body(akismet.check(THANKS["en"], **fields)) == "true"
    (kept,) = akismet.comments()
    assert (kept.status, kept.metadata["honeypot"]) == ("rejected", True)


def test_an_empty_honeypot_says_nothing(akismet: Akismet) -> None:
    assert body(akismet.check(THANKS["en"], honeypot_field_name="ak_hp", ak_hp=" ")) == "false"
    assert body(akismet.check(THANKS["en"], honeypot_field_name="ak_hp")) == "false"
    assert "honeypot" not in akismet.comments()[0].metadata


def test_the_comment_stands_among_the_sites_own(akismet: Akismet) -> None:
    answer = akismet.check(
        "<p>Baca <b>ini</b> dulu</p><p>di <a href='http://x.example/?a=1&amp;b=2'>sini</a> &lt;3</p>",
        comment_date_gmt="2026-01-02 03:04:05",
        comment_author_url="http://sari.example",
        blog_lang="id",
        user_agent="Mozilla/5.0",
        **{"comment_context[]": "berita"},
    )
    body(answer)
    (kept,) = akismet.comments()
    assert kept.text == "Baca ini dulu\ndi sini (http://x.example/?a=1&b=2) <3"
    assert (kept.author.site_author_id, kept.author.name) == ("email:sari@example.com", "Sari")
    assert (kept.author.email, kept.author.ip) == ("sari@example.com", "192.0.2.10")
    assert kept.thread is not None
    assert (kept.thread.site_thread_id, kept.thread.url) == ("https://news.example/story-1",) * 2
    assert (kept.source, kept.created_at) == ("akismet", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert kept.site_comment_id.startswith("akismet-")
    assert kept.metadata == {
        "guid": answer.headers["X-akismet-guid"],
        "comment_type": "comment",
        "comment_author_url": "http://sari.example",
        "blog": "https://news.example/",
        "blog_lang": "id",
        "comment_context": ["berita"],
    }


def test_the_servers_environment_is_not_kept(akismet: Akismet) -> None:
    environment = {
        "HTTP_COOKIE": "hunter2",
        "REMOTE_ADDR": "192.0.2.77",
        "POST_password": "hunter2",
        "SERVER_NAME": "x",
    }
    body(akismet.check(THANKS["id"], **environment, **{f"POST_f{n}": "hunter2" for n in range(300)}))
    with akismet.store.engine.connect() as connection:
        kept = "".join(
            str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            for table in ("comments", "authors", "threads")
        )
    assert THANKS["id"] in kept
    assert not [secret for secret in ("hunter2", "192.0.2.77", "POST_", "HTTP_") if secret in kept]


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "0000-00-00 00:00:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "1" * 400],
)
def test_a_date_that_is_none_is_passed_over(akismet: Akismet, services: Services, date: str) -> None:
    assert body(akismet.check(THANKS["id"], comment_date_gmt=date, comment_post_modified_gmt=date)) == "false"
    assert akismet.comments()[0].created_at.year == services.clock().year


def test_a_date_with_a_zone_is_read_in_it(akismet: Akismet) -> None:
    akismet.check(THANKS["id"], comment_date_gmt="2026-01-02T03:04:05Z")
    assert akismet.comments()[0].created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_signup_has_no_content_and_is_judged_by_the_rest(akismet: Akismet) -> None:
    answer = akismet.check(
        None, comment_type="signup", comment_author=SPAM["id"], comment_author_url="http://a.example"
    )
    assert body(answer) == "true"
    assert akismet.comments()[0].text == f"{SPAM['id']}\nhttp://a.example\nsari@example.com"


def test_where_nothing_is_written_nothing_is_wrong(akismet: Akismet) -> None:
    nothing = dict.fromkeys(("comment_author", "comment_author_email", "comment_content"), "")
    assert body(akismet.check(None, **nothing)) == "false"
    assert akismet.comments() == []


def test_discourse_says_content_type(akismet: Akismet) -> None:
    akismet.check(THANKS["en"], comment_type=None, content_type="forum-post")
    assert akismet.comments()[0].metadata["comment_type"] == "forum-post"


def test_authors_are_known_by_what_they_say_of_themselves(akismet: Akismet) -> None:
    said: list[dict[str, Any]] = [
        {"comment_author": "A", "comment_author_email": "a@x.example"},
        {"comment_author": "Other", "comment_author_email": "A@X.example"},
        {"comment_author": "B C"},
        {"comment_author": "b  c"},
        {"user_ip": "192.0.2.1"},
        {"user_ip": "192.0.2.1"},
        {},
        {},
        {"comment_author_email": "x" * 310 + "@y.example"},
    ]
    nothing = dict.fromkeys(("comment_author", "comment_author_email", "user_ip"), "")
    for number, fields in enumerate(said):
        assert body(akismet.check(f"{THANKS['en']} ({number})", **{**nothing, **fields})) == "false"
    mail, again, name, twice, ip, same, nobody, no_one, long = [one.author for one in reversed(akismet.comments())]
    assert (mail.id, name.id, ip.id) == (again.id, twice.id, same.id)
    assert len({one.id for one in (mail, name, ip, nobody, no_one, long)}) == 6
    assert "192.0.2.1" not in ip.site_author_id
    assert len(long.site_author_id) <= 200


def test_the_same_again_is_the_same_comment(akismet: Akismet) -> None:
    ids = {akismet.check(SPAM["id"]).headers["X-akismet-guid"] for _ in range(3)}
    assert (len(ids), len(akismet.comments())) == (3, 1)
    akismet.check(SPAM["id"], permalink="https://news.example/story-2")
    assert len(akismet.comments()) == 2


def test_a_page_with_an_endless_address_is_a_page(akismet: Akismet) -> None:
    for permalink in ("https://news.example/" + "é" * 3_000, "news.example/" + "x" * 5_000, "http://[", "javascript:1"):
        assert body(akismet.check(f"{THANKS['en']} {permalink[:20]}", permalink=permalink)) == "false"
    assert [one.thread and one.thread.url for one in akismet.comments()] == [
        None,
        None,
        None,
        akismet.comments()[3].thread.url,
    ]  # type: ignore[union-attr]


class Late:
    """What is not decided in time, or can't be asked for."""

    def __init__(self, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
        self.services = services
        self.monkeypatch = monkeypatch

    def scoring(self) -> None:
        def fails(*_: object) -> None:
            raise CantDecide("too many")

        self.monkeypatch.setattr(self.services.at_once, "_in_place", fails)

    def checking(self) -> None:
        def fails(*_: object, **__: object) -> None:
            raise Unavailable("the database is away")

        self.monkeypatch.setattr(self.services.at_once, "check", fails)

    def all(self) -> None:
        def fails(*_: object) -> None:
            raise Unavailable("the database is away")

        self.monkeypatch.setattr(self.services.at_once, "terms", fails)


@pytest.fixture
def late(services: Services, monkeypatch: pytest.MonkeyPatch) -> Late:
    return Late(services, monkeypatch)


def test_open_lets_pass_what_could_not_be_decided_and_has_it_scored_later(
    akismet: Akismet, services: Services, late: Late, monkeypatch: pytest.MonkeyPatch
) -> None:
    late.scoring()
    answer = akismet.check(SPAM["id"])
    assert (body(answer), answer.headers["X-akismet-recheck-after"], HELP in answer.headers) == ("false", "60", False)
    (kept,) = akismet.comments()
    assert (kept.status, kept.went_by) == ("pending", "open")
    score_batch(services.store, services.classifier, limit=10, lease=30)
    assert akismet.comments()[0].status in ("flagged", "rejected")
    monkeypatch.undo()
    assert body(akismet.check(SPAM["id"], recheck_reason="recheck_queue")) == "true"
    assert len(akismet.comments()) == 1


def test_closed_holds_it(akismet: Akismet, late: Late) -> None:
    akismet.choose(on_failure=OnFailure.CLOSED)
    late.scoring()
    answer = akismet.check(THANKS["id"])
    assert (body(answer), bool(answer.headers[HELP])) == ("error", True)
    assert [(one.status, one.went_by) for one in akismet.comments()] == [("pending", "closed")]


@pytest.mark.parametrize(("choice", "word"), [(OnFailure.OPEN, "false"), (OnFailure.CLOSED, "error")])
def test_the_choice_holds_too_when_nothing_can_be_stored(
    akismet: Akismet, late: Late, choice: OnFailure, word: str
) -> None:
    akismet.choose(on_failure=choice)
    late.checking()
    answer = akismet.check(SPAM["id"])
    assert (body(answer), HELP in answer.headers) == (word, word == "error")


def test_where_not_even_the_choice_is_known_it_is_an_error(akismet: Akismet, late: Late) -> None:
    late.all()
    answer = akismet.check(SPAM["id"])
    assert (body(answer), bool(answer.headers[HELP])) == ("error", True)


def test_a_honeypot_decides_where_no_score_does(akismet: Akismet, late: Late) -> None:
    late.scoring()
    assert body(akismet.check(THANKS["id"], honeypot_field_name="x", x="1")) == "true"
    assert akismet.comments()[0].status == Action.REJECT.status
