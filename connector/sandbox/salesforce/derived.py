"""What Salesforce fills in by itself when a record is written: names, stage and status facts, activity dates.

Used by the record rules. Pure functions of the row to be, save for the look-up of the activity's account.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from connector.sandbox.clock import stored_datetime
from connector.sandbox.salesforce.campaigns import member
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.incoming import required_missing
from connector.sandbox.salesforce.standard import (
    CLOSED_TASK_STATUSES,
    DEFAULT_TASK_PRIORITY,
    DEFAULT_TASK_STATUS,
    HIGH_PRIORITIES,
    stage,
)
from connector.sandbox.world import World

TIMEZONE: Final = ZoneInfo("Asia/Tokyo")
DEFAULT_EVENT_MINUTES: Final = 60
MAX_EVENT_MINUTES: Final = 14 * 24 * 60
Row = Mapping[str, Any]
Values = dict[str, Any]
ACTIVITY_DEFAULTS: Final = {"IsDeleted": 0, "IsArchived": 0, "IsRecurrence": 0, "IsReminderSet": 0}
DEFAULTS: Final[Mapping[str, Values]] = {
    "Task": {
        **ACTIVITY_DEFAULTS,
        "Status": DEFAULT_TASK_STATUS,
        "Priority": DEFAULT_TASK_PRIORITY,
        "TaskSubtype": "Task",
        "IsClosed": 0,
        "IsHighPriority": 0,
    },
    "Event": {
        **ACTIVITY_DEFAULTS,
        "IsAllDayEvent": 0,
        "IsPrivate": 0,
        "IsChild": 0,
        "IsGroupEvent": 0,
        "ShowAs": "Busy",
        "EventSubtype": "Event",
        "GroupEventType": "0",
    },
    "Opportunity": {
        "IsPrivate": 0,
        "PushCount": 0,
        "HasOpenActivity": 0,
        "HasOverdueTask": 0,
        "Need_Confirmed__c": 0,
    },
    "Campaign": {
        "IsActive": 0,
        "NumberOfLeads": 0,
        "NumberOfConvertedLeads": 0,
        "NumberOfContacts": 0,
        "NumberOfResponses": 0,
        "NumberOfOpportunities": 0,
        "NumberOfWonOpportunities": 0,
        "AmountAllOpportunities": 0,
        "AmountWonOpportunities": 0,
    },
    "Contact": {"IsEmailBounced": 0, "Left_Company__c": 0, "HasOptedOutOfEmail": 0},
    "Lead": {"IsConverted": 0, "IsUnreadByOwner": 1, "HasOptedOutOfEmail": 0, "DoNotCall": 0},
    "OpportunityContactRole": {"IsPrimary": 0},
    "User": {"IsActive": 1, "UserType": "Standard"},
}


def derive(world: World, object_: str, before: Row | None, changes: Row) -> Values:
    """Values that follow from the changes; `before` is None for a new record."""
    rule = _RULES.get(object_)
    row = {**(before or {}), **changes}
    return rule(world, before, changes, row) if rule else {}


def _person(_world: World, _before: Row | None, changes: Row, row: Values) -> Values:
    """A person's name in the Japanese order: family name first."""
    if not {"LastName", "FirstName"} & changes.keys():
        return {}
    return {"Name": " ".join(part for part in (row.get("LastName"), row.get("FirstName")) if part)}


def _opportunity(world: World, before: Row | None, changes: Row, row: Values) -> Values:
    derived: Values = {}
    old_stage = before.get("StageName") if before else None
    if "StageName" in changes and changes["StageName"] != old_stage:
        now = stage(changes["StageName"])
        derived |= {"IsClosed": int(now.closed), "IsWon": int(now.won)}
        derived |= {"ForecastCategory": now.forecast, "ForecastCategoryName": now.forecast_name}
        derived["LastStageChangeDate"] = _now(world) if before else None
        if changes.get("Probability") is None:
            derived["Probability"] = now.probability
    row = {**row, **derived}
    amount, probability = row.get("Amount"), row.get("Probability")
    derived["ExpectedRevenue"] = None if amount is None else round(amount * (probability or 0) / 100, 2)
    if "CloseDate" in changes:
        derived |= _close_date(before, changes["CloseDate"])
    return derived


def _close_date(before: Row | None, close_date: str) -> Values:
    day = date.fromisoformat(close_date)
    quarter = (day.month + 2) // 3
    derived: Values = {"FiscalYear": day.year, "FiscalQuarter": quarter, "Fiscal": f"{day.year} {quarter}"}
    if before and before.get("CloseDate") and close_date[:7] > before["CloseDate"][:7]:
        derived["PushCount"] = (before.get("PushCount") or 0) + 1
    return derived


