"""An authenticator app, and people with one."""

from datetime import datetime

from pyotp import TOTP

from service.moderation.second_factor import confirm, factor_of, offer
from service.store import Store
from tests.browser.stage import PASSWORD


def code_at(secret: str, at: datetime) -> str:
    """What the app shows at a time."""
    return TOTP(secret).at(at)


def set_up(store: Store, user_id: str) -> tuple[str, tuple[str, ...]]:
    """Turn somebody's second factor on; its secret and the recovery codes."""
    offer(store, user_id, PASSWORD)
    secret = factor_of(store, user_id).secret
    assert secret is not None
    return secret, confirm(store, user_id, code_at(secret, store.clock()))
