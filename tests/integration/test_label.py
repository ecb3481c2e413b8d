"""Labels that come from elsewhere, on both databases."""

from service.moderation.label import label
from service.moderation.sites import Credentials
from service.store import Store
from service.store.labels import NewLabel


def test_a_repeated_label_is_one_label(store: Store, site: Credentials, other_site: Credentials) -> None:
    mine = NewLabel("perspective", "c1", "toxicity", 1, text="Dasar goblok")
    assert label([mine], site.site_id, store) == 1
    assert label([mine, NewLabel("perspective", "c1", "insult", 1)], site.site_id, store) == 2
    assert label([mine], other_site.site_id, store) == 1
    assert label([], site.site_id, store) == 0
