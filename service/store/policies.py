"""Policies: every version is kept, the newest rules."""

from collections.abc import Collection

import sqlalchemy as sa

from service.domain.policy import Policy
from service.domain.policy_json import from_json, to_json
from service.store.engine import Transaction
from service.store.scope import Scope
from service.store.tables import policies


class Policies(Scope):
    """The policy versions of one site."""

    def current(self) -> Policy:
        """The version that rules."""
        newest = self.mine(sa.select(policies.c.body, policies.c.version), policies)
        row = self.run(newest.order_by(policies.c.version.desc()).limit(1)).one()
        return from_json(row.body, row.version)

    def add(self, policy: Policy) -> int:
        """Make this the version that rules from now on; its number. The number in `policy` is not looked at."""
        newest = self.mine(sa.select(sa.func.max(policies.c.version)), policies)
        version: int = (self.run(newest).scalar() or 0) + 1
        self.tx.after_commit.append(lambda: self.tx.known.forget_terms(self.site_id))
        self.insert(policies, [{"version": version, "body": to_json(policy), "created_at": self.tx.now}])
        return version


def current_policies(tx: Transaction, site_ids: Collection[str]) -> dict[str, Policy]:
    """The ruling policy of each site: for the worker, which serves them all."""
    versions = sa.select(policies.c.site_id, sa.func.max(policies.c.version).label("version"))
    newest = versions.where(policies.c.site_id.in_(site_ids)).group_by(policies.c.site_id).subquery()
    same = sa.and_(policies.c.site_id == newest.c.site_id, policies.c.version == newest.c.version)
    rows = tx.connection.execute(sa.select(policies).join(newest, same)).mappings()
    return {row["site_id"]: from_json(row["body"], row["version"]) for row in rows}
