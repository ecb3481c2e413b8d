"""What people look after for themselves: their password and their sessions."""

from service.domain.errors import NotFound
from service.moderation.sign_in import IDLE, NO_PASSWORD, ask_password, hash_password
from service.store import Store
from service.store.users import SessionRow, Sessions, Users


def sessions_of(store: Store, user_id: str) -> list[SessionRow]:
    """A person's logins that have not ended, the last used first."""
    with store.read() as tx:
        return Sessions(tx).of_user(user_id, IDLE)


def end_session(store: Store, user_id: str, session: str) -> None:
    """End one of a person's sessions, at once. Raises: NotFound, when it is none of theirs."""
    with store.begin() as tx:
        if not Sessions(tx).end_of(user_id, session):
            raise NotFound("no such session")


def end_other_sessions(store: Store, user_id: str, session: str) -> int:
    """End all of a person's sessions but this one, at once; how many there were."""
    with store.begin() as tx:
        return Sessions(tx).end_others(user_id, session)


def has_password(store: Store, user_id: str) -> bool:
    """False for people who only log in by single sign-on."""
    with store.read() as tx:
        user = Users(tx).get(user_id)
    return user is not None and user.password_hash != NO_PASSWORD


def change_password(store: Store, user_id: str, old: str, new: str, session: str) -> None:
    """Set another password and end all other sessions: who knew the old one is out. Both or neither.

    Raises: Invalid, for a new one that can't be; Refused, for a wrong old one.
    """
    hashed = hash_password(new)
    ask_password(store, user_id, old)
    with store.begin() as tx:
        Users(tx).change(user_id, password_hash=hashed)
        Sessions(tx).end_others(user_id, session)
