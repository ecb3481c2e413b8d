"""A worker on the real app and broker with tasks that only write down that they ran: `python -m …errands`."""

import os
import sys
from pathlib import Path

from service.runtime.broker import PULSE, QUEUES, celery_app, waker
from service.runtime.logs import set_up_logs
from service.runtime.worker import work
from service.settings import Settings

settings = Settings.from_env()
app = celery_app(settings)
wake = waker(settings)


def note(task: str) -> None:
    with Path(sys.argv[1]).open("a") as file:
        file.write(f"{task}\n")


@app.task(name="score_pending")
def score_pending() -> None:
    wake.awake("score_pending")
    note("score_pending")


@app.task(name="deliver_due")
def deliver_due() -> None:
    wake.awake("deliver_due")
    note("deliver_due")


@app.task(name=PULSE, acks_late=False)
def pulse() -> None:
    note(PULSE)


if __name__ == "__main__":
    set_up_logs(settings, "errands")
    work(app, f"errands@{os.getpid()}", sorted(QUEUES.values()), 1)
