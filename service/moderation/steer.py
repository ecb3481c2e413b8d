"""What leads and admins steer: the policy that rules, and deliveries that did not arrive."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.domain.errors import Conflict, Invalid, NotFound
from service.domain.policy import Policy
from service.domain.policy_json import from_json
from service.domain.reasons import ChosenReason, checked_reasons, site_reasons
from service.store import Store, Transaction
from service.store.deliveries import DEAD, Deliveries
from service.store.policies import Policies
from service.store.rows import DeliveryRow, SiteRow
from service.store.scope import COUNT_TO
from service.store.sites import Sites

GOALS = (60, 30 * 24 * 3600)
"""Seconds that a goal can be: the least and the most."""


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


def reasons_of(store: Store, site_id: str) -> tuple[ChosenReason, ...]:
    """The reasons that moderators of a site can give, in the order of the keys."""
    with store.read() as tx:
        return site_reasons(_site(tx, site_id).reasons)


def set_reasons(store: Store, site_id: str, reasons: Sequence[ChosenReason]) -> None:
    """Let moderators give these reasons, the first by the key 1; the default list when there are none.

    Decisions keep the codes that they were taken with. Raises: Invalid, naming the first that can't be.
    """
    stored = [reason.to_json() for reason in checked_reasons(reasons)] if reasons else None
    with store.begin() as tx:
        Sites(tx).change(_site(tx, site_id).id, reasons=stored)


def set_goal(store: Store, site_id: str, seconds: int) -> None:
    """How long a flagged comment may wait, as the lead wants it. Raises: Invalid, unless it is a minute to 30 days."""
    if not GOALS[0] <= seconds <= GOALS[1]:
        raise Invalid(f"a goal of {seconds} seconds can't be: give {GOALS[0]} to {GOALS[1]}, such as 3600 for an hour")
    with store.begin() as tx:
        Sites(tx).change(_site(tx, site_id).id, queue_goal_seconds=seconds)


def set_second_look_share(store: Store, site_id: str, share: float) -> None:
    """The share of moderators' decisions that a second one takes blind. Raises: Invalid, unless it is from 0 to 1."""
    if not 0 <= share <= 1:
        raise Invalid(f"a share of {share} can't be: give a number from 0 to 1, such as 0.05")
    with store.begin() as tx:
        Sites(tx).change(_site(tx, site_id).id, second_look_share=share)


def outgoing(store: Store, site_id: str) -> Outgoing:
    """What is on its way to the site and what did not arrive."""
    with store.read() as tx:
        deliveries = Deliveries(tx, site_id)
        return Outgoing(_site(tx, site_id), deliveries.counts(), deliveries.page(DEAD))


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


def _site(tx: Transaction, site_id: str) -> SiteRow:
    site = Sites(tx).get(site_id)
    if site is None:
        raise NotFound("no such site")
    return site
