"""What Salesforce itself fills in: accounts of activities, last activity dates, open-activity flags and their stamps.

Called once a batch by `batch.py`, when all rows of a company are known.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connector.sandbox.company.calendar import Calendar

Row = dict[str, Any]
Rows = Mapping[tuple[str, str], list[Row]]
_PARENTS = ("Account", "Contact", "Lead", "Opportunity")


def roll_up(rows: Rows, calendar: Calendar) -> None:
    """Fill the derived fields of activities and of the records they belong to."""
    parents = {row["Id"]: row for name in _PARENTS for row in rows.get(("salesforce", name), ())}
    today = calendar.day(0)
    for object_ in ("Task", "Event"):
        for activity in rows.get(("salesforce", object_), ()):
            activity["AccountId"] = _account(activity, parents)
            if object_ == "Task":
                activity["IsHighPriority"] = int(activity["Priority"] == "高")
            if not activity.get("_visible_at") and not activity["IsDeleted"]:
                _touch(activity, object_, today, _related(activity, parents))


def _account(activity: Row, parents: Mapping[str, Row]) -> str | None:
    what, who = activity.get("WhatId"), activity.get("WhoId")
    if what and what.startswith("001"):
        return str(what)
    holder = parents.get(what or who or "") or {}
    account = holder.get("AccountId")
    return str(account) if account else None


def _related(activity: Row, parents: Mapping[str, Row]) -> Iterable[Row]:
    keys = {activity.get("WhatId"), activity.get("WhoId"), activity["AccountId"]}
    return [parents[key] for key in sorted(key for key in keys if key) if key in parents]


def _touch(activity: Row, object_: str, today: str, related: Iterable[Row]) -> None:
    day = activity.get("ActivityDate")
    counts = object_ == "Event" or activity["IsClosed"]
    is_open = day is not None and day >= today if object_ == "Event" else not activity["IsClosed"]
    for parent in related:
        if counts and day and day > (parent.get("LastActivityDate") or ""):
            parent["LastActivityDate"] = day
            stamp = max(parent["SystemModstamp"], activity["SystemModstamp"])
            parent["SystemModstamp"] = stamp
        if is_open and "HasOpenActivity" in parent:
            parent["HasOpenActivity"] = 1
            overdue = object_ == "Task" and day is not None and day < today
            parent["HasOverdueTask"] = int(overdue or bool(parent["HasOverdueTask"]))
