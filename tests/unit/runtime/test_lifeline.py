"""A process that is told to end has its act done, though the server sets its own function for the signal later."""

import signal
import subprocess
import sys
import time

SERVER = """
import os, signal, time
from service.runtime.lifeline import on_stop
on_stop(lambda: os.write(1, b"acted\\n"))
signal.signal(signal.SIGTERM, lambda *_: os.write(1, b"server\\n"))
signal.signal(signal.SIGHUP, lambda *_: None)
print("ready", flush=True)
for _ in range(50):
    time.sleep(0.1)
"""


def test_what_shall_happen_at_a_stop_happens_beside_the_servers_own() -> None:
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert {process.stdout.readline() for _ in range(2)} == {"acted\n", "server\n"}
        process.kill()


QUICK = """
import os, signal, sys, time
from service.runtime.lifeline import on_stop
on_stop(lambda: (time.sleep(0.5), os.write(1, b"acted\\n")))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("ready", flush=True)
time.sleep(20)
"""


def test_a_process_ends_after_what_shall_happen_at_a_stop_though_its_server_is_done_before() -> None:
    with subprocess.Popen([sys.executable, "-c", QUICK], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "acted\n"
        assert process.wait(10) == 0
