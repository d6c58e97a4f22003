"""What a colleague does in HubSpot, written through that vendor's record rules.

Called by `acts`; it must not know Salesforce.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from connector.sandbox import acts_customer
from connector.sandbox.acting import Act, ActError, hubspot_owner, note_whose, stamp
from connector.sandbox.hubspot.links import Link, link
from connector.sandbox.hubspot.lists import change_members
from connector.sandbox.hubspot.merging import merge_records
from connector.sandbox.hubspot.properties import CONNECTED
from connector.sandbox.hubspot.records import archive_record, create_record, existing, update_record
from connector.sandbox.hubspot.schema import object_of

_PARTIES = {"contact": "contacts", "company": "companies", "deal": "deals"}


def _actor(act: Act) -> str:
    return hubspot_owner(act) or act.needed("actor")


def _engage(act: Act, object_: str, values: Mapping[str, Any]) -> dict[str, str]:
    """A new activity, linked to the records that the act names; it belongs to the actor if that is a colleague."""
    owner = hubspot_owner(act)
    owned = {"hubspot_owner_id": owner} if owner else {}
    told = {name: value for name, value in values.items() if value is not None}
    record_id = create_record(act.world, object_, {**owned, **told, **act.values()}, _actor(act))
    named = [(target, act.text(name)) for name, target in _PARTIES.items()]
    link(act.world, [Link(object_, record_id, target, to) for target, to in named if to], _actor(act))
    return {object_: record_id}


def _update(act: Act, object_: str, record_id: str, values: Mapping[str, Any]) -> dict[str, str]:
    update_record(act.world, object_, record_id, {**values, **act.values()}, _actor(act))
    return {object_: record_id}


# -- activities --------------------------------------------------------------------------------------------------------


def log_call(act: Act) -> dict[str, str]:
    values = {
        "hs_timestamp": stamp(act.moment()),
        "hs_call_title": act.text("subject", "電話"),
        "hs_call_body": act.text("text"),
        "hs_call_direction": act.text("direction", "OUTBOUND"),
        "hs_call_disposition": act.text("disposition", CONNECTED),
        "hs_call_duration": act.text("duration"),
        "hs_call_status": "COMPLETED",
    }
    return _engage(act, "calls", values)


def log_meeting(act: Act) -> dict[str, str]:
    minutes = act.minutes(60)
    return _meeting(act, act.text("outcome", "COMPLETED"), minutes, -timedelta(minutes=minutes))


def book_meeting(act: Act) -> dict[str, str]:
    return _meeting(act, act.text("outcome", "SCHEDULED"), act.minutes(60), timedelta(days=7))


def _meeting(act: Act, outcome: str | None, minutes: int, default: timedelta) -> dict[str, str]:
    start = act.moment("at", default)
    values = {
        "hs_timestamp": stamp(start),
        "hs_meeting_start_time": stamp(start),
        "hs_meeting_end_time": stamp(start + timedelta(minutes=minutes)),
        "hs_meeting_title": act.text("subject", "打ち合わせ"),
        "hs_meeting_body": act.text("text"),
        "hs_meeting_outcome": outcome or None,
    }
    return _engage(act, "meetings", values)


def send_mail(act: Act) -> dict[str, str]:
    return _mail(act, "EMAIL", "SENT")


def receive_mail(act: Act) -> dict[str, str]:
    return _mail(act, "INCOMING_EMAIL", None)


def _mail(act: Act, direction: str, status: str | None) -> dict[str, str]:
    """The vendor threads mails by itself; an act names the thread, or a new one begins."""
    values = {
        "hs_timestamp": stamp(act.moment()),
        "hs_email_subject": act.text("subject", "ご連絡"),
        "hs_email_text": act.text("text"),
        "hs_email_direction": direction,
        "hs_email_status": status,
    }
    ids = _engage(act, "emails", values)
    thread = act.text("thread", ids["emails"])
    act.world.derive("hubspot", "emails", ids["emails"], {"hs_email_thread_id": thread})
    return {**ids, "thread": str(thread)}


def log_message(act: Act) -> dict[str, str]:
    """A message that went another way than by mail: LinkedIn, WhatsApp or SMS."""
    values = {
        "hs_timestamp": stamp(act.moment()),
        "hs_communication_channel_type": act.text("channel", "LINKEDIN_MESSAGE"),
        "hs_communication_logged_from": "CRM",
        "hs_communication_body": act.text("text", "ご連絡"),
    }
    return _engage(act, "communications", values)


# -- tasks and deals ---------------------------------------------------------------------------------------------------


def complete_task(act: Act) -> dict[str, str]:
    return _set_task(act, {"hs_task_status": "COMPLETED"})


def start_task(act: Act) -> dict[str, str]:
    return _set_task(act, {"hs_task_status": "IN_PROGRESS"})


def close_task_not_needed(act: Act) -> dict[str, str]:
    return _set_task(act, {"hs_task_status": "DEFERRED"})


def edit_task(act: Act) -> dict[str, str]:
    due = stamp(act.moment("due")) if act.text("due") else None
    return _set_task(act, {"hs_task_subject": act.text("subject"), "hs_timestamp": due})


def _set_task(act: Act, values: Mapping[str, Any]) -> dict[str, str]:
    told = {**values, "hs_task_body": act.text("text")}
    known = {name: value for name, value in told.items() if value is not None}
    return _update(act, "tasks", act.needed("task", "id"), known)


def delete_task(act: Act) -> dict[str, str]:
    return _archive(act, "tasks", act.needed("task", "id"))


def set_stage(act: Act) -> dict[str, str]:
    return _update(act, "deals", act.needed("deal", "id"), {"dealstage": act.needed("stage")})


def close_won(act: Act) -> dict[str, str]:
    return _close(act, "closedwon")


def close_lost(act: Act) -> dict[str, str]:
    return _close(act, "closedlost")


def _close(act: Act, stage: str) -> dict[str, str]:
    return _update(act, "deals", act.needed("deal", "id"), {"dealstage": stage, "closedate": stamp(act.moment())})


# -- anything ----------------------------------------------------------------------------------------------------------


def create(act: Act) -> dict[str, str]:
    object_ = _object(act)
    record_id = create_record(act.world, object_, act.values(), _actor(act))
    note_whose(act, object_, record_id)
    named = [(target, act.text(name)) for name, target in _PARTIES.items()]
    link(act.world, [Link(object_, record_id, target, to) for target, to in named if to], _actor(act))
    return {object_: record_id}


def update(act: Act) -> dict[str, str]:
    return _update(act, _object(act), act.needed("id"), {})


def delete(act: Act) -> dict[str, str]:
    return _archive(act, _object(act), act.needed("id"))


def _archive(act: Act, object_: str, record_id: str) -> dict[str, str]:
    existing(act.world, object_, record_id)
    archive_record(act.world, object_, record_id, _actor(act))
    return {object_: record_id}


def merge(act: Act) -> dict[str, str]:
    """Records that are one and the same become one: the winner keeps its id."""
    object_, winner = _object(act), act.needed("winner")
    if object_ not in _PARTIES.values():
        raise ActError(f"merge is possible for {', '.join(_PARTIES.values())}, not for {object_}.")
    losers = act.value("losers") or []
    if not isinstance(losers, list) or not losers:
        raise ActError("merge needs losers, a list of ids.")
    for loser in losers:
        merge_records(act.world, object_, winner, str(loser), _actor(act))
    return {object_: winner}


def join_list(act: Act) -> dict[str, str]:
    """Somebody puts a record into a static list, by the list's id or name."""
    return _move(act, "join")


