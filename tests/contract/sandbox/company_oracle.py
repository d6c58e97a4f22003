"""What must come of a planted deal, computed from the stored rows by the shortest code that says so.

Used by the tests of the planted cases only: a second opinion on the plants, independent of whoever reads the sandbox.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property
from typing import Any

from connector.sandbox.world import World

Row = dict[str, Any]
CONNECTED = {None, "接続", "通話", "f240bbac-87c9-4f6e-bf70-924b57d47db7"}
REFUSED = re.compile("架電NG|電話不要|連絡不要")
SUBJECT = "滞留商談掘り起こし"


def _day(moment: str) -> date:
    parsed = datetime.fromisoformat(moment.removesuffix("Z")).replace(tzinfo=UTC)
    return parsed.astimezone(timezone(timedelta(hours=9))).date()


@dataclass(frozen=True)
class Touch:
    """One activity: `kind` is contact, attempt or ahead."""

    kind: str
    day: date
    deal: str | None
    people: frozenset[str]


class Oracle:
    """Judges opportunities of one world."""

    def __init__(self, world: World) -> None:
        self.now: str = world.truth["now"].replace("00Z", "00.000Z")
        self.today = _day(self.now)
        self._rows = {
            (vendor, name): [
                row for row in world.rows(vendor, name) if not row["_visible_at"] and not row.get("IsDeleted")
            ]
            for vendor, tables in world.tables.items()
            for name in tables
        }
        self._links: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for row in world.select("SELECT from_type, from_id, to_type, to_id FROM hubspot_associations"):
            self._links.setdefault((row["from_type"], row["from_id"]), []).append((row["to_type"], row["to_id"]))

    def rows(self, vendor: str, name: str) -> list[Row]:
        return self._rows[vendor, name]

    @cached_property
    def deals(self) -> dict[str, Row]:
        return {row["Id"]: row for row in self.rows("salesforce", "Opportunity")}

    @cached_property
    def contacts(self) -> dict[str, Row]:
        return {row["Id"]: row for row in self.rows("salesforce", "Contact")}

    @cached_property
    def roles(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.rows("salesforce", "OpportunityContactRole"):
            found.setdefault(row["OpportunityId"], []).append(row)
        return found

    @cached_property
    def twins(self) -> dict[str, str]:
        """HubSpot contact id -> Salesforce contact id."""
        by_mail = {row["Email"].lower(): row["Id"] for row in self.contacts.values() if row["Email"]}
        found = {}
        for row in self.rows("hubspot", "contacts"):
            contact = row["salesforcecontactid"] or by_mail.get((row["email"] or "").lower())
            if contact:
                found[row["id"]] = contact
        return found

    @cached_property
    def mean_lead(self) -> float:
        won = [row for row in self.deals.values() if row["IsWon"]]
        days = [(date.fromisoformat(row["CloseDate"]) - _day(row["CreatedDate"])).days for row in won]
        return sum(days) / len(days)

    @cached_property
    def touches(self) -> list[Touch]:
        return [*self._salesforce_touches(), *self._hubspot_touches()]

    def judge(self, opportunity: str) -> tuple[str, str]:
        """`task` or `no_task`, and why."""
        deal = self.deals[opportunity]
        if deal["IsClosed"]:
            return "no_task", "closed"
        tasks = [row for row in self.rows("salesforce", "Task") if row["WhatId"] == opportunity and not row["IsClosed"]]
        if any(row["Subject"] == SUBJECT for row in tasks):
            return "no_task", "already_open"
        if not self._stalled(opportunity):
            return "no_task", "fresh"
        reason = self._held_back(deal, tasks)
        return ("no_task", reason) if reason else ("task", "stalled")

    def _held_back(self, deal: Row, tasks: list[Row]) -> str | None:
        own = self._own(deal["Id"])
        if any(touch.kind == "ahead" for touch in own):
            return "future_meeting"
        limits = (self.today.isoformat(), (self.today + timedelta(days=14)).isoformat())
        if any(
            row["OwnerId"] == deal["OwnerId"] and limits[0] <= (row["ActivityDate"] or "") <= limits[1] for row in tasks
        ):
            return "owner_task"
        attempts = [touch.day for touch in own if touch.kind == "attempt"]
        if any((self.today - day).days < 14 for day in attempts):
            return "recent_attempt"
        if sum(day >= self._last(deal["Id"]) for day in attempts) >= 3:
            return "manager_decides"
        return self._other_deal(deal) or self._refused(deal) or self._merged(deal)

    def _people(self, opportunity: str) -> set[str]:
        return {row["ContactId"] for row in self.roles.get(opportunity, [])}

    def _primary(self, opportunity: str) -> str | None:
        return next((row["ContactId"] for row in self.roles.get(opportunity, []) if row["IsPrimary"]), None)

    def _own(self, opportunity: str) -> list[Touch]:
        people = self._people(opportunity)
        return [
            touch
            for touch in self.touches
            if touch.deal == opportunity or (touch.deal is None and touch.people & people)
        ]

    def _last(self, opportunity: str) -> date:
        days = [touch.day for touch in self._own(opportunity) if touch.kind == "contact"]
        return max(days, default=_day(self.deals[opportunity]["CreatedDate"]))

    def _stalled(self, opportunity: str) -> bool:
        deal = self.deals[opportunity]
        silent = (self.today - self._last(opportunity)).days
        short = next(row["Id"] for row in self.rows("salesforce", "RecordType") if row["DeveloperName"] == "ShortCycle")
        if deal["RecordTypeId"] != short:
            return silent >= 60
        return (self.today - _day(deal["CreatedDate"])).days > self.mean_lead and silent >= 14

    def _other_deal(self, deal: Row) -> str | None:
        people = self._people(deal["Id"])
        limits = {"contact": 60, "attempt": 14, "ahead": 1}
        others = [touch for touch in self.touches if touch.deal not in (None, deal["Id"]) and touch.people & people]
        held = any((self.today - touch.day).days < limits[touch.kind] for touch in others)
        return "other_deal" if held else None

    def _refused(self, deal: Row) -> str | None:
        account = next(row for row in self.rows("salesforce", "Account") if row["Id"] == deal["AccountId"])
        contact = self.contacts.get(self._primary(deal["Id"]) or "", {})
        if contact.get("Left_Company__c"):
            return "left_company"
        if "不可" in (account["Call_Consent__c"], contact.get("Call_Consent__c")):
            return "do_not_call"
        texts = [account["Description"], contact.get("Description")]
        for name in ("Task", "Event"):
            rows = self.rows("salesforce", name)
            texts += [row["Description"] for row in rows if contact and row["WhoId"] == contact["Id"]]
        for note in self.rows("hubspot", "notes"):
            who = {self.twins.get(other) for _, other in self._links.get(("notes", note["id"]), [])}
            texts += [note["hs_note_body"]] if contact and contact["Id"] in who else []
        return "do_not_call" if any(REFUSED.search(text or "") for text in texts) else None

    def _merged(self, deal: Row) -> str | None:
        primary = self._primary(deal["Id"])
        rivals = [
            other
            for other in self.deals.values()
            if primary and not other["IsClosed"] and other["Id"] != deal["Id"] and self._primary(other["Id"]) == primary
        ]
        bigger = [other for other in rivals if (other["Amount"] or 0) > (deal["Amount"] or 0)]
        return "merged" if any(self._stalled(other["Id"]) for other in bigger) else None

    # -- activities ----------------------------------------------------------------------------------------------------

    def _salesforce_touches(self) -> Iterator[Touch]:
        for row in self.rows("salesforce", "Event"):
            kind = "ahead" if row["StartDateTime"] > self.now else "contact"
            yield self._touch(kind, _day(row["StartDateTime"]), row)
        for row in self.rows("salesforce", "Task"):
            if row["Status"] != "完了" or row["TaskSubtype"] == "ListEmail":
                continue
            kind = "attempt" if row["TaskSubtype"] == "Email" or row["CallDisposition"] not in CONNECTED else "contact"
            at_once = row["CompletedDateTime"] == row["CreatedDate"] and row["ActivityDate"]
            day = date.fromisoformat(row["ActivityDate"]) if at_once else _day(row["CompletedDateTime"])
            yield self._touch(kind, min(day, self.today), row)

    def _touch(self, kind: str, day: date, row: Row) -> Touch:
        what = row["WhatId"] if (row["WhatId"] or "").startswith("006") else None
        return Touch(kind, day, what, frozenset({row["WhoId"]} - {None}))

    def _hubspot_touches(self) -> Iterator[Touch]:
        answers: dict[str, str] = {}
        for row in self.rows("hubspot", "emails"):
            if row["hs_email_direction"] == "INCOMING_EMAIL" and row["hs_timestamp"]:
                thread = row["hs_email_thread_id"]
                answers[thread] = max(answers.get(thread, ""), row["hs_timestamp"])
        for name, kind_of in (
            ("meetings", self._meeting),
            ("calls", _call),
            ("emails", lambda row: _mail(row, answers)),
        ):
            for row in self.rows("hubspot", name):
                kind = kind_of(row) if row["hs_timestamp"] else None
                if kind:
                    yield self._hubspot_touch(kind, name, row)

    def _hubspot_touch(self, kind: str, name: str, row: Row) -> Touch:
        links = self._links.get((name, row["id"]), [])
        opportunities = {one["id"]: one["salesforceopportunityid"] for one in self.rows("hubspot", "deals")}
        deal = next((opportunities[other] for type_, other in links if type_ == "deals"), None)
        people = {self.twins[other] for type_, other in links if type_ == "contacts" and other in self.twins}
        return Touch(kind, _day(row["hs_timestamp"]), deal, frozenset(people))

    def _meeting(self, row: Row) -> str | None:
        if row["hs_meeting_start_time"] > self.now:
            return "ahead" if row["hs_meeting_outcome"] in (None, "SCHEDULED") else None
        return "contact" if row["hs_meeting_outcome"] in (None, "COMPLETED") else None


def _call(row: Row) -> str:
    return "contact" if row["hs_call_disposition"] in CONNECTED else "attempt"


def _mail(row: Row, answers: dict[str, str]) -> str:
    if row["hs_email_direction"] == "INCOMING_EMAIL":
        return "contact"
    return "contact" if answers.get(row["hs_email_thread_id"], "") > row["hs_timestamp"] else "attempt"
