"""`saring` with a second reader that needs no weights, and that takes its share of the cores as any other.

python -m tests.integration.runtime.second worker --queue read
"""

from pathlib import Path

import service.bootstrap
import service.runtime.worker
from classifier import Classifier
from classifier.reader.stack import Stack
from service.cli import main
from service.settings import Settings
from tests.encoder import Encoder


def stacked(first: Classifier, _path: Path | None) -> Stack:
    """In place of the one that loads weights; the processes of the pool are forks of this one."""
    return Stack.of(first, Encoder())


def give_way_to_all() -> None:
    """Say that it would: beside other tests it would have to wait for minutes."""
    (Settings.from_env().data_dir / "gave-way").touch()


if __name__ == "__main__":
    service.bootstrap.stacked = stacked
    service.runtime.worker.give_way_to_all = give_way_to_all
    main()
