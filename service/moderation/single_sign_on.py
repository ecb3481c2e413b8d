"""Logging in by single sign-on: whom of ours a provider's word stands for."""

from collections.abc import Mapping

from service.domain.errors import Invalid, NoAccount
from service.domain.user import Identity, tidy_name
from service.moderation.sign_in import NO_PASSWORD, address_of, begin_session, hash_of
from service.store import Store
from service.store.engine import Transaction
from service.store.members import InvitationRow, Offers
from service.store.users import Sessions, Users

NO_FACTOR: Mapping[str, None] = dict.fromkeys(("totp_secret", "totp_at", "totp_step", "recovery_codes"))


def sign_on(store: Store, identity: Identity, token: str | None = None, agent: str | None = None) -> str:
    """Begin the session of whom a provider vouches for; its token. Atomic.

    The person is found by the provider's own name for them; else by a verified e-mail address, and linked from then on; else an
    open invitation makes them one: any that names the address, or the one that they bring the `token` of.

    Raises: NoAccount, when nothing of that is there, or the account of the address is linked to somebody else.
    """
    with store.begin() as tx:
        known = Users(tx).by_subject(identity.subject)
        user_id = known.id if known else _linked(tx, identity) or _invited(tx, identity, token)
        if user_id is None:
            raise NoAccount("nobody has let this person in")
        return begin_session(tx, user_id, agent)


def _linked(tx: Transaction, identity: Identity) -> str | None:
    """Whoever has the verified address, linked from now on."""
    user = Users(tx).by_email(identity.email.strip().lower()) if identity.email else None
    if user is None:
        return None
    if user.oidc_subject is not None:
        raise NoAccount("the account of this address is linked to somebody else")
    Users(tx).change(user.id, oidc_subject=identity.subject)
    # whoever used this account before may not be who the provider knows
    Sessions(tx).end_others(user.id)
    if Offers(tx).made(user.id):
        # nor whoever made it: an invitation's link is good for any address that its bearer writes
        Users(tx).change(user.id, password_hash=NO_PASSWORD, **NO_FACTOR)
    return user.id


def _invited(tx: Transaction, identity: Identity, token: str | None) -> str | None:
    """A new person, by all invitations that are good for the verified address."""
    try:
        address = address_of(identity.email or "")
    except Invalid:
        return None
    offers = {offer.id: offer for offer in (*Offers(tx).of_email(address), *_brought(tx, address, token))}
    if not offers:
        return None
    user_id = Users(tx).add(address, tidy_name(identity.name) or address, NO_PASSWORD, identity.subject)
    for offer in offers.values() if user_id else ():
        Users(tx).join(str(user_id), offer.site_id, offer.role)
        Offers(tx).use(offer.id, str(user_id))
    return user_id


def _brought(tx: Transaction, address: str, token: str | None) -> list[InvitationRow]:
    offer = Offers(tx).of_token(hash_of(token), hold=True) if token else None
    return [offer] if offer and offer.email in (None, address) else []
