"""Which stalled and which due lost deals nobody works, although nobody decided so.

Asked by the figures, with the traces of both systems. It must not know the connector.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from connector.sandbox.simulation.traces import Traces, read_traces
from connector.sandbox.world import World

STALL_DAYS, ATTEMPT_DAYS, FRUITLESS = 60, 14, 3
INTERVAL_DAYS, OLDEST_DAYS = 275, 1_096
"""A loss without a date is due after the longest interval of the practice; three years later it is forgotten."""
REASONS: Final = frozenset({"ペンディング", "他社導入", "音信不通", None})
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Neglect:
    """How many deals there are to be worked, and how many of them nobody works."""

    stalled: int
    stalled_unworked: int
    lost: int
    lost_unworked: int


def neglect(world: World, today: date) -> Neglect:
    """The state of all deals on this day.

    Not to be worked is who may not be called, who was tried three times in vain, who is in touch on another deal, and
    whose revival somebody has called not needed.
    """
    judge = Judge(read_traces(world, today, ATTEMPT_DAYS), today)
    deals = world.select('SELECT * FROM "salesforce_Opportunity" WHERE "IsDeleted" = 0 ORDER BY "Id"')
    engaged = {deal["AccountId"] for deal in deals if not deal["IsClosed"] or deal["IsWon"]}
    stalled = [deal for deal in deals if judge.is_stalled(deal)]
    lost = [deal for deal in deals if deal["AccountId"] not in engaged and judge.is_due(deal)]
    return Neglect(
        len(stalled), sum(not judge.is_worked(deal) for deal in stalled),
        len(lost), sum(not judge.is_worked(deal, _due(deal)) for deal in lost),
    )  # fmt: skip


class Judge:
    """What the traces say of a deal on one day."""

    def __init__(self, traces: Traces, today: date) -> None:
        self._traces, self._today = traces, today

    def is_stalled(self, deal: Row) -> bool:
        """Open and silent for 60 days, nothing ahead, and still to be worked."""
        last = self._traces.last_talk(self._keys(deal)) or str(deal["CreatedDate"])[:10]
        silent = not deal["IsClosed"] and last <= self._ago(STALL_DAYS)
        return silent and self._is_to_be_worked(deal, last)

    def is_due(self, deal: Row) -> bool:
        """Lost at most three years ago, the day to be approached again has come, and still to be worked."""
        due = _due(deal)
        if due is None or due > self._today.isoformat() or deal["CloseDate"] < self._ago(OLDEST_DAYS):
            return False
        return self._is_to_be_worked(deal, max(due, deal["CloseDate"]))

    def is_worked(self, deal: Row, due: str | None = None) -> bool:
        """An open task, or somebody tried lately (or since the deal was due)."""
        lately = self._ago(ATTEMPT_DAYS)
        since = min(lately, due) if due else lately
        busy = {deal["Id"], deal["ContactId"]} & self._traces.busy
        return bool(busy or self._traces.tried_since(self._keys(deal), since))

    def _is_to_be_worked(self, deal: Row, since: str) -> bool:
        traces = self._traces
        return not (
            {deal["ContactId"], deal["AccountId"]} & traces.blocked
            or any(day >= since for day in traces.decided.get(deal["Id"], ()))
            or len(traces.tried_since(self._keys(deal), since)) >= FRUITLESS
            or self._in_touch_elsewhere(deal)
        )

    def _in_touch_elsewhere(self, deal: Row) -> bool:
        talks, tries = self._ago(STALL_DAYS), self._ago(ATTEMPT_DAYS)
        return any(
            other != deal["Id"] and day >= (talks if talked else tries)
            for person in self._traces.people.get(deal["Id"], ())
            for other, day, talked in self._traces.elsewhere.get(person, ())
        )

    def _keys(self, deal: Row) -> list[str]:
        return [deal["Id"], *self._traces.people.get(deal["Id"], ())]

    def _ago(self, days: int) -> str:
        return (self._today - timedelta(days=days)).isoformat()


def _due(deal: Row) -> str | None:
    """The day from which a lost deal is to be approached again; None: never."""
    if not deal["IsClosed"] or deal["IsWon"] or deal["Lost_Reason__c"] not in REASONS:
        return None
    if deal["Next_Approach_Date__c"]:
        return str(deal["Next_Approach_Date__c"])
    return (date.fromisoformat(deal["CloseDate"]) + timedelta(days=INTERVAL_DAYS)).isoformat()
