"""Who of our own people is of inside sales. Programs that tell what sales does from what inside sales does ask here."""

from connector.model.records import Ref
from connector.programs.practice.view import View


def is_inside_sales(view: View, user: Ref | None) -> bool:
    """Whether a user or owner is of the IS role, or its manager's; also one who has left.

    The MA's owner is told by the mail address.
    """
    inside = (*view.practice.inside_sales, *view.practice.managers)
    if user in {member.ref for member in inside}:
        return True
    known = view.case.users.get(user) if user else None
    if known is None:
        return False
    addresses = {member.email.lower() for member in inside if member.email}
    same_address = known.email is not None and known.email.lower() in addresses
    return same_address or known.role in {member.role for member in inside if member.role}