def leave_list(act: Act) -> dict[str, str]:
    return _move(act, "leave")


def _move(act: Act, way: str) -> dict[str, str]:
    wanted, record_id = act.needed("list"), act.needed("contact", "company", "deal", "id")
    sql = 'SELECT "id" FROM "hubspot_lists" WHERE ("id" = ? OR "name" = ?) AND "archived" = 0'
    found = act.world.select(sql, (wanted, wanted))
    if not found:
        raise ActError(f"HubSpot has no list {wanted}: give its id or its name.")
    list_id = str(found[0]["id"])
    moved = change_members(act.world, list_id, _actor(act), **{way: [record_id]})
    if moved.missing:
        raise ActError(f"{record_id} is no record of the kind that list {list_id} holds.")
    return {"lists": list_id, "memberships": f"{list_id}:{record_id}"}


def _object(act: Act) -> str:
    found = object_of(act.needed("object"))
    if found is None:
        raise ActError(f"HubSpot has no object {act.needed('object')}.")
    return found


DOERS: Mapping[str, Callable[[Act], dict[str, str]]] = {
    "log_call": log_call,
    "log_meeting": log_meeting,
    "book_meeting": book_meeting,
    "send_mail": send_mail,
    "receive_mail": receive_mail,
    "log_message": log_message,
    "complete_task": complete_task,
    "start_task": start_task,
    "edit_task": edit_task,
    "close_task_not_needed": close_task_not_needed,
    "delete_task": delete_task,
    "set_stage": set_stage,
    "close_won": close_won,
    "close_lost": close_lost,
    "create": create,
    "update": update,
    "delete": delete,
    "merge": merge,
    "join_list": join_list,
    "leave_list": leave_list,
    **acts_customer.DOERS,
}
