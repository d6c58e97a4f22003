"""What Okoshi remembers: mirror, cursors, marks, standings, ledger, plans and runs, on SQLite or PostgreSQL.

Called by the engine and by reporting. Knows no vendor and no program; every function takes an open `Transaction`.
"""

from connector.store.lease import Lease
from connector.store.store import Store, Transaction

__all__ = ["Lease", "Store", "Transaction"]
