"""Keep labels: judgements that come from elsewhere, for training and for nothing else."""

from collections.abc import Sequence

from service.store import Store
from service.store.labels import Labels, NewLabel


def label(labels: Sequence[NewLabel], site_id: str, store: Store) -> int:
    """Keep labels of a site; how many. A repeat replaces what it said before. Atomic: all are kept or none.

    Raises: NotFound, when one is of a comment that is not there.
    """
    with store.begin() as tx:
        return Labels(tx, site_id).put(labels)
