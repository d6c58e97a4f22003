"""Who is in which HubSpot list: joining, leaving, and finding out whether it happened.

Called by the HubSpot sink for changes of the object `memberships`, whose id is `<listId>:<recordId>`. Both are
idempotent at the vendor, for lists that are filled by hand.
"""

from collections.abc import Sequence
from itertools import groupby

from connector.clients.errors import AnswerLost, Refused
from connector.clients.hubspot import HubSpotClient
from connector.model.errors import ConfigurationError, SkipRecord
from connector.model.plan import Change, Operation
from connector.model.records import Ref
from connector.model.sync import Found, Outcome

FIELDS = frozenset({"listId", "recordId"})


def target(change: Change) -> tuple[str, str]:
    """(list id, record id) of a membership. Raises SkipRecord where the change does not name both."""
    list_id, _, record_id = (change.id or "").partition(":")
    given = {name: field.after for name, field in change.fields.items()}
    list_id = str(given.get("listId") or list_id)
    record_id = str(given.get("recordId") or record_id)
    if not (list_id.isdecimal() and record_id.isdecimal()):
        raise SkipRecord("a list membership needs the ids of a list and of a record")
    return list_id, record_id


def list_of(change: Change) -> str:
    """The list of a membership, or nothing where the change names none."""
    try:
        return target(change)[0]
    except SkipRecord:
        return ""


def write(client: HubSpotClient, changes: Sequence[Change]) -> list[Outcome]:
    """One outcome for each of `changes`, which all join one list or all leave it."""
    try:
        targets = [target(change) for change in changes]
    except SkipRecord as refused:
        return [Outcome(key=change.key, state="refused", reason=refused.reason) for change in changes]
    joins = changes[0].operation is Operation.CREATE
    act = client.join_list if joins else client.leave_list
    try:
        done = act(targets[0][0], [record_id for _, record_id in targets])
    except AnswerLost as lost:
        return [Outcome(key=change.key, state="unknown", reason=str(lost), late=lost.late) for change in changes]
    except (Refused, ConfigurationError) as error:
        if isinstance(error, ConfigurationError) and error.code != "field":
            raise
        reason = f"{error}. Only lists that are filled by hand (MANUAL, SNAPSHOT) can be changed"
        return [Outcome(key=change.key, state="refused", reason=reason) for change in changes]
    return [
        _outcome(change, list_id, record_id, missing=joins and record_id in done.missing)
        for change, (list_id, record_id) in zip(changes, targets, strict=True)
    ]


def find(client: HubSpotClient, changes: Sequence[Change]) -> dict[str, Found]:
    """Who of `changes` is in the list: found is joined. One that was to leave and is out of it is found as deleted."""
    named = [change for change in changes if list_of(change)]
    found: dict[str, Found] = {}
    for list_id, group in groupby(sorted(named, key=list_of), key=list_of):
        same = list(group)
        inside = _inside(client, list_id, {target(change)[1] for change in same})
        for change in same:
            record_id = target(change)[1]
            if record_id in inside or change.operation is Operation.DELETE:
                fields = {"listId": list_id, "recordId": record_id}
                found[change.key] = Found(_ref(change, list_id, record_id), record_id not in inside, fields)
    return found


def _inside(client: HubSpotClient, list_id: str, wanted: set[str]) -> set[str]:
    """Those of `wanted` who are in the list. It comes by ascending id, so it is read no further than needed."""
    inside: set[str] = set()
    last = max(map(int, wanted))
    try:
        for member in client.memberships(list_id):
            record_id = str(member.get("recordId"))
            if record_id in wanted:
                inside.add(record_id)
            if inside == wanted or (record_id.isdecimal() and int(record_id) > last):
                break
    except Refused:  # the list is gone, so nobody is in it
        return set()
    return inside


def _outcome(change: Change, list_id: str, record_id: str, *, missing: bool) -> Outcome:
    record = _ref(change, list_id, record_id)
    if missing:
        reason = f"HubSpot knows no record {record_id} of the kind that list {list_id} holds"
        return Outcome(key=change.key, state="refused", record=record, reason=reason)
    return Outcome(key=change.key, state="done", record=record)


def _ref(change: Change, list_id: str, record_id: str) -> Ref:
    return Ref(change.system, change.object, f"{list_id}:{record_id}")
