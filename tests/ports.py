"""Ports for servers that tests start."""

import os
import random
import socket


def a_free_port() -> int:
    """A port that nobody listens on now, from a range that no other process of this test run takes ports from.

    Several of our servers may listen on one port, so two tests that were given the same would answer each other's requests.
    """
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 20_000 + 1_000 * process
    for port in random.sample(range(first, first + 1_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"100 ports from {first} on are taken")
