"""What the rows of both systems tell of talks, attempts and refusals, by deal and by person; read all at once.

Asked by `neglect`. A second opinion on contact and attempt, as short as it can be; it must not know the connector.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from connector.sandbox.hubspot.properties import CONNECTED
from connector.sandbox.world import World

LEFT_ALONE: Final = ("不適合", "登録保存")
REFUSALS: Final = ("架電NG", "電話不要", "連絡不要")
REVIVAL_SUBJECTS: Final = ("滞留商談掘り起こし", "失注商談掘り起こし")
_TASK_DAY = (
    'CASE WHEN substr("CompletedDateTime", 1, 16) = substr("CreatedDate", 1, 16) AND "ActivityDate" IS NOT NULL'
    ' THEN "ActivityDate" ELSE substr("CompletedDateTime", 1, 10) END'
)
_TALKED = (
    "\"TaskSubtype\" NOT IN ('Email', 'ListEmail') AND"
    " (\"CallDisposition\" IS NULL OR \"CallDisposition\" IN ('接続', '通話'))"
)
_PROGRAMS = '(SELECT "Id" FROM "salesforce_User" WHERE "Username" LIKE \'integration@%\')'
_BY_A_PROGRAM = f'"CreatedById" IN {_PROGRAMS} AND "LastModifiedById" IN {_PROGRAMS}'
"""Logged as done by whatever is connected: a line in the history, and nobody's talk."""
_TASKS = (
    f'SELECT "WhatId", "WhoId", {_TASK_DAY}, {_TALKED} FROM "salesforce_Task"'
    ' WHERE "IsDeleted" = 0 AND "Status" = \'完了\' AND "TaskSubtype" <> \'ListEmail\''
    f" AND NOT ({_BY_A_PROGRAM})"
)
_EVENTS = 'SELECT "WhatId", "WhoId", substr("StartDateTime", 1, 10), 1 FROM "salesforce_Event" WHERE "IsDeleted" = 0'
_HUBSPOT = {
    "calls": f'"hs_call_disposition" IS NULL OR "hs_call_disposition" = \'{CONNECTED}\'',
    "meetings": '"hs_meeting_outcome" IS NULL OR "hs_meeting_outcome" = \'COMPLETED\'',
    "emails": "\"hs_email_direction\" = 'INCOMING_EMAIL'",
}
_TWINS = (
    'SELECT h."id", COALESCE(h."salesforcecontactid", c."Id") FROM "hubspot_contacts" h'
    ' LEFT JOIN "salesforce_Contact" c ON c."Email" = h."email" AND c."IsDeleted" = 0 WHERE h."archived" = 0'
)
_DEALS = (
    'SELECT "id", "salesforceopportunityid" FROM "hubspot_deals"'
    ' WHERE "salesforceopportunityid" IS NOT NULL AND "archived" = 0'
)
_ROLES = 'SELECT "OpportunityId", "ContactId" FROM "salesforce_OpportunityContactRole" WHERE "IsDeleted" IS NOT 1'
_DECIDED = (
    'SELECT "WhatId", substr("SystemModstamp", 1, 10) FROM "salesforce_Task" WHERE "Subject" IN (?, ?)'
    ' AND ("IsDeleted" = 1 OR "Status" = \'対応不要\') AND "WhatId" IS NOT NULL'
)
_BUSY = (
    'SELECT "WhatId", "WhoId" FROM "salesforce_Task" WHERE "IsDeleted" = 0 AND "IsClosed" = 0 AND "ActivityDate" <= ?'
)
_NOTED = " OR ".join('instr("Description", ?) > 0' for _ in REFUSALS)
_REFUSING_ACCOUNTS = (
    'SELECT "Id" FROM "salesforce_Account" WHERE "Call_Consent__c" = \'不可\''
    f' OR "Account_Status__c" IN (?, ?) OR {_NOTED}'
)
_REFUSING_CONTACTS = (
    f'SELECT "Id" FROM "salesforce_Contact" WHERE "Call_Consent__c" = \'不可\' OR "Left_Company__c" = 1 OR {_NOTED}'
)
_NOTED_IN_TASKS = f'SELECT "WhoId" FROM "salesforce_Task" WHERE "WhoId" IS NOT NULL AND ({_NOTED})'
_NOTED_IN_NOTES = (
    'SELECT h."salesforcecontactid" FROM "hubspot_notes" n JOIN "hubspot_associations" a'
    " ON a.from_type = 'notes' AND a.from_id = n.\"id\" AND a.to_type = 'contacts'"
    ' JOIN "hubspot_contacts" h ON h."id" = a.to_id WHERE ' + _NOTED.replace("Description", "hs_note_body")
)