def _task(world: World, before: Row | None, changes: Row, row: Values) -> Values:
    derived: Values = {"IsHighPriority": int(row.get("Priority") in HIGH_PRIORITIES)}
    closed = row.get("Status") in CLOSED_TASK_STATUSES
    was_closed = bool(before and before.get("IsClosed"))
    derived["IsClosed"] = int(closed)
    if closed != was_closed:
        derived["CompletedDateTime"] = _now(world) if closed else None
    return derived | _account(world, changes, row)


def _event(world: World, before: Row | None, changes: Row, row: Values) -> Values:
    _refuse_event_without_time(before, changes)
    derived: Values = {}
    if before is None or changes.keys() & _EVENT_TIMES:
        derived = _event_times(before, changes, row)
    return derived | _account(world, changes, row)


_EVENT_TIMES: Final = frozenset(
    {"StartDateTime", "EndDateTime", "ActivityDateTime", "ActivityDate", "DurationInMinutes", "IsAllDayEvent"}
)


def _refuse_event_without_time(before: Row | None, changes: Row) -> None:
    if before is not None:
        return
    all_day = changes.get("IsAllDayEvent")
    if not any(changes.get(name) for name in ("StartDateTime", "ActivityDateTime")) and not (
        all_day and changes.get("ActivityDate")
    ):
        raise required_missing(["ActivityDateTime"])
    if changes.get("DurationInMinutes") is None and not changes.get("EndDateTime") and not all_day:
        raise required_missing(["DurationInMinutes"])


def _event_times(before: Row | None, changes: Row, row: Values) -> Values:
    """Start, end, duration and day of an event agree, whichever of them were given."""
    day = changes.get("ActivityDate") if row.get("IsAllDayEvent") else None
    given = changes.get("StartDateTime") or changes.get("ActivityDateTime") or (f"{day}T00:00:00.000Z" if day else None)
    start = _moment(given or row["StartDateTime"])
    end_given = changes.get("EndDateTime")
    minutes = changes.get("DurationInMinutes")
    if end_given:
        end = _moment(end_given)
    else:
        kept = minutes if minutes is not None else (before or {}).get("DurationInMinutes")
        default = 24 * 60 if row.get("IsAllDayEvent") else DEFAULT_EVENT_MINUTES
        end = start + timedelta(minutes=min(default if kept is None else kept, MAX_EVENT_MINUTES + 1))
    if end - start > timedelta(minutes=MAX_EVENT_MINUTES):
        message = "An event can't last longer than 14 days."
        raise SalesforceError(400, "FIELD_INTEGRITY_EXCEPTION", message, ("DurationInMinutes",))
    if end < start:
        message = "The end of the event cannot be before its start."
        raise SalesforceError(400, "FIELD_INTEGRITY_EXCEPTION", message, ("EndDateTime",))
    local = start if row.get("IsAllDayEvent") else start.astimezone(TIMEZONE)
    local_end = end if row.get("IsAllDayEvent") else end.astimezone(TIMEZONE)
    return {
        "StartDateTime": stored_datetime(start),
        "ActivityDateTime": None if row.get("IsAllDayEvent") else stored_datetime(start),
        "EndDateTime": stored_datetime(end),
        "DurationInMinutes": int((end - start).total_seconds() // 60),
        "ActivityDate": local.date().isoformat(),
        "EndDate": local_end.date().isoformat(),
    }


def _account(world: World, changes: Row, row: Values) -> Values:
    """The account that an activity counts for: that of what it is about, else that of whom it is with."""
    if not {"WhatId", "WhoId"} & changes.keys():
        return {}
    what, who = row.get("WhatId"), row.get("WhoId")
    if who and what and who.startswith("00Q"):
        message = "Related To ID: a lead cannot be related to another record"
        raise SalesforceError(400, "FIELD_INTEGRITY_EXCEPTION", message, ("WhatId",))
    if what and what.startswith("001"):
        return {"AccountId": what}
    for object_, parent_id in (("Opportunity", what), ("Contact", who)):
        parent = world.get("salesforce", object_, parent_id) if parent_id else None
        if parent is not None and parent.get("AccountId"):
            return {"AccountId": parent["AccountId"]}
    return {"AccountId": None}


def _now(world: World) -> str:
    return stored_datetime(world.clock.now().replace(microsecond=0))


def _moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


_RULES: Final[Mapping[str, Callable[[World, Row | None, Row, Values], Values]]] = {
    "CampaignMember": member,
    "Contact": _person,
    "Lead": _person,
    "User": _person,
    "Opportunity": _opportunity,
    "Task": _task,
    "Event": _event,
}
