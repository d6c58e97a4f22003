"""What a person does in Salesforce, written through that vendor's record rules.

Called by `acts`; it must not know HubSpot.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from connector.sandbox.acting import Act, ActError, note_whose, salesforce_user, stamp
from connector.sandbox.salesforce.converting import Conversion, convert_lead
from connector.sandbox.salesforce.merging import merge_records
from connector.sandbox.salesforce.records import create_record, delete_record, update_record

OPEN, BEGUN, DONE, NOT_NEEDED = "未着手", "進行中", "完了", "対応不要"
WON, LOST = "受注", "失注"


def _parties(act: Act) -> dict[str, Any]:
    """WhoId and WhatId: a contact or lead, and an opportunity or account."""
    who = act.first("contact", "lead")
    what = act.first("opportunity", "account")
    return {name: value for name, value in (("WhoId", who), ("WhatId", what)) if value}


def _create(act: Act, object_: str, values: Mapping[str, Any]) -> dict[str, str]:
    user = salesforce_user(act)
    owner = {} if object_ == "OpportunityContactRole" else {"OwnerId": user}
    given = {**owner, **values, **act.values()}
    return {object_: create_record(act.world, object_, given, user, allow_duplicates=True)}


def _update(act: Act, object_: str, record_id: str, values: Mapping[str, Any]) -> dict[str, str]:
    update_record(act.world, object_, record_id, {**values, **act.values()}, salesforce_user(act))
    return {object_: record_id}


def _given(act: Act, **fields: str) -> dict[str, Any]:
    """The members of the act that are there, under their field names."""
    return {field: value for name, field in fields.items() if (value := act.value(name)) is not None}


# -- activities --------------------------------------------------------------------------------------------------------


def log_call(act: Act) -> dict[str, str]:
    """A call that took place: a task that is created completed."""
    values = {
        "Subject": act.text("subject", "電話"),
        "TaskSubtype": "Call",
        "CallType": act.text("direction", "Outbound"),
        "Status": DONE,
        "ActivityDate": act.day("date", act.moment()),
    }
    told = _given(act, disposition="CallDisposition", duration="CallDurationInSeconds", text="Description")
    return _create(act, "Task", {**values, **told, **_parties(act)})


def send_mail(act: Act) -> dict[str, str]:
    values = {
        "Subject": act.text("subject", "メール"),
        "TaskSubtype": "Email",
        "Status": DONE,
        "ActivityDate": act.day("date", act.moment()),
    }
    return _create(act, "Task", {**values, **_given(act, text="Description"), **_parties(act)})


def log_meeting(act: Act) -> dict[str, str]:
    """A meeting that was held; without a time it ended just now."""
    minutes = act.minutes(60)
    return _event(act, "訪問", minutes, -timedelta(minutes=minutes))


def book_meeting(act: Act) -> dict[str, str]:
    """A meeting to come; without a time it is in a week."""
    return _event(act, "打ち合わせ", act.minutes(60), timedelta(days=7))


def _event(act: Act, subject: str, minutes: int, default: timedelta) -> dict[str, str]:
    values = {
        "Subject": act.text("subject", subject),
        "StartDateTime": stamp(act.moment("at", default).replace(microsecond=0)),
        "DurationInMinutes": minutes,
        **_given(act, text="Description", location="Location"),
    }
    return _create(act, "Event", {**values, **_parties(act)})


# -- tasks -------------------------------------------------------------------------------------------------------------


def complete_task(act: Act) -> dict[str, str]:
    told = _given(act, text="Description", disposition="CallDisposition")
    return _update(act, "Task", act.needed("task", "id"), {"Status": DONE, **told})


def start_task(act: Act) -> dict[str, str]:
    return _update(act, "Task", act.needed("task", "id"), {"Status": BEGUN, **_given(act, text="Description")})


def edit_task(act: Act) -> dict[str, str]:
    told = _given(act, subject="Subject", text="Description", due="ActivityDate", status="Status", priority="Priority")
    if not told and not act.values():
        raise ActError("edit_task needs subject, text, due, status, priority or values.")
    return _update(act, "Task", act.needed("task", "id"), told)


def close_task_not_needed(act: Act) -> dict[str, str]:
    told = _given(act, text="Description")
    return _update(act, "Task", act.needed("task", "id"), {"Status": NOT_NEEDED, **told})


def delete_task(act: Act) -> dict[str, str]:
    return _delete(act, "Task", act.needed("task", "id"))


# -- deals -------------------------------------------------------------------------------------------------------------


def set_stage(act: Act) -> dict[str, str]:
    return _update(act, "Opportunity", act.needed("opportunity", "id"), {"StageName": act.needed("stage")})


def close_won(act: Act) -> dict[str, str]:
    values = {"StageName": WON, "CloseDate": act.day("date", act.moment())}
    return _update(act, "Opportunity", act.needed("opportunity", "id"), values)


def close_lost(act: Act) -> dict[str, str]:
    told = _given(
        act,
        reason="Lost_Reason__c",
        detail="Lost_Reason_Detail__c",
        next_approach_date="Next_Approach_Date__c",
        approach_contact="Approach_Contact__c",
        hook="Approach_Hook__c",
    )
    values = {"StageName": LOST, "CloseDate": act.day("date", act.moment()), **told}
    return _update(act, "Opportunity", act.needed("opportunity", "id"), values)


# -- anything ----------------------------------------------------------------------------------------------------------


def create(act: Act) -> dict[str, str]:
    object_ = _object(act)
    user = salesforce_user(act)
    record_id = create_record(act.world, object_, act.values(), user, allow_duplicates=True)
    note_whose(act, object_, record_id)
    return {object_: record_id}


def update(act: Act) -> dict[str, str]:
    return _update(act, _object(act), act.needed("id"), {})


def delete(act: Act) -> dict[str, str]:
    return _delete(act, _object(act), act.needed("id"))


def merge(act: Act) -> dict[str, str]:
    """Two or three accounts, contacts or leads become one; `values` are what the winner takes over."""
    object_, winner, losers = _object(act), act.needed("winner"), act.value("losers")
    if not isinstance(losers, list) or not all(isinstance(one, str) for one in losers):
        raise ActError("merge needs losers: a list of record ids.")
    merge_records(act.world, object_, (winner, losers), act.values(), salesforce_user(act))
    return {object_: winner}


def convert(act: Act) -> dict[str, str]:
    """A lead becomes a contact; without account or contact they are made, `opportunity: false` means no deal."""
    with_opportunity = act.value("opportunity", default=True)
    if not isinstance(with_opportunity, bool):
        raise ActError("opportunity must be true or false.")
    wanted = Conversion(
        lead=act.needed("lead", "id"),
        account=act.text("account"),
        contact=act.text("contact"),
        opportunity=with_opportunity,
        opportunity_values=act.values(),
    )
    return convert_lead(act.world, wanted, salesforce_user(act))


def _delete(act: Act, object_: str, record_id: str) -> dict[str, str]:
    delete_record(act.world, object_, record_id, salesforce_user(act))
    return {object_: record_id}


def _object(act: Act) -> str:
    wanted = act.needed("object")
    known = act.world.tables["salesforce"]
    found = next((name for name in known if name.lower() == wanted.lower()), None)
    if found is None:
        raise ActError(f"Salesforce has no object {wanted}: choose from {', '.join(known)}.")
    return found


DOERS: Mapping[str, Callable[[Act], dict[str, str]]] = {
    "log_call": log_call,
    "log_meeting": log_meeting,
    "book_meeting": book_meeting,
    "send_mail": send_mail,
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
    "convert": convert,
}
