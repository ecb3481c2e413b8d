"""What a process knows of authors and threads from requests of the last seconds, so that it need not look them up each time.

Only on PostgreSQL, where looking up the authors and threads of 100 comments takes a quarter of a request, and on SQLite none.
An entry is only true while no author of its site was deleted: `sites.authors_version` counts these deletions, and whoever used an
entry sees before its commit that the count is still the same. See `Comments.add_pending`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from service.domain.compat import Terms
from service.store.rows import SiteRow

Rows = dict[str, Sequence[str | None]]
"""The id and the fields of each row, by the site's own id for it."""

KEEP_SECONDS = 30.0
"""How long entries are kept. Another process may have written another name meanwhile, which then stands for so long at most."""

MOST = 50_000
"""Entries kept by a process, some 300 bytes each."""


KEY_LIFE = timedelta(seconds=1)
"""How long another process may go on to let a key in that was ended, and how often each key is looked up under load."""

MOST_KEYS = 10_000
"""Keys kept by a process, and sites' terms."""


@dataclass
class SiteKnown:
    """What is known of one site's rows, at a version of its authors; None before that was read."""

    version: int | None = None
    rows: dict[str, Rows] = field(default_factory=dict)


class Known:
    """What a process knows of every site. Shared by its threads: each dict is only ever added to, or left behind whole."""

    def __init__(self) -> None:
        self._sites: dict[str, SiteKnown] = {}
        self._since = monotonic()
        self._count = 0
        self._keys: dict[str, tuple[datetime, SiteRow]] = {}
        self._terms: dict[str, tuple[datetime, Terms]] = {}

    def site_of_key(self, key: str, now: datetime) -> SiteRow | None:
        """The site that had this API key a moment ago; None when it is not known."""
        at, site = self._keys.get(key, (now, None))
        return site if abs(now - at) < KEY_LIFE else None

    def learn_key(self, key: str, site: SiteRow, now: datetime) -> None:
        """A key was found to be a site's."""
        if len(self._keys) >= MOST_KEYS:
            self._keys = {}
        self._keys[key] = now, site

    def forget_keys(self) -> None:
        """Look every key up anew."""
        self._keys = {}

    def terms(self, site_id: str, now: datetime) -> Terms | None:
        """What a site had settled a moment ago; None when it is not known."""
        at, terms = self._terms.get(site_id, (now, None))
        return terms if abs(now - at) < KEY_LIFE else None

    def learn_terms(self, site_id: str, terms: Terms, now: datetime) -> None:
        """What a site has settled was read."""
        if len(self._terms) >= MOST_KEYS:
            self._terms = {}
        self._terms[site_id] = now, terms

    def forget_terms(self, site_id: str) -> None:
        """Read anew what a site has settled."""
        self._terms.pop(site_id, None)

    def of(self, site_id: str) -> SiteKnown:
        """What is known of a site; nothing, when it was too long ago or has become too much."""
        if monotonic() - self._since > KEEP_SECONDS or self._count > MOST:
            self._sites, self._since, self._count = {}, monotonic(), 0
        return self._sites.setdefault(site_id, SiteKnown())

    def forget(self, site_id: str) -> None:
        """Know nothing of a site."""
        self._sites.pop(site_id, None)

    def learn(self, site: SiteKnown, table: str, rows: Mapping[str, Sequence[str | None]]) -> None:
        """Add rows that are committed."""
        self._count += len(rows)
        site.rows.setdefault(table, {}).update(rows)
