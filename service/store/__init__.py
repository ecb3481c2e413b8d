"""Tables and repositories. Every query on a site's rows goes through that site's scope."""

from service.store.engine import Store, Transaction

__all__ = ["Store", "Transaction"]
