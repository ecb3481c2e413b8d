"""Whatever comes in OpenAI's or Coral's format, the answer is theirs and never an error of ours."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.bootstrap import Services
from service.moderation.sites import Credentials
from service.store.compat import PlatformSecrets
from tests.api import Api
from tests.integration.integrations.coral.conftest import PHASE_SECRET, Coral
from tests.integration.integrations.coral.strict import as_coral_reads

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

texts = st.text(st.characters(codec=None), max_size=40)
plain = st.none() | st.booleans() | st.integers() | st.floats() | texts
anything = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=8
)
parts = st.fixed_dictionaries(
    {}, optional={"type": st.sampled_from(["text", "image_url"]) | anything, "text": texts | anything}
)
inputs = anything | st.lists(parts | texts, max_size=4)

some = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@some
@given(body=st.fixed_dictionaries({}, optional={"input": inputs, "model": anything}) | anything)
def test_openai(api: Api, body: Any) -> None:
    answer = api.call("POST", "/v1/moderations", data=json.dumps(body), content_type="application/json")
    assert answer.status_code in (200, 400, 404)
    if answer.status_code != 200:
        assert set(answer.json["error"]) == {"message", "type", "param", "code"}


@some
@given(
    changed=st.fixed_dictionaries(
        {},
        optional={
            "action": anything,
            "comment": st.fixed_dictionaries({"body": texts | anything}, optional={"parentID": anything}) | anything,
            "author": st.fixed_dictionaries({"id": texts | anything}, optional={"role": anything}) | anything,
            "story": st.fixed_dictionaries({"id": texts | anything}, optional={"url": texts | anything}) | anything,
        },
    )
)
def test_coral(api: Api, services: Services, site: Credentials, changed: dict[str, Any]) -> None:
    check_coral(api, services, site, changed)


@some
@given(body=st.text('<>/ab"=& ;#x0!-pr\x00é', max_size=60))
def test_coral_with_any_markup(api: Api, services: Services, site: Credentials, body: str) -> None:
    check_coral(api, services, site, {"comment": {"body": body}})


def check_coral(api: Api, services: Services, site: Credentials, changed: dict[str, Any]) -> None:
    with services.store.begin() as tx:
        secrets = PlatformSecrets(tx, site.site_id)
        if not secrets.of("coral"):
            secrets.add("coral", PHASE_SECRET)
    answer = Coral(api.client.application).moderate(**changed)  # type: ignore[arg-type]
    if answer.status_code in (400, 422):
        assert answer.content_type == "application/problem+json"
    else:
        as_coral_reads(answer)
