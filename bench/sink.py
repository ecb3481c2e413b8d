"""A receiver of webhooks that costs next to nothing: a process of its own that answers 204 and counts."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

TAKEN = b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n"


@dataclass
class Counts:
    """What arrived so far."""

    connections: int = 0
    requests: int = 0


class Door(asyncio.Protocol):
    """One connection. Reads no more of a request than where it ends; `GET` is asked by the bench, for the counts."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.arrived = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connects."""
        self.transport = transport
        self.counts.connections += 1

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self.arrived += data
        while (end := self.arrived.find(b"\r\n\r\n")) >= 0:
            head = self.arrived[:end].lower()
            _, _, length = head.partition(b"content-length:")
            size = end + 4 + int(length.split(b"\r\n", 1)[0] or 0)
            if len(self.arrived) < size:
                return
            self.arrived = self.arrived[size:]
            self.answer(head)

    def answer(self, head: bytes) -> None:
        """Say thanks, or how many there were."""
        assert isinstance(self.transport, asyncio.WriteTransport)
        if head.startswith(b"get"):
            self.counts.connections -= 1
            told = json.dumps(vars(self.counts)).encode()
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(told) + told)
            return
        self.counts.requests += 1
        self.transport.write(TAKEN)


@dataclass(frozen=True)
class Sink:
    """A running receiver."""

    url: str

    def counts(self) -> Counts:
        """What arrived so far. Asking is a connection, too, and is not counted."""
        return Counts(**httpx.get(self.url, trust_env=False).json())


@contextmanager
def sink() -> Iterator[Sink]:
    """A receiver in a process of its own, for as long as the block."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        argv = [sys.executable, "-m", "bench.sink", str(listener.fileno())]
        process = subprocess.Popen(argv, pass_fds=[listener.fileno()])
        try:
            yield Sink(f"http://127.0.0.1:{listener.getsockname()[1]}/hooks/saring")
        finally:
            process.terminate()
            process.wait(10)


async def _serve(file: int) -> None:
    counts = Counts()
    server = await asyncio.get_running_loop().create_server(lambda: Door(counts), sock=socket.socket(fileno=file))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
