"""What people do in the two systems: a rep logs a call, a customer opens a page, a deal is lost.

Called by `POST /act`. Acts go through each vendor's own rules; who acts is told to the journal.
"""

from collections.abc import Callable, Mapping
from typing import Any

from connector.sandbox import acts_hubspot, acts_salesforce
from connector.sandbox.acting import Act, ActError, vendor_refusal
from connector.sandbox.hubspot.changes import publish
from connector.sandbox.world import World

__all__ = ["ActError", "act"]

_Doer = Callable[[Act], dict[str, str]]
_DOERS: Mapping[str, Mapping[str, _Doer]] = {
    "salesforce": acts_salesforce.DOERS,
    "hubspot": acts_hubspot.DOERS,
}
# Salesforce unless the act can only be, or usually is, seen in HubSpot.
_DEFAULT_VENDOR = {"send_mail": "hubspot"} | {
    name: "hubspot" for name in acts_hubspot.DOERS if name not in acts_salesforce.DOERS
}


def act(world: World, body: Mapping[str, Any]) -> dict[str, str]:
    """Do one act; the ids of the records that it made or changed."""
    action = body.get("action")
    known = sorted({name for doers in _DOERS.values() for name in doers})
    if not isinstance(action, str) or action not in known:
        raise ActError(f"Unknown action {action}: choose from {', '.join(known)}.")
    vendor = body.get("vendor") or _DEFAULT_VENDOR.get(action, "salesforce")
    doer = _DOERS.get(vendor, {}).get(action)
    if doer is None:
        able = [name for name, doers in _DOERS.items() if action in doers]
        raise ActError(f"{action} is not possible in {vendor}: choose vendor {' or '.join(able)}.")
    wanted = Act(world=world, vendor=vendor, action=action, given=body)
    with vendor_refusal(), world.transaction():
        made = doer(wanted)
        wanted.refuse_unknown()  # inside: what was made is taken back
    publish(world)
    return made
