"""For desks that are open for hours: whether something has changed, and whether they may still look."""

import hashlib

from service.domain.user import Role
from service.moderation.sign_in import IDLE, hash_of
from service.store import Store
from service.store.pulse import Pulse
from service.store.users import Sessions, Users


def pulse(store: Store, site_id: str) -> str:
    """A word that is another one when something has changed in the site's queues. Costs the same in a full queue."""
    with store.read() as tx:
        beat = Pulse(tx, site_id).beat()
    return hashlib.sha256(repr(beat).encode()).hexdigest()[:16]


def may_still_look(store: Store, token: str, site_id: str) -> bool:
    """True while the session of this token lives and its person works for the site.

    Being asked is no use of the session: a desk that is left open must not keep it alive.
    """
    with store.read() as tx:
        seen = Sessions(tx).seen(hash_of(token), IDLE)
        sites = Users(tx).memberships(seen[0]) if seen else ()
    return any(one.site_id == site_id and one.role.allows(Role.VIEWER) for one in sites)
