"""Ban an author for a time: what they send until then is rejected by the policy."""

from datetime import timedelta

from service.domain.errors import Invalid, NotFound
from service.moderation.note import checked_note
from service.store import Store
from service.store.bans import BanRow, Bans

MOST_DAYS = 365


def ban(store: Store, site_id: str, user_id: str, author_id: str, days: int, note: str | None) -> None:
    """Ban an author from now on, in place of a ban that lasts. Comments that are here stay as they are.

    Atomic. Raises: NotFound; Invalid, for days that are not from 1 to MOST_DAYS, or a note that is too long.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"a ban of {days} days can't be: give a whole number from 1 to {MOST_DAYS}, such as 7")
    reason = checked_note(note)
    with store.begin() as tx:
        bans = Bans(tx, site_id)
        if not bans.lock_author(author_id):
            raise NotFound("no such author")
        bans.lift(author_id, user_id)
        bans.add(author_id, user_id, tx.now + timedelta(days=days), reason)


def lift(store: Store, site_id: str, user_id: str, author_id: str) -> None:
    """End an author's ban now. Atomic. Raises: NotFound, also when the author is not banned."""
    with store.begin() as tx:
        bans = Bans(tx, site_id)
        if not (bans.lock_author(author_id) and bans.lift(author_id, user_id)):
            raise NotFound("no such ban")


def bans_of(store: Store, site_id: str, author_id: str) -> list[BanRow]:
    """The bans on an author, the newest first."""
    with store.read() as tx:
        return Bans(tx, site_id).of_author(author_id)