def _lists() -> dict[str, list[str]]:
    return defaultdict(list)


@dataclass
class Traces:
    """Days by key, which is a deal, or a person for what is on no deal; `elsewhere` by person: deal, day, talked."""

    talks: dict[str, list[str]] = field(default_factory=_lists)
    tries: dict[str, list[str]] = field(default_factory=_lists)
    decided: dict[str, list[str]] = field(default_factory=_lists)
    """Days on which somebody closed or deleted a revival task of the deal as not needed."""
    people: dict[str, list[str]] = field(default_factory=_lists)
    elsewhere: dict[str, list[tuple[str, str, bool]]] = field(default_factory=lambda: defaultdict(list))
    busy: set[str] = field(default_factory=set)
    """Deals and people with an open task that is due soon: a dummy months away is no work."""
    blocked: set[str] = field(default_factory=set)
    """People and accounts that nobody may call, or that are left alone."""

    def last_talk(self, keys: Iterable[str]) -> str:
        return max((day for key in keys for day in self.talks.get(key, ())), default="")

    def tried_since(self, keys: Iterable[str], day: str) -> list[str]:
        return [one for key in keys for one in self.tries.get(key, ()) if one >= day]


def read_traces(world: World, today: date, soon: int) -> Traces:
    """Everything as it stands; `soon` is within how many days an open task is due that counts."""
    found = Traces()
    for deal, person in world.tuples(_ROLES):
        found.people[str(deal)].append(str(person))
    for what, who, day, talked in (*world.tuples(_TASKS), *world.tuples(_EVENTS)):
        _note(found, what or who, day, talked=bool(talked))
        if who and day and str(what or "").startswith("006"):
            found.elsewhere[str(who)].append((str(what), str(day), bool(talked)))
    for person, day, talked in _of_the_portal(world):
        _note(found, person, day, talked=talked)
    for deal, day in world.tuples(_DECIDED, REVIVAL_SUBJECTS):
        found.decided[str(deal)].append(str(day))
    limit = (today + timedelta(days=soon)).isoformat()
    found.busy = {str(one) for row in world.tuples(_BUSY, (limit,)) for one in row if one}
    found.blocked = _blocked(world)
    return found


def _note(found: Traces, key: str | None, day: str | None, *, talked: bool) -> None:
    if not key or not day:
        return
    found.tries[str(key)].append(str(day))
    if talked:
        found.talks[str(key)].append(str(day))


def _of_the_portal(world: World) -> Iterator[tuple[str, str | None, bool]]:
    """Calls, meetings and mails with a person of whom the SFA knows, or on a deal that stands for one of the SFA's."""
    known = {("contacts", str(row[0])): str(row[1]) for row in world.tuples(_TWINS) if row[1]}
    known |= {("deals", str(row[0])): str(row[1]) for row in world.tuples(_DEALS)}
    for name, is_talk in _HUBSPOT.items():
        sql = (
            f'SELECT a.from_type, a.from_id, substr(e."hs_timestamp", 1, 10), {is_talk} FROM "hubspot_associations" a'
            f' JOIN "hubspot_{name}" e ON e."id" = a.to_id'
            " WHERE a.from_type IN ('contacts', 'deals') AND a.to_type = ? AND e.\"archived\" = 0"
        )
        for object_, record_id, day, talked in world.tuples(sql, (name,)):
            if key := known.get((str(object_), str(record_id))):
                yield key, day, bool(talked)


def _blocked(world: World) -> set[str]:
    """By a field, or by what somebody noted."""
    queries = (
        (_REFUSING_ACCOUNTS, (*LEFT_ALONE, *REFUSALS)),
        (_REFUSING_CONTACTS, REFUSALS),
        (_NOTED_IN_TASKS, REFUSALS),
        (_NOTED_IN_NOTES, REFUSALS),
    )
    return {str(row[0]) for sql, values in queries for row in world.tuples(sql, values) if row[0]}
