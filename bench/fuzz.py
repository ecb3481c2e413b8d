"""`python -m bench.fuzz`: thousands of requests, right and wrong ones, made from the API's own description of itself."""

import math
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import click
import requests
import schemathesis
from hypothesis.strategies import SearchStrategy, datetimes, just
from requests.auth import AuthBase
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.schemas import BaseSchema

from bench.saring import Site, end_in_order, saring
from service.webhooks.signing import sign

SITE = "fuzz.example"

CASES = 20_000
FIRST = 30
"""Of each operation in the first round, in which all that the description names is tried too (schemathesis' coverage phase)."""

FEW = 8
"""Of each operation in every round of a short run."""

LATER = 120
"""Of each operation in every other round."""

NUL_EVERY = 4
"""Each so manieth round has NUL in its texts, which no schema forbids and no database keeps: it may be refused there."""

REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "422", "429"]
ACCEPTED = ["2xx", "401", "404", "409", "429"]
TOO_LONG = ["413"]
"""How wrong data and right ones may be answered, and both when they are longer than a body may be."""

SECONDS = 1_800.0
"""After so many it gives up. 20,000 cases took 18 minutes on two cores that others were busy on too."""

SHOWN = 20
"""Findings told in full."""

LONGEST = 2_000
"""Characters of each."""

NO_LIMIT = {"pending_limit": "100000000", "rate_limit": "", "log_level": "warning"}


@dataclass(frozen=True)
class Finding:
    """What was wrong with an answer, and the request that brings it about again."""

    operation: str
    title: str
    message: str
    request: str
    answer: str
    seed: int

    def __str__(self) -> str:
        lines = [
            f"{self.operation}: {self.title} (SEED={self.seed})",
            *map(_cut, (self.message, self.answer, self.request)),
        ]
        return "\n".join(lines).replace("\n", "\n    ")


@dataclass
class Found:
    """What a run came to: how many cases were tried, how they were answered, and what was wrong."""

    cases: int = 0
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def met(self) -> bool:
        """True when nothing was wrong, neither with the answers nor with the run."""
        return not self.findings and not self.errors


class Signed(AuthBase):
    """A site's credentials: its key, and at the doors for webhooks a signature over what is really sent."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add what the request needs to be heard."""
        path = urlsplit(prepared.url or "").path
        if not str(path).startswith("/v1/webhooks"):
            prepared.headers["Authorization"] = f"Bearer {self._site.api_key}"
            return prepared
        body = prepared.body or b""
        sent = body if isinstance(body, str) else bytes(body).decode("utf-8", "replace")
        # what is not UTF-8 can't be signed: it is refused before anything of it is read
        signature = sign([self._site.webhook_secret], f"msg_{uuid4().hex}", datetime.now(UTC), sent.encode())
        prepared.headers.update({"X-Saring-Site": SITE, **signature})
        return prepared


def times() -> SearchStrategy[str]:
    """Times that a comment may have: that they lie between 1970 and 2200 no schema can say."""
    return datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30), timezones=just(UTC)).map(datetime.isoformat)  # noqa: DTZ001


schemathesis.openapi.format("date-time", times())


def fuzz(
    url: str,
    site: Site,
    cases: int,
    seed: int,
    seconds: float,
    told: Callable[[Found], None] = lambda _: None,
    few: bool = False,
) -> Found:
    """Try so many cases on a running Saring with a site named SITE, in rounds with a seed each, beginning with `seed`.

    The first round tries all that the description names, some thousand cases, unless there are to be `few`: then all rounds are
    short, so that each operation has some of them. Ends early, and says so among the errors, after so many seconds.
    """
    found, until = Found(), time.monotonic() + seconds
    while found.cases < cases:
        left = until - time.monotonic()
        if left <= 0:
            found.errors.append(f"{found.cases} of {cases} cases took {seconds:.0f} s: SEED={seed} goes on from here")
            break
        schema = _schema(url, site, seed, left, FEW if few else LATER if found.cases else FIRST)
        _round(schema, seed, cases, found, told)
        seed += 1
    return found


