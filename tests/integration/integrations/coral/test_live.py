"""A live server and what Coral's own language makes of its requests: signed over the bytes that `JSON.stringify` gives."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from service.bootstrap import Services
from service.moderation.sites import Credentials
from service.store.compat import PlatformSecrets
from tests.clients.live import served
from tests.clients.node import RunNode
from tests.integration.integrations.coral.conftest import NAMED, PHASE_SECRET, a_request
from tests.integration.integrations.coral.strict import RESPONSE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ASK = """
import crypto from "node:crypto";
const told = [];
for (const request of JSON.parse(process.env.REQUESTS)) {
  const body = JSON.stringify(request, null, 2);
  const signature = "sha256=" + crypto.createHmac("sha256", process.env.SECRET).update(body).digest("hex");
  const response = await fetch(process.env.URL_, {
    method: "POST",
    redirect: "manual",
    headers: {
      "Content-Type": "application/json",
      "X-Coral-Signature": signature,
      "User-Agent": "Coral Moderation/9.10.0",
    },
    body,
  });
  const text = await response.text();
  told.push([response.status, text === "" ? null : JSON.parse(text)]);
}
console.log(JSON.stringify(told));
"""


@pytest.fixture
def url(services: Services, site: Credentials) -> Iterator[str]:
    """Where the phase is set to."""
    with services.store.begin() as tx:
        PlatformSecrets(tx, site.site_id).add("coral", PHASE_SECRET)
    with served(services) as base:
        yield base + NAMED


def test_insults_outrank_thanks_in_both_languages(url: str, node_clients: RunNode) -> None:
    bodies = ["terima kasih, artikelnya bagus", "<b>thank</b> you, great article ☕\ud83d",
              "kamu <b>bodoh</b> sekali, tolol \ud83d", "you are a stupid idiot \U0001f600 &amp; more"]  # fmt: skip
    requests: list[Any] = [a_request(body) for body in bodies]
    told = node_clients(ASK, {"URL_": url, "SECRET": PHASE_SECRET, "REQUESTS": json.dumps(requests)})
    assert told[:2] == [[204, None]] * 2
    for status, answer in told[2:]:
        assert status == 200
        assert RESPONSE(answer, "answer") == answer
        assert answer["status"] in ("SYSTEM_WITHHELD", "REJECTED")
    wrong = node_clients(ASK, {"URL_": url, "SECRET": "empsec_wrong", "REQUESTS": json.dumps(requests[:1])})
    assert wrong[0][0] == 401
