"""Asynchronous clients in tests that are not: Playwright leaves a running loop in the thread of all tests after its own."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def in_own_loop(asked: Coroutine[Any, Any, Result]) -> Result:
    """What the coroutine gives, run to its end in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asked).result()
