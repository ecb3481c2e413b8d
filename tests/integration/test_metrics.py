"""What the dashboard, the alerts and the documentation name is what a running Saring tells."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.app import create_app
from service.bootstrap import Services, build
from service.domain.decision import Action
from service.moderation.decide import decide_by_api
from service.moderation.score import score_batch
from service.moderation.sites import Credentials
from service.runtime import watch
from service.settings import Settings
from tests.api import Api
from tests.factories import a_sent_comment

ROOT = Path(__file__).parents[2]
RULES = ROOT / "ops/prometheus/alerts.yml"
PAGE = (ROOT / "docs/metrics.md").read_text("utf-8")
COMPOSE = Path(sys.executable).parent / "docker-compose"


def samples(api: Api) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample by its name and the values of its labels, in the order of their names."""
    told = api.get("/metrics").text
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(told)
        for sample in family.samples
    }


@pytest.fixture
def before(api: Api) -> dict[tuple[str, tuple[str, ...]], float]:
    """What other tests of this process have counted."""
    return samples(api)


@pytest.fixture
def traffic(before: object, api: Api, services: Services, site: Credentials) -> str:
    """A comment sent twice, edited, scored, decided; and a request that was refused. The comment's id."""
    watch.start("", "web")
    comment = a_sent_comment(id="m1")
    id: str = api.post("/v1/comments", comment).json["id"]
    api.post("/v1/comments", comment)
    api.post("/v1/comments", {**comment, "text": "Another text"})
    api.post("/v1/comments", a_sent_comment(id="m2"))
    score_batch(services.store, services.classifier, limit=10, lease=30)
    decide_by_api(id, Action.REJECT, None, None, site.site_id, services.store)
    api.get("/v1/comments/nobody")
    api.get("/no/such/path/of/somebody")
    return id


def test_each_step_of_a_comment_is_counted(
    before: dict[tuple[str, tuple[str, ...]], float], traffic: str, api: Api
) -> None:
    after = samples(api)

    def more(name: str, *labels: str) -> float:
        return after[name, labels] - before.get((name, labels), 0.0)

    assert more("saring_comments_accepted_total", "new") == 2
    assert more("saring_comments_accepted_total", "edit") == 1
    assert more("saring_comments_accepted_total", "known") == 1
    assert more("saring_comments_scored_total") == 2
    assert more("saring_batch_seconds_count", "score") == 1
    # an edit does not say how long its text has waited
    assert more("saring_decided_seconds_count") == 1
    assert more("saring_decisions_total", "reject", "api") == 1
    assert more("saring_requests_total", "POST", "/v1/comments", "2xx") == 4
    assert more("saring_request_seconds_count", "POST", "/v1/comments") == 4
    assert more("saring_refused_total", "not_found") == 1
    assert more("saring_requests_total", "unknown", "unknown", "4xx") == 1


def test_no_label_holds_what_somebody_sent(traffic: str, api: Api) -> None:
    told = api.get("/metrics").text
    assert traffic not in told
    assert "nobody" not in told
    assert "somebody" not in told
    assert "m1" not in told


def test_what_waits_for_a_commit_is_not_done_when_there_is_none(services: Services) -> None:
    called: list[str] = []

    def fail() -> None:
        with services.store.begin() as tx:
            tx.after_commit.append(lambda: called.append("rolled back"))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with services.store.begin() as tx:
        tx.after_commit.append(lambda: called.append("committed"))
        assert called == []
    assert called == ["committed"]


def exposed(api: Api) -> set[str]:
    return {name for name, _ in samples(api)}


def test_every_metric_on_the_dashboard_exists(traffic: str, api: Api) -> None:
    board = json.loads((ROOT / "ops/grafana/saring.json").read_text("utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(asked) > 15
    named = {name for expr in asked for name in re.findall(r"\bsaring_\w+", expr)}
    assert named - exposed(api) == set()


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The alerts, read as YAML by the reader that we have: Compose takes any document below a key `x-…`."""
    inside = "".join(f"  {line}\n" for line in RULES.read_text("utf-8").splitlines())
    file = tmp_path_factory.mktemp("rules") / "compose.yml"
    file.write_text(f"services: {{}}\nx-rules:\n{inside}", "utf-8")
    command = [str(COMPOSE), "--file", str(file), "config", "--format", "json", "--no-interpolate"]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    groups = json.loads(told.stdout)["x-rules"]["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_every_alert_asks_for_what_exists_and_says_what_to_do(
    rules: list[dict[str, Any]], traffic: str, api: Api
) -> None:
    assert len({rule["alert"] for rule in rules}) == len(rules) == 11
    known = exposed(api)
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["mend"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert re.fullmatch(r"[0-9]+[smh]", rule.get("for", "0s"))
        assert set(re.findall(r"\bsaring_\w+", rule["expr"])) <= known
        assert re.search(r"\b(saring_\w+|up)\b", rule["expr"])


def test_promtool_takes_the_rules_and_the_example_where_it_is_installed() -> None:
    """Beside the structural check above, which always runs."""
    promtool = shutil.which("promtool")
    for what, file in (("rules", RULES), ("config", RULES.with_name("prometheus.yml"))):
        assert file.is_file()
        if promtool:
            run = subprocess.run(
                [promtool, "check", what, str(file)], check=False, capture_output=True, text=True, timeout=60
            )
            assert run.returncode == 0, run.stderr


def test_the_page_names_what_is_exposed_and_no_other(traffic: str, api: Api) -> None:
    told = api.get("/metrics").text
    families = re.findall(r"^# TYPE (saring_\w+) (\w+)$", told, re.MULTILINE)
    exposed_types = {name: kind for name, kind in families if not name.endswith("_created")}
    rows = re.findall(r"^\| `(saring_\w+)` \| (\w+)", PAGE, re.MULTILINE)
    assert dict(rows) == exposed_types


@pytest.fixture
def without_a_database(settings: Settings, model: object, tmp_path: Path) -> Iterator[Api]:
    services = build(replace(settings, database_url="postgresql+psycopg://saring@127.0.0.1:1/saring"))
    services.__dict__["classifier"] = model
    yield Api(create_app(services).test_client(), "none")
    services.store.close()


def test_without_the_database_the_metrics_say_so(without_a_database: Api) -> None:
    told = samples(without_a_database)
    assert told["saring_part_up", ("database",)] == 0
    assert told["saring_part_up", ("broker",)] == 1