def _schema(url: str, site: Site, seed: int, seconds: float, each: int) -> BaseSchema:
    first, nul = each == FIRST, seed % NUL_EVERY == 0
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "max-time": max(1, math.ceil(seconds)),
            "base-url": url,
            "continue-on-failure": True,
            "request-timeout": 60,
            "suppress-health-check": ["all"],
            "generation": {"mode": "all", "max-examples": each, "database": "none", "allow-x00": nul},
            "phases": {"coverage": {"enabled": first}, "examples": {"enabled": first}},
            "cache": {"enabled": False},
            "checks": {
                "negative_data_rejection": {"expected-statuses": [*REFUSALS, *TOO_LONG]},
                "positive_data_acceptance": {"enabled": not nul, "expected-statuses": [*ACCEPTED, *TOO_LONG]},
            },
        }
    )
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json", config=config)
    schema.auth.set_from_requests(Signed(site))
    schema.hooks.hook("map_path_parameters")(_to_a_site_that_is_there)
    return schema


def _to_a_site_that_is_there(_context: object, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Every other name of a site becomes ours: behind any other one there is nothing to be found."""
    named = str((path_parameters or {}).get("site", "?"))
    return path_parameters if len(named) % 2 else {**(path_parameters or {}), "site": SITE}


def _round(schema: BaseSchema, seed: int, cases: int, found: Found, told: Callable[[Found], None]) -> None:
    stream = from_schema(schema).execute()
    for event in stream:
        if isinstance(event, events.ScenarioFinished):
            _note(event, seed, found)
            told(found)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            error = event.value if isinstance(event, events.NonFatalError) else event.exception
            found.errors.append(_cut(f"SEED={seed}: {error!r}"))
        if found.cases >= cases:
            stream.stop()


def _note(event: events.ScenarioFinished, seed: int, found: Found) -> None:
    recorder = event.recorder
    found.cases += len(recorder.cases)
    for id, case in recorder.cases.items():
        answered = recorder.interactions.get(id)
        status = answered.response.status_code if answered and answered.response else 0
        found.answers[case.value.operation.label, status] += 1
        for check in recorder.checks.get(id, ()):
            if check.failure_info is not None:
                failure = check.failure_info.failure
                operation = case.value.operation.label
                answer = answered.response.text if answered and answered.response else "no answer"
                request = check.failure_info.code_sample
                finding = Finding(operation, failure.title, failure.message, request, answer, seed)
                found.findings.setdefault((operation, failure.title), finding)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text):,} characters)"


def table(found: Found, seconds: float) -> str:
    """The run for people; its last line says whether it is well."""
    lines = ["", f"{'':44}{'cases':>8}  answered"]
    for operation in sorted({operation for operation, _ in found.answers}):
        statuses = {status: times for (of, status), times in sorted(found.answers.items()) if of == operation}
        shown = ", ".join(f"{times:,} of {status or 'nothing'}" for status, times in statuses.items())
        lines.append(f"{operation:44}{sum(statuses.values()):8,}  {shown}")
    lines += ["", *map(str, list(found.findings.values())[:SHOWN]), *found.errors[:SHOWN], ""]
    of = f"{found.cases:,} cases in {seconds:.0f} s ({found.cases / seconds:.0f} a second)"
    return "\n".join([*lines, f"{of}: {len(found.findings)} findings, {len(found.errors)} errors"])


@click.command()
@click.option("--cases", type=click.IntRange(1), default=CASES, help="How many requests are tried.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, help="The first round's; each round after it has the next one."
)
@click.option("--seconds", type=click.FloatRange(1), default=SECONDS, help="When to give up.")
@click.option("--url", help="A Saring that runs already, with --key and --secret of its site fuzz.example.")
@click.option("--key", default="", help="That site's API key.")
@click.option("--secret", default="", help="That site's webhook secret.")
def main(cases: int, seed: int, seconds: float, url: str | None, key: str, secret: str) -> None:
    """Start a Saring and try what its /openapi.json describes, with data that fit the schemas and data that don't.

    A status 5xx, an answer that the description doesn't foresee or that doesn't fit its schema, wrong data that are taken and
    right ones that are refused are findings; with any the exit code is 1.
    """
    end_in_order()
    began = time.monotonic()
    with ExitStack() as stack:
        if url is None:
            running = stack.enter_context(saring(**NO_LIMIT))
            url, site = running.url, running.add_site(SITE, None)
        else:
            site = Site(key, secret)
        with click.progressbar(length=cases, label="fuzz", file=None if sys.stdout.isatty() else sys.stderr) as bar:
            found = fuzz(url, site, cases, seed, seconds, lambda so_far: bar.update(so_far.cases - bar.pos))
    click.echo(table(found, time.monotonic() - began))
    sys.exit(0 if found.met else 1)


if __name__ == "__main__":
    main()
