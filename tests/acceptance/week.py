"""Some days of a company with everything that its planted cases need, and what the vendors had seen at each point.

Used by `test_programs.py`. Knows the journal and the truth of the sandbox, nothing of how a program decides.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from company import Company

from connector.engine.summary import RunSummary

TOKYO = ZoneInfo("Asia/Tokyo")
KEY = re.compile(r"管理番号: (\S+)")
LOOKED_AT = (
    ("salesforce", "Opportunity"),
    ("salesforce", "Account"),
    ("hubspot", "contacts"),
    ("hubspot", "companies"),
)
Row = dict[str, Any]


@dataclass
class Point:
    """The vendors' state after the last cycle of a day: how far the journal went, and the records looked at."""

    seq: int
    day: date
    records: dict[tuple[str, str, str], Row]


@dataclass
class Week:
    """What happened: the cycles in order, the points by days since the start, and the whole journal."""

    here: Company
    cases: list[Row]
    cycles: list[tuple[str, RunSummary]] = field(default_factory=list)
    points: dict[int, Point] = field(default_factory=dict)
    journal: list[Row] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)
    """Who a record of a person is, by its id, as the truth says."""

    def cycle(self, label: str) -> RunSummary:
        """One run, which is kept under this name."""
        summary = self.here.run()
        self.cycles.append((label, summary))
        return summary

    def look(self, days: int) -> None:
        """Keep the state of the vendors as of so many days after the start."""
        records = {
            (system, object_, str(row.get("Id") or row["id"])): row
            for system, object_ in LOOKED_AT
            for row in self.here.records(system, object_)
        }
        self.journal = self.here.entries()
        day = self.here.now().astimezone(TOKYO).date()
        self.points[days] = Point(self.journal[-1]["seq"], day, records)

    def ours(self, until: int | None = None) -> Iterator[Row]:
        """Entries of the journal that the connector wrote, up to one of them."""
        for entry in self.journal:
            if (until is None or entry["seq"] <= until) and entry["actor"] in self._connector:
                yield entry

    def tasks(self, until: int | None = None) -> list[Row]:
        """Tasks that the connector made, as they stood at a point; `made` is the moment, `gone` whether deleted."""
        found: dict[str, Row] = {}
        for entry in self.journal:
            if until is not None and entry["seq"] > until:
                break
            if entry["object"] != "Task":
                continue
            if entry["operation"] == "create" and entry["after"].get("Okoshi_Key__c"):
                made = datetime.fromisoformat(entry["time"])
                found[entry["id"]] = {"Id": entry["id"], "WhoId": None, "WhatId": None, "made": made, "gone": False}
            if entry["id"] in found:
                found[entry["id"]] |= entry["after"] or {}
                found[entry["id"]]["gone"] |= entry["operation"] == "delete"
        return [task for task in found.values() if task["Status"] != "完了" or not is_log(task)]

    def members(self, until: int) -> set[tuple[str, str]]:
        """(list, person) as the connector left them at a point."""
        found: set[tuple[str, str]] = set()
        for entry in self.ours(until):
            if entry["object"] == "memberships":
                list_id, _, person = entry["id"].partition(":")
                (found.add if entry["operation"] == "create" else found.discard)((list_id, person))
        return found

    def posts(self, until: int | None = None) -> list[tuple[str, str, str]]:
        """(key, record, text) of every post."""
        made = [entry["after"] for entry in self.ours(until) if entry["object"] == "FeedItem"]
        return [(found[1], one["ParentId"], one["Body"]) for one in made if (found := KEY.search(one["Body"]))]

    def bells(self, until: int | None = None) -> list[tuple[str, str, str]]:
        """(recipient, record, title) of every notification."""
        made = [entry["after"] for entry in self.ours(until) if entry["object"] == "CustomNotification"]
        return [(user, one["targetId"], one["title"]) for one in made for user in one["recipientIds"]]

    @property
    def _connector(self) -> frozenset[str]:
        """Who the connector is to the two vendors: whoever made the tasks that bear our key."""
        made = (one for one in self.journal if one["object"] == "Task" and (one["after"] or {}).get("Okoshi_Key__c"))
        return frozenset({next(made)["actor"], "hubspot-private-app"})


def is_log(task: Mapping[str, Any]) -> bool:
    """Whether it is an activity that the connector logged: completed from the beginning."""
    return str(task["Okoshi_Key__c"]).endswith(":log")


def lived(here: Company, days: Sequence[int]) -> Week:
    """A first cycle, a second one of the unchanged company, all acts at once, and a cycle so many days after that."""
    truth = here.truth()
    week = Week(here, truth["cases"])
    week.people = {ref.rsplit(":", 1)[1]: one["truth_id"] for one in truth["people"] for ref in one["refs"]}
    week.cycle("first")
    here.advance("PT5M")
    week.cycle("unchanged")
    for case in week.cases:
        for act in case.get("acts", []):
            here.act(**act)
    here.advance("PT1M")
    week.cycle("acts")
    week.look(0)
    for before, day in pairwise((0, *days)):
        here.advance(f"P{day - before}D")
        week.cycle(f"day {day}")
        week.look(day)
    return week


def business_day_of(moment: datetime, closed: frozenset[date]) -> date:
    """The business day for which something that was made now counts."""
    day = moment.astimezone(TOKYO).date()
    while day.weekday() >= 5 or day in closed:
        day += timedelta(days=1)
    return day
