"""Who answers for a deal whose owner has left: account owner → the former owner's 上司 → the IS manager.

Programs that name or ask somebody of our own company look here. Source: section 1 of the practice.
"""

from connector.model.records import Ref, User
from connector.programs.practice.view import View


def in_charge(view: View, owner: Ref | None) -> User | None:
    """The owner if still active, else who stands in; `None` where nobody of these is active."""
    former = _known(view, owner)
    account = view.case.account
    ways = (former, _known(view, account.owner if account else None), _known(view, former.manager if former else None))
    return next((user for user in ways if user is not None and user.is_active), None) or _is_manager(view)


def superior(view: View, user: Ref | None) -> User | None:
    """The active 上司 of a user, else the IS manager; never the user."""
    known = _known(view, user)
    above = _known(view, known.manager if known else None)
    found = above if above is not None and above.is_active else _is_manager(view)
    return found if found is not None and found.ref != user else None


def _known(view: View, ref: Ref | None) -> User | None:
    return view.case.users.get(ref) if ref else None


def _is_manager(view: View) -> User | None:
    return view.practice.managers[0] if view.practice.managers else None
