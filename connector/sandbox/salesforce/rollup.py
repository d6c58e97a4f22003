"""Roll-ups from activities to the records they belong to: last activity date and open-activity flags.

Called after every write of a Task or Event. When LastActivityDate moves, the parent's SystemModstamp moves too.
"""

from collections.abc import Iterable
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.salesforce.derived import TIMEZONE
from connector.sandbox.salesforce.schema import object_of_id
from connector.sandbox.world import World

_LINK = {"Account": "AccountId", "Contact": "WhoId", "Lead": "WhoId", "Opportunity": "WhatId"}


def roll_up_activities(world: World, activities: Iterable[dict[str, Any] | None]) -> None:
    """Recompute the parents of these activities (their state before and after the write)."""
    parents = {
        row[name] for row in activities if row is not None for name in ("WhatId", "WhoId", "AccountId") if row[name]
    }
    for parent_id in sorted(parents):
        object_ = object_of_id(parent_id)
        if object_ in _LINK:
            _roll_up(world, object_, parent_id)


def _roll_up(world: World, object_: str, parent_id: str) -> None:
    parent = world.get("salesforce", object_, parent_id)
    if parent is None:
        return
    today = world.clock.now().astimezone(TIMEZONE).date().isoformat()
    link = _LINK[object_]
    now = world.now()
    latest = world.tuples(
        # the latest day among closed tasks and all events, future ones included
        f'SELECT MAX(day) FROM (SELECT MAX("ActivityDate") AS day FROM "salesforce_Task" WHERE "{link}" = ?'
        ' AND "IsClosed" = 1 AND "IsDeleted" IS NOT 1 AND (_visible_at IS NULL OR _visible_at <= ?)'
        f' UNION ALL SELECT MAX("ActivityDate") FROM "salesforce_Event" WHERE "{link}" = ?'
        ' AND "IsDeleted" IS NOT 1 AND (_visible_at IS NULL OR _visible_at <= ?))',
        (parent_id, now, parent_id, now),
    )[0][0]
    values: dict[str, Any] = {}
    if latest != parent["LastActivityDate"]:
        stamp = stored_datetime(world.clock.now().replace(microsecond=0))
        values = {"LastActivityDate": latest, "SystemModstamp": stamp}
    if object_ == "Opportunity":
        values |= _open_activity(world, parent_id, today)
    world.derive("salesforce", object_, parent_id, values)


def _open_activity(world: World, parent_id: str, today: str) -> dict[str, int]:
    row = world.tuples(
        # whether an open task, an overdue one, or an event still to come exists
        'SELECT (SELECT COUNT(*) FROM "salesforce_Task" WHERE "WhatId" = ?1 AND "IsClosed" IS NOT 1'
        ' AND "IsDeleted" IS NOT 1), (SELECT COUNT(*) FROM "salesforce_Task" WHERE "WhatId" = ?1'
        ' AND "IsClosed" IS NOT 1 AND "IsDeleted" IS NOT 1 AND "ActivityDate" < ?2),'
        ' (SELECT COUNT(*) FROM "salesforce_Event" WHERE "WhatId" = ?1 AND "IsDeleted" IS NOT 1'
        ' AND "ActivityDate" >= ?2)',
        (parent_id, today),
    )[0]
    return {"HasOpenActivity": int(row[0] + row[2] > 0), "HasOverdueTask": int(row[1] > 0)}
