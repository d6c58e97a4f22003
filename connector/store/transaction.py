"""An open transaction of the store. Handed out by `Store`; what it is open on, only modules of the store touch."""

from dataclasses import dataclass

from sqlalchemy import Connection

from connector.store import lease as leases
from connector.store.lease import Lease


@dataclass
class Transaction:
    """An open transaction. A scratch one keeps everything inside and is rolled back."""

    connection: Connection
    lease: Lease | None = None
    scratch: bool = False

    def checkpoint(self) -> None:
        """Commit what was done so far and go on in a new transaction, if the lease is still ours."""
        if self.scratch:
            return
        self.connection.commit()
        self.begin()

    def begin(self) -> None:
        """Begin, and refuse if another run has taken over."""
        self.connection.begin()
        if self.lease is not None:
            leases.check(self.connection, self.lease)
