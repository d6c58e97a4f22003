"""Our own people, as the mirror knows them. Called by the engine for assignment and by reporting for names."""

from collections.abc import Iterable

from connector.model.records import Kind, Ref, User
from connector.store import mirror
from connector.store.store import Transaction


def active_users(tx: Transaction, role: str, system: str) -> list[User]:
    """Those who hold the role and may be given work, in the order of their references."""
    users = (user for user in mirror.stream(tx, Kind.USER, system) if isinstance(user, User))
    return sorted((user for user in users if user.is_active and user.role == role), key=lambda user: user.ref)


def users_of(tx: Transaction, system: str) -> list[User]:
    """All users of a system, in the order of their references."""
    found = (user for user in mirror.stream(tx, Kind.USER, system) if isinstance(user, User))
    return sorted(found, key=lambda user: user.ref)


def users(tx: Transaction, refs: Iterable[Ref]) -> dict[Ref, User]:
    """The users of these references, those who have left (but not those who were deleted) included."""
    found = mirror.load(tx, {str(ref) for ref in refs})
    return {
        row.record.ref: row.record for row in found.values() if isinstance(row.record, User) and not row.record.deleted
    }
