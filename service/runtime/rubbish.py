"""How often Python looks for rubbish: seldom, in processes that work in batches."""

import gc

MANY = 50_000
"""New objects between two looks; a batch of 1,000 comments makes some 30,000, of which nearly all go by themselves."""


def look_seldom() -> None:
    """Look for circles of dead objects seldom, and never among what is there now. To be called once everything is loaded.

    By default each 700 new objects bring a look, and some looks go over all that the process holds: a quarter of a worker's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(MANY, 20, 20)
