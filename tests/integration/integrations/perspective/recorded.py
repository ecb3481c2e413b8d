"""Requests as programs send them that can't run in a test; each file is a request's body."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "requests"


def recorded(name: str) -> dict[str, Any]:
    """A request's body by the name of who sends it."""
    body: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return body
