"""What the practice promises, measured in the vendors' own state: looked at every morning, told at the end.

Filled by the simulation, which calls `inspect` after the connector's cycle and before the day; it reads the journal of
accepted writes and the rows. It must not know the connector: its user is whoever signs in as the integration.
"""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from connector.sandbox.simulation.memory import Memory
from connector.sandbox.simulation.neglect import Neglect, neglect
from connector.sandbox.world import World

SUBJECTS: Final = (
    "滞留商談掘り起こし", "失注商談掘り起こし", "失注情報の入力依頼", "四半期チェック",
    "フォローコール", "解約防止フォロー", "ニーズ種別の確認", "トスアップ対応",
)  # fmt: skip
OUTSIDE_CAPACITY: Final = frozenset({"解約防止フォロー"})
NOT_CALLS: Final = frozenset({"失注情報の入力依頼"})
LOOK_EVERY = 7
"""Days between two looks at all deals."""
_MARKS = ", ".join("?" * len(SUBJECTS))
_OPEN = (
    'SELECT "Id", "Subject", "WhatId", "WhoId", "OwnerId", "CreatedById" FROM "salesforce_Task"'
    f' WHERE "IsClosed" = 0 AND "IsDeleted" = 0 AND "Subject" IN ({_MARKS}) ORDER BY "Id"'
)
_NEW = (
    "SELECT seq, time, object, id, after FROM journal WHERE seq > ? AND vendor = 'salesforce' AND operation = 'create'"
    " AND actor = ? ORDER BY seq"
)
Row = dict[str, Any]


