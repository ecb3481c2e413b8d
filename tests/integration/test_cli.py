"""`saring …` as an operator types it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.bootstrap import Services
from service.cli import COMMANDS, SUMMARIES, main
from service.cli.first_run import first_run
from service.domain.decision import Action
from service.moderation.decide import decide_by_api
from service.moderation.score import score_batch
from service.moderation.sign_in import HalfIn, add_user, sign_in
from service.moderation.sites import Credentials
from service.settings import Settings
from service.store import migrations
from service.store.comments import Comments
from service.store.compat import PlatformSecrets
from service.store.policies import Policies
from service.store.sites import Sites
from service.store.users import Users
from tests.conftest import Clock, one_database

Saring = Callable[..., Result]


@pytest.fixture
def saring(settings: Settings) -> Saring:
    """Runs a command on the test's settings."""
    env = {
        "SARING_DATA_DIR": str(settings.data_dir),
        "SARING_DATABASE_URL": settings.database_url,
        "SARING_REDIS_URL": settings.redis_url or "",
        "SARING_ALLOW_PRIVATE_CALLBACKS": "1",
    }

    def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, list(arguments), env=env, input=stdin)

    return run


@one_database
@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=str)
def test_every_command_has_help(saring: Saring, command: list[str]) -> None:
    result = saring(*command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_every_command_is_summed_up() -> None:
    assert COMMANDS.keys() == SUMMARIES.keys()


def test_a_site_is_added_once_and_listed(saring: Saring, services: Services) -> None:
    added = saring("site", "add", "kabar.example", "--callback-url", "http://127.0.0.1:9/hook")
    assert added.exit_code == 0
    key = next(line.split()[-1] for line in added.output.splitlines() if line.startswith("api key"))
    with services.store.read() as tx:
        site = Sites(tx).by_key(key)
    assert site is not None
    assert site.name == "kabar.example"
    again = saring("site", "add", "kabar.example")
    assert (again.exit_code, "already" in again.output) == (1, True)
    assert "http://127.0.0.1:9/hook" in saring("site", "list").output


def test_a_program_reads_a_new_sites_key_as_json(saring: Saring, services: Services) -> None:
    made = json.loads(saring("site", "add", "kabar.example", "--json").stdout)
    with services.store.read() as tx:
        assert Sites(tx).by_key(made["api_key"]) is not None
    assert made["webhook_secret"].startswith("whsec_")


@pytest.mark.parametrize("name", ["", "Kabar", "-a", "a b", "a" * 65])
def test_a_name_that_cannot_be_is_refused_in_one_line(saring: Saring, name: str) -> None:
    result = saring("site", "add", "--", name)
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_a_key_is_rotated(saring: Saring, services: Services, site: Credentials, clock: Clock) -> None:
    key = saring("site", "rotate-key", "news.example", "--at-once").output.strip()
    clock.forward(minutes=1)  # the command has the clock of the wall
    with services.store.read() as tx:
        assert Sites(tx).by_key(key) is not None
        assert Sites(tx).by_key(site.api_key) is None


def test_a_user_can_sign_in(saring: Saring, services: Services, site: Credentials) -> None:
    assert (
        saring("user", "add", "ayu@news.example", "--site", "news.example", "--password", "correct horse").exit_code
        == 0
    )
    assert sign_in(services.store, "ayu@news.example", "correct horse")
    assert (
        "no site" in saring("user", "add", "x@news.example", "--site", "nowhere", "--password", "correct horse").output
    )


def test_a_lost_second_factor_is_taken_away(saring: Saring, services: Services, site: Credentials) -> None:
    ayu = add_user(services.store, "ayu@news.example", "Ayu", "correct horse", site.site_id, "admin")
    with services.store.begin() as tx:
        Users(tx).change(ayu, totp_secret="A" * 32, totp_at=tx.now)
    assert isinstance(sign_in(services.store, "ayu@news.example", "correct horse"), HalfIn)
    assert saring("user", "reset-second-factor", "ayu@news.example").exit_code == 0
    assert isinstance(sign_in(services.store, "ayu@news.example", "correct horse"), str)
    unknown = saring("user", "reset-second-factor", "nobody@news.example")
    assert (unknown.exit_code, "nobody has the e-mail address" in unknown.output) == (1, True)


def test_a_policy_is_shown_changed_and_shown_again(saring: Saring, services: Services, site: Credentials) -> None:
    shown = json.loads(saring("policy", "show", "news.example").stdout)
    shown["links"]["max"] = 7
    assert "version 2" in saring("policy", "set", "news.example", "-", stdin=json.dumps(shown)).output
    with services.store.read() as tx:
        assert Policies(tx, site.site_id).current().max_links == 7
    wrong = saring("policy", "set", "news.example", "-", stdin='{"links": {"max": "many"}}')
    assert (wrong.exit_code, "links.max" in wrong.output) == (1, True)
    assert saring("policy", "set", "news.example", "-", stdin="{").exit_code == 1


def test_a_policy_is_tried_without_storing(saring: Saring, services: Services, site: Credentials) -> None:
    tried = saring("policy", "try", "news.example", "Terima kasih, beritanya jelas.", "dasar anjing goblok lo")
    assert tried.output.startswith("approve")
    assert "insult" in tried.output
    with services.store.read() as tx:
        assert Comments(tx, site.site_id).page() == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", "nr,comment\n1,Halo semua\n2,Terima kasih\n"),
        ("plain.tsv", "comment\tnr\nHalo semua\t1\nTerima kasih\t2\n"),
        ("plain.jsonl", '{"text": "Halo semua"}\n\n{"text": "Terima kasih"}\n'),
        (
            "ours.jsonl",
            (
                '{"id": "1", "text": "Halo", "author": {"id": "u"}}\n'
                '{"id": "2", "text": "Hai", "author": {"id": "u"}, "thread": "t"}\n'
            ),
        ),
    ],
)
def test_a_file_is_imported_once(
    saring: Saring, services: Services, site: Credentials, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    for _ in range(2):
        result = saring("import", str(tmp_path / name), "--site", "news.example")
        assert "2 comments taken in, 0 rows refused" in result.output
    with services.store.read() as tx:
        assert len(Comments(tx, site.site_id).page()) == 2


def test_a_row_that_cannot_be_is_named_and_the_others_are_taken(
    saring: Saring, services: Services, site: Credentials, tmp_path: Path
) -> None:
    (tmp_path / "some.jsonl").write_text(
        json.dumps({"text": "Halo"}) + "\n" + json.dumps({"text": "a" * 20_001}) + "\n"
    )
    result = saring("import", str(tmp_path / "some.jsonl"), "--site", "news.example")
    assert "1 comments taken in, 1 rows refused" in result.output
    assert "row 2" in result.output


def test_a_file_without_a_text_column_says_which_there_are(saring: Saring, site: Credentials, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n")
    result = saring("import", str(tmp_path / "odd.csv"), "--site", "news.example")
    assert (result.exit_code, "a, b" in result.output) == (1, True)


def test_an_export_has_every_comment(saring: Saring, services: Services, site: Credentials, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": f"Halo {n}"}) + "\n" for n in range(3)))
    saring("import", str(tmp_path / "in.jsonl"), "--site", "news.example")
    score_batch(services.store, services.classifier, limit=10, lease=30)
    with services.store.read() as tx:
        first = Comments(tx, site.site_id).page()[0]
    decide_by_api(first.id, Action.REJECT, "off topic", None, site.site_id, services.store)
    assert saring("export", str(tmp_path / "out.jsonl"), "--site", "news.example").exit_code == 0
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(lines) == 3
    assert {line["status"] for line in lines} == {"approved", "rejected"}


def test_the_doctor_finds_all_well_and_says_how_to_mend_what_is_not(saring: Saring, settings: Settings) -> None:
    well = saring("doctor")
    assert (well.exit_code, "WRONG" in well.output) == (0, False)
    assert re.search(r"ok +clocks +[+-]0\.\d s ahead of the database's", well.output)
    assert re.search(r"ok +metrics +/.+/metrics can be written to", well.output)
    ill = CliRunner().invoke(
        main,
        ["doctor"],
        env={
            "SARING_DATA_DIR": str(settings.data_dir),
            "SARING_DATABASE_URL": settings.database_url,
            "SARING_REDIS_URL": "redis://127.0.0.1:1/0",
        },
    )
    assert ill.exit_code == 1
    assert "SARING_REDIS_URL" in ill.output


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["site", "list"], env={"SARING_DATA_DIR": str(tmp_path), "SARING_PORT": "many"})
    assert result.exit_code == 2
    assert "SARING_PORT is 'many'" in result.output


def test_the_first_run_makes_a_site_and_an_admin_once(services: Services, settings: Settings) -> None:
    told = first_run(services, settings)
    assert told is not None
    kept = settings.data_dir / "first-run.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(kept.read_text())) == {"url", "email", "password", "site", "api_key", "webhook_secret"}
    assert sign_in(services.store, told.email, told.password)
    assert first_run(services, settings) is None


def test_the_database_is_upgraded_and_says_where_it_is(saring: Saring) -> None:
    newest = migrations.newest()
    assert f"database is at {newest}\n" in saring("db", "upgrade").output
    assert f"has {newest}, wants {newest}" in saring("db", "current").output


def test_what_a_site_chose_for_other_services_is_shown_and_changed(
    saring: Saring, services: Services, site: Credentials
) -> None:
    shown = json.loads(saring("compat", "show", "news.example").stdout)
    assert (shown["on_failure"], shown["budget_ms"]) == ("open", 150)
    wanted = ("on_failure=closed", "budget_ms=200", "akismet_discard=0.9", "openai_thresholds.hate=0.4")
    assert saring("compat", "set", "news.example", *wanted).exit_code == 0
    saring("compat", "set", "news.example", "akismet_discard=null", "openai_thresholds.violence=0.3")
    shown = json.loads(saring("compat", "show", "news.example").stdout)
    assert (shown["on_failure"], shown["budget_ms"], shown["akismet_discard"]) == ("closed", 200, None)
    assert shown["openai_thresholds"] == {"hate": 0.4, "violence": 0.3}
    saring("compat", "set", "news.example", "openai_thresholds.hate=null", "openai_thresholds.violence=null")
    assert json.loads(saring("compat", "show", "news.example").stdout)["openai_thresholds"] == {}


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ("budget_ms=fast", "budget_ms is 'fast': give a whole number of milliseconds from 20"),
        ("budget_ms", "'budget_ms' is no choice: give NAME=VALUE"),
        ("speed=3", "compat has no field 'speed'"),
        ("openai_thresholds.rudeness=0.3", "has no category 'rudeness'"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_choice_that_cannot_be_is_refused_in_one_line(
    saring: Saring, site: Credentials, choice: str, says: str
) -> None:
    result = saring("compat", "set", "news.example", choice)
    assert (result.exit_code, says in result.output, result.output.count("\n")) == (1, True, 1)


def test_secrets_of_platforms_are_added_listed_and_removed(
    saring: Saring, services: Services, site: Credentials
) -> None:
    made = saring("compat", "secret", "add", "news.example", "coral").stdout.strip()
    given = saring("compat", "secret", "add", "news.example", "coral", "--from", "-", stdin="made by Coral itself\n")
    assert "Coral" not in given.output
    with services.store.read() as tx:
        assert PlatformSecrets(tx, site.site_id).of("coral") == ["made by Coral itself", made]
    listed = saring("compat", "secret", "list", "news.example").stdout
    assert (made[:4] in listed, made in listed) == (True, False)
    several = saring("compat", "secret", "remove", "news.example", "coral")
    assert (several.exit_code, "coral has 2 secrets" in several.output) == (1, True)
    id = listed.splitlines()[0].split()[-1]
    assert saring("compat", "secret", "remove", "news.example", "coral", id).exit_code == 0
    assert saring("compat", "secret", "remove", "news.example", "coral").exit_code == 0
    assert "No secret yet" in saring("compat", "secret", "list", "news.example").output
    assert saring("compat", "secret", "remove", "news.example", "coral").exit_code == 1


@pytest.mark.parametrize("stdin", ["", "short\n", b"\xff\xfe is no text in UTF-8\n", "x" * 100_000])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_secret_that_cannot_be_is_refused(saring: Saring, site: Credentials, stdin: str | bytes) -> None:
    refused = saring("compat", "secret", "add", "news.example", "coral", "--from", "-", stdin=stdin)
    assert (refused.exit_code, "short" in refused.output) == (1, False)
    assert refused.output.startswith("Error: the ")


def test_a_name_that_no_site_can_have_is_no_sites(saring: Saring, site: Credentials) -> None:
    refused = saring("compat", "show", "\udcff\udcfe")
    assert (refused.exit_code, refused.output) == (1, "Error: there is no site '\\udcff\\udcfe'\n")
