"""How the time that a text takes grows with its length: measured in one run, so that a slow or busy machine changes nothing."""

import time
from collections.abc import Callable

SMALLER = 4
LINEAR = 10.0
"""Four times the text may take so many times as long: about 4 is linear, 16 is quadratic."""

ROUNDS = 9
LEAST = 3e-4  # seconds: below it a clock says little


def growth(act: Callable[[str], object], text_of: Callable[[int], str], size: int) -> float:
    """Processor time of `act` for a text of `size` over that for a quarter of it, measured again while it looks too much."""
    large = small = float("inf")
    for _ in range(ROUNDS):
        small, large = min(small, _seconds(act, text_of(size // SMALLER))), min(large, _seconds(act, text_of(size)))
        if large / small < LINEAR:
            break
    return large / small


def _seconds(act: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    act(text)
    return max(time.process_time() - began, LEAST)