@dataclass
class Figures:
    """`capacity` is how many new tasks somebody of inside sales may get a day."""

    world: World
    memory: Memory
    capacity: int = 15
    mornings: int = 0
    series: list[Row] = field(default_factory=list)
    duplicates: set[tuple[str, str]] = field(default_factory=set)
    forbidden: list[str] = field(default_factory=list)
    created: Counter[str] = field(default_factory=Counter)
    per_rep: Counter[tuple[str, str]] = field(default_factory=Counter)
    in_time: int = 0
    late: int = 0
    _seen: int = 0
    _morning: str = ""

    def __post_init__(self) -> None:
        sql = 'SELECT "Id" FROM "salesforce_User" WHERE "Username" LIKE \'integration@%\' ORDER BY "Id"'
        self._app = str(self.world.tuples(sql)[0][0])

    def inspect(self, today: date) -> None:
        """One morning, after the connector's cycle; asked again the same morning, only what is new is counted."""
        morning = today.isoformat()
        is_first, self._morning = morning != self._morning, morning
        new = self.world.select(_NEW, (self._seen, self._app))
        rows = [(row, json.loads(row["after"])) for row in new]
        self._seen = int(new[-1]["seq"]) if new else self._seen
        inside = self._inside_sales()
        for row, after in rows:
            if row["object"] == "Task" and after.get("Subject") in SUBJECTS:
                self._count(row, after, inside, today)
        self._open_twice()
        self._told([self._about(after) for _, after in rows], 1 if is_first else 0)
        if is_first and self.mornings % LOOK_EVERY == 0:
            self._look(today)
        self.mornings += is_first

    def told(self, today: date) -> Row:
        """All figures as they stand; the last look is at this moment."""
        self.inspect(today)
        if not self.series or self.series[-1]["day"] != today.isoformat():
            self._look(today)
        over = {key: count - self.capacity for key, count in self.per_rep.items() if count > self.capacity}
        missing = len(self.memory.expected)
        return {
            "mornings": self.mornings,
            "stalled": self._course("stalled"),
            "lost": self._course("lost"),
            "duplicates": {"count": len(self.duplicates), "examples": sorted(self.duplicates)[:20]},
            "over_capacity": {"tasks": sum(over.values()), "rep_days": len(over), "capacity": self.capacity},
            "alerts": {
                "expected": self.in_time + self.late + missing,
                "in_time": self.in_time,
                "late": self.late,
                "missing": missing,
            },
            "forbidden_calls": {"count": len(self.forbidden), "examples": self.forbidden[:20]},
            "tasks": self._tasks(today),
            "series": self.series,
        }

    # -- one morning -----------------------------------------------------------------------------------------------

    def _count(self, row: Row, after: Row, inside: set[str], today: date) -> None:
        subject, owner = str(after["Subject"]), str(after.get("OwnerId"))
        self.created[subject] += 1
        if owner in inside and subject not in OUTSIDE_CAPACITY:
            self.per_rep[owner, today.isoformat()] += 1
        if subject not in NOT_CALLS and after.get("WhoId") and self._must_not_be_called(str(after["WhoId"])):
            self.forbidden.append(str(row["id"]))

    def _inside_sales(self) -> set[str]:
        sql = (
            'SELECT u."Id" FROM "salesforce_User" u JOIN "salesforce_UserRole" r ON r."Id" = u."UserRoleId"'
            " WHERE r.\"DeveloperName\" = 'InsideSales'"
        )
        return {str(row[0]) for row in self.world.tuples(sql)}

    def _must_not_be_called(self, who: str) -> bool:
        lead = self.world.get("salesforce", "Lead", who)
        if lead is not None:
            return bool(lead.get("DoNotCall"))
        contact = self.world.get("salesforce", "Contact", who) or {}
        account = self.world.get("salesforce", "Account", str(contact.get("AccountId"))) or {}
        refused = "不可" in (contact.get("Call_Consent__c"), account.get("Call_Consent__c"))
        return refused or bool(contact.get("Left_Company__c"))

    def _open_twice(self) -> None:
        """One subject open twice for a deal or for a person, one of the tasks being the connector's."""
        found: dict[tuple[str, str], list[str]] = {}
        for row in self.world.select(_OPEN, SUBJECTS):
            for about in {row["WhatId"], row["WhoId"]} - {None}:
                if not str(about).startswith("001"):  # several deals and people of one account may each have theirs
                    # A colleague's superior is asked beside him.
                    key = f"{about} {row['OwnerId']}" if row["Subject"] in NOT_CALLS else str(about)
                    found.setdefault((row["Subject"], key), []).append(str(row["CreatedById"]))
        self.duplicates |= {key for key, makers in found.items() if len(makers) > 1 and self._app in makers}

    def _about(self, after: Row) -> str | None:
        """The account of a task, a post or a notification."""
        for name in ("WhatId", "ParentId", "targetId", "WhoId"):
            record_id = str(after.get(name) or "")
            if record_id.startswith("001"):
                return record_id
            object_ = {"006": "Opportunity", "003": "Contact"}.get(record_id[:3])
            found = self.world.get("salesforce", object_, record_id) if object_ else None
            if found is not None and found["AccountId"]:
                return str(found["AccountId"])
        return None

    def _told(self, accounts: list[str | None], passed: int) -> None:
        """Who was told of what has happened since the last morning; later than that is late."""
        left = []
        for one in self.memory.expected:
            if one.account not in accounts:
                one.mornings += passed
                left.append(one)
            elif one.mornings == 0:
                self.in_time += 1
            else:
                self.late += 1
        self.memory.expected[:] = left

    def _look(self, today: date) -> None:
        self.series.append({"day": today.isoformat(), **asdict(neglect(self.world, today))})

    # -- all of them -----------------------------------------------------------------------------------------------

    def _course(self, kind: str) -> Row:
        """First, last and mean share of deals that nobody works."""
        looks = [(row[kind], row[f"{kind}_unworked"]) for row in self.series]
        shares = [_share(*one) for one in looks]
        return {
            "first": {"deals": looks[0][0], "unworked": looks[0][1], "share": shares[0]},
            "last": {"deals": looks[-1][0], "unworked": looks[-1][1], "share": shares[-1]},
            "mean_share": round(sum(shares) / len(shares), 4),
        }

    def _tasks(self, today: date) -> Row:
        sql = (
            'SELECT "Subject", COUNT(*), SUM("IsClosed"), SUM("IsClosed" = 0 AND "ActivityDate" < ?)'
            f' FROM "salesforce_Task" WHERE "IsDeleted" = 0 AND "CreatedById" = ? AND "Subject" IN ({_MARKS})'
            ' GROUP BY "Subject" ORDER BY "Subject"'
        )
        rows = self.world.tuples(sql, (today.isoformat(), self._app, *SUBJECTS))
        return {
            str(subject): {"created": self.created[str(subject)], "closed": int(closed), "late": int(late)}
            for subject, _, closed, late in rows
        }


def _share(deals: int, unworked: int) -> float:
    return round(unworked / deals, 4) if deals else 0.0


__all__ = ["Figures", "Neglect"]
