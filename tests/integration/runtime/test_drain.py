"""Taking a web server out of service under load: what it took in it answers, and another one takes over."""

import http.client
import json
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from service.bootstrap import Services
from service.cli.worker import get_status
from service.moderation.sites import Credentials
from service.settings import Settings
from service.store.comments import Comments
from tests.factories import a_sent_comment
from tests.integration.runtime.webs import Web, start
from tests.unit.runtime.tree import until

PATIENCE = 20.0


class Sender(threading.Thread):
    """A site's connection: one comment after the other, each sent again until it is acknowledged."""

    def __init__(self, port: int, key: str) -> None:
        super().__init__()
        self.port, self.key = port, key
        self.stop = threading.Event()
        self.acknowledged: set[str] = set()
        self.torn: list[str] = []
        self.again = 0

    def run(self) -> None:
        connection = self._connect()
        while not self.stop.is_set():
            comment = a_sent_comment()
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                try:
                    status = self._post(connection, comment)
                except http.client.IncompleteRead as error:
                    self.torn.append(repr(error))
                except (OSError, http.client.HTTPException):
                    pass
                else:
                    assert status in {200, 202}
                    self.acknowledged.add(comment["id"])
                    break
                connection.close()
                self.again += 1
                time.sleep(0.02)
                connection = self._connect()
        connection.close()

    def _post(self, connection: http.client.HTTPConnection, comment: dict[str, object]) -> int:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/comments", json.dumps(comment), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)


@pytest.fixture
def senders(web_settings: Settings, site: Credentials) -> Iterator[list[Sender]]:
    made = [Sender(web_settings.port, site.api_key) for _ in range(6)]
    yield made
    for sender in made:
        sender.stop.set()
        if sender.is_alive():
            sender.join(PATIENCE + 5)


def stored(services: Services, site: Credentials) -> list[str]:
    found: list[str] = []
    with services.store.read() as tx:
        comments, cursor = Comments(tx, site.site_id), None
        while page := comments.page(cursor=cursor, limit=500):
            found += [row.site_comment_id for row in page]
            cursor = page[-1].id
    return found


def test_a_lone_server_answers_what_it_took_in_and_ends(
    services: Services, site: Credentials, web_settings: Settings, webs: list[Web], senders: list[Sender]
) -> None:
    web = start(webs, web_settings)
    for sender in senders:
        sender.start()
    until(lambda: sum(len(sender.acknowledged) for sender in senders) > 60, seconds=20)
    web.process.send_signal(signal.SIGTERM)
    assert web.process.wait(15) == 0
    # at its end each comment that it stored was acknowledged: nothing was taken in and left without an answer
    until(lambda: set(stored(services, site)) <= set().union(*(sender.acknowledged for sender in senders)), seconds=5)
    assert get_status(web_settings, "/readyz", timeout=1) is None
    assert [sender.torn for sender in senders if sender.torn] == []

    another = start(webs, web_settings)
    for sender in senders:
        sender.stop.set()
        sender.join(PATIENCE + 5)
    assert another.process.poll() is None
    acknowledged = set().union(*(sender.acknowledged for sender in senders))
    kept = stored(services, site)
    assert sorted(acknowledged) == sorted(kept)


def test_a_second_server_on_the_port_takes_over_without_a_gap(
    services: Services, site: Credentials, web_settings: Settings, webs: list[Web], senders: list[Sender]
) -> None:
    old = start(webs, web_settings)
    for sender in senders:
        sender.start()
    new = start(webs, web_settings)
    old.process.send_signal(signal.SIGTERM)
    assert old.process.wait(15) == 0
    at_the_change = sum(len(sender.acknowledged) for sender in senders)
    until(lambda: sum(len(sender.acknowledged) for sender in senders) > at_the_change + 60, seconds=20)
    for sender in senders:
        sender.stop.set()
        sender.join(PATIENCE + 5)
    assert new.process.poll() is None
    assert sorted(set().union(*(sender.acknowledged for sender in senders))) == sorted(stored(services, site))
    # each connection broke at most a few times, when the old server closed it
    assert max(sender.again for sender in senders) <= 5
