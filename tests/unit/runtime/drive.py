"""Runs a supervisor over children that are described in JSON: it owns its process's signals, so tests give it one."""

import json
import sys
from pathlib import Path

from service.runtime.supervisor import Child, Supervisor


def say_ready() -> None:
    """Tell the test."""
    sys.stdout.write("ready\n")


children = []
for fields in json.loads(sys.argv[1]):
    if gate := fields.pop("gate", None):
        fields["ready"] = Path(gate).exists
    if recovered := fields.pop("recovered", None):
        fields["recover"] = Path(recovered).touch
    if heartbeat := fields.pop("heartbeat", None):
        fields["heartbeat"] = Path(heartbeat)
    children.append(Child(**fields))
sys.exit(Supervisor(children, on_ready=say_ready).run())
