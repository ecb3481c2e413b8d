"""What leads and admins steer: the policy that rules, and deliveries that did not arrive."""

from collections.abc import Callable
from dataclasses import dataclass

from service.domain.errors import Conflict, NotFound
from service.domain.policy import Policy
from service.domain.policy_json import from_json
from service.store import Store
from service.store.deliveries import DEAD, Deliveries
from service.store.policies import Policies
from service.store.rows import DeliveryRow, SiteRow
from service.store.scope import COUNT_TO
from service.store.sites import Sites


@dataclass(frozen=True)
class Outgoing:
    """The deliveries of a site: where to, how many of each status (counted to `counted_to`), and the last dead ones."""

    site: SiteRow
    counts: dict[str, int]
    dead: list[DeliveryRow]
    counted_to: int = COUNT_TO


def policy_of(store: Store, site_id: str) -> Policy:
    """The policy that rules."""
    with store.read() as tx:
        return Policies(tx, site_id).current()


def change_policy(store: Store, site_id: str, fields: object, seen_version: int) -> int:
    """Make what `fields` describe the ruling policy; its version. Decisions taken before keep the version they were taken under.

    Raises: InvalidPolicy; Conflict, when somebody changed the policy since version `seen_version`.
    """
    policy = from_json(fields, seen_version + 1)
    with store.begin() as tx:
        policies = Policies(tx, site_id)
        if policies.current().version != seen_version:
            raise Conflict("the policy was changed meanwhile")
        return policies.add(policy)


def outgoing(store: Store, site_id: str) -> Outgoing:
    """What is on its way to the site and what did not arrive."""
    with store.read() as tx:
        site = Sites(tx).get(site_id)
        if site is None:
            raise NotFound("no such site")
        deliveries = Deliveries(tx, site_id)
        return Outgoing(site, deliveries.counts(), deliveries.page(DEAD))


def send_again(store: Store, wake: Callable[[], None], site_id: str, delivery_id: str) -> None:
    """Let a dead delivery try anew, at once even when the site rests.

    Raises: NotFound, when it is no longer dead or of another site.
    """
    with store.begin() as tx:
        if not Deliveries(tx, site_id).resend(delivery_id):
            raise NotFound("no such dead delivery")
        Sites(tx).try_now(site_id)
    wake()


def send_all_again(store: Store, wake: Callable[[], None], site_id: str) -> int:
    """Let every dead delivery try anew, at once even when the site rests; how many there were."""
    with store.begin() as tx:
        count = Deliveries(tx, site_id).resend_all()
        Sites(tx).try_now(site_id)
    wake()
    return count
