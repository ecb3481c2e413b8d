"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC time: `timestamptz` on PostgreSQL, ISO text that sorts by time on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse a naive time; hand SQLite a UTC one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class HexId(sa.types.TypeDecorator[str]):
    """A UUID as SQLite keeps it, 32 digits. SQLAlchemy's own type makes a UUID object of each first, at ten times the cost."""

    impl = sa.CHAR(32)
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: sa.Dialect) -> str | None:
        """Without hyphens."""
        return None if value is None else value.replace("-", "")

    def process_result_value(self, value: str | None, _dialect: sa.Dialect) -> str | None:
        """With them."""
        return None if value is None else dashed(value)


def dashed(digits: str) -> str:
    """A UUID's 32 digits in the form that Python and JSON know."""
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


Id = sa.Uuid(as_uuid=False).with_variant(HexId(), "sqlite")
"""A UUIDv7 as text in Python, native on PostgreSQL."""

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
"""JSON on both."""
