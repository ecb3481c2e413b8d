"""Web servers of a test's own."""

import os
import subprocess
import sys
from pathlib import Path

from service.cli.worker import get_status
from service.settings import Settings
from tests.unit.runtime.tree import until


class Web:
    """`saring web` on a port, which another one may share (SO_REUSEPORT)."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.log = settings.data_dir / f"{name}.log"
        env = {
            **os.environ,
            "SARING_DATA_DIR": str(settings.data_dir),
            "SARING_DATABASE_URL": settings.database_url,
            "SARING_REDIS_URL": str(settings.redis_url),
            "SARING_PORT": str(settings.port),
            "SARING_WEB_WORKERS": "1",
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "service.cli", "web"],
                cwd=Path(__file__).parents[3], env={**env, "PYTHONPATH": "."}, stdout=log, stderr=log,
            )  # fmt: skip

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        return "Started worker-1" in self.log.read_text()


def start(webs: list[Web], settings: Settings) -> Web:
    web = Web(settings, f"web-{len(webs)}")
    webs.append(web)
    until(web.ready, seconds=40)
    until(lambda: get_status(settings, "/healthz") == 200, seconds=10)
    return web
