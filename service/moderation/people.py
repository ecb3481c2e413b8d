"""Who works for a site: roles and leaving. What a person may do is looked up with each request, so a change counts at once."""

from service.domain.errors import LastAdmin, NotFound
from service.domain.user import Role
from service.moderation.sign_in import role_of
from service.store import Store
from service.store.members import Invitations, MemberRow, Members


def people_of(store: Store, site_id: str) -> list[MemberRow]:
    """Everybody who works for the site, by name."""
    with store.read() as tx:
        return Members(tx, site_id).all()


def change_role(store: Store, site_id: str, user_id: str, role: Role | str) -> None:
    """Give somebody another role. An admin's open invitations end with their being one.

    Raises: NotFound, for nobody of this site; Invalid, for no role; LastAdmin.
    """
    role = role_of(role)
    with store.begin() as tx:
        members = Members(tx, site_id)
        _check(members.hold(), user_id, role)
        members.change(user_id, role)
        if role is not Role.ADMIN:
            Invitations(tx, site_id).revoke_of(user_id)


def remove(store: Store, site_id: str, user_id: str) -> None:
    """Let somebody work for the site no more; their open invitations end too. The account and other sites' roles stay.

    Raises: NotFound, for nobody of this site; LastAdmin.
    """
    with store.begin() as tx:
        members = Members(tx, site_id)
        _check(members.hold(), user_id, None)
        members.remove(user_id)
        Invitations(tx, site_id).revoke_of(user_id)


def _check(roles: dict[str, Role], user_id: str, role: Role | None) -> None:
    """That this change leaves an admin."""
    if user_id not in roles:
        raise NotFound("nobody of this site")
    after = {**roles, user_id: role}
    if roles[user_id] is Role.ADMIN and Role.ADMIN not in after.values():
        raise LastAdmin("the site's only admin")
