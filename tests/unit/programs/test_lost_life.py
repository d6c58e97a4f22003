"""Years of one lost deal, with what was decided carried out: it always comes back, and nothing comes twice.

The deal is judged only when something of it changed or when the last decision said so, as the engine does it.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from build import DEAL, IS_REP, NOW, OWNER
from build_lost import REVIVAL, Lost, day, tasks
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.case import Occasion, OwnTask
from connector.model.intents import Decision, Over, SetFields
from connector.model.records import Activity, ActivityKind, Ref

YEARS = timedelta(days=900)


@dataclass
class Life:
    """The deal as it changes; `next_dates` are set when a revival is completed (days ahead, or nothing)."""

    next_dates: list[int | None]
    talk: str
    answers: bool
    world: Lost = field(default_factory=lambda: Lost(0, deal={"next_approach_date": None}))
    now: datetime = NOW
    occasion: Occasion | None = None
    mine: list[OwnTask] = field(default_factory=list)
    written: dict[str, Any] = field(default_factory=dict)
    by_person: date | None = None
    revived: list[date] = field(default_factory=list)

    def live(self) -> None:
        """Judges, carries out, and waits for what comes next, until the years are over."""
        while self.now < NOW + YEARS:
            decision = self.judge()
            self.carry_out(decision)
            again = self.judge()
            assert not {one.key for one in tasks(again)} & {one.key for one in self.mine}
            moments = [at for at in (again.wake_at, self.someone_acts()) if at]
            if again.reason == "manager_decides" and not moments:
                return
            assert moments, (again.reason, self.now)
            self.now = min(moments)
            self.act()

    def judge(self) -> Decision:
        """What the program says now."""
        self.world.tasks = tuple(self.mine)
        self.world.occasion = self.occasion
        self.world.written = {DEAL: dict(self.written)}
        decision = self.world.judge(now=self.now)
        self.occasion = decision.occasion
        return decision

    def carry_out(self, decision: Decision) -> None:
        """New tasks and fields, as the engine would write them."""
        for intent in tasks(decision):
            assert intent.key not in {one.key for one in self.mine}
            holder = intent.assignee or IS_REP
            self.mine.append(self.issued(intent.key, intent.subject, holder))
            if intent.subject == REVIVAL:
                assert len([one for one in self.open() if one.key.rsplit(".", 1)[1].isdigit()]) >= 1
                self.revived.append(self.now.date())
        for intent in decision.intents:
            if isinstance(intent, SetFields) and intent.record == DEAL:
                assert intent.over is not Over.ANY
                assert "next_approach_date" not in intent.values or self.by_person is None
                self.world.deal |= intent.values
                self.written |= intent.values

    def issued(self, key: str, subject: str, holder: Ref) -> OwnTask:
        """A task as it looks when it is new."""
        record = Ref("salesforce", "Task", key)
        values: dict[str, Any] = {"subject": subject, "owner": holder, "status": "未着手", "opportunities": (DEAL,)}
        seen = Activity(ref=record, form=ActivityKind.TASK, modified_at=self.now, created_at=self.now, **values)
        return OwnTask(key, "lost", record, {"Subject": subject}, self.now, False, seen, False)

    def open(self) -> list[OwnTask]:
        """Tasks of ours that nobody has completed."""
        return [one for one in self.mine if one.current and not one.current.is_closed]

    def someone_acts(self) -> datetime | None:
        """A revival is completed three days after it was issued; a request after five, if anybody answers at all."""
        due = [one.created_at + timedelta(days=3) for one in self.open() if self.is_revival(one)]
        due += [one.created_at + timedelta(days=5) for one in self.open() if self.answers and not self.is_revival(one)]
        return min(due, default=None)

    def act(self) -> None:
        """What people do at this moment."""
        for one in self.open():
            if self.is_revival(one) and one.created_at + timedelta(days=3) <= self.now:
                self.complete(one, disposition=self.talk)
                ahead = self.next_dates.pop(0) if self.next_dates else None
                if ahead is not None:
                    self.by_person = (self.now + timedelta(days=ahead)).date()
                    self.world.deal["next_approach_date"] = self.by_person
            elif self.answers and one.created_at + timedelta(days=5) <= self.now:
                self.complete(one)

    def complete(self, one: OwnTask, **values: Any) -> None:
        """A person ticks a task."""
        assert one.current is not None
        closed = {"is_closed": True, "status": "完了", "completed_at": self.now, "modified_at": self.now}
        self.mine[self.mine.index(one)] = replace(one, current=one.current.model_copy(update=closed | values))

    @staticmethod
    def is_revival(one: OwnTask) -> bool:
        """Whether it is the task for calling the customer."""
        return one.current is not None and one.current.subject == REVIVAL


@settings(deadline=None, max_examples=60)
@given(
    next_dates=st.lists(st.none() | st.integers(1, 200), max_size=5),
    talk=st.sampled_from(["接続", "不在"]),
    answers=st.booleans(),
    reason=st.sampled_from(["ペンディング", "他社導入", "音信不通", None]),
    fiscal=st.none() | st.integers(1, 12),
)
def test_a_lost_deal_always_comes_back_and_nothing_comes_twice(
    next_dates: list[int | None], talk: str, answers: bool, reason: str | None, fiscal: int | None
) -> None:
    """Whoever answers or does not: within ten months of the loss and of each revival there is the next one."""
    life = Life(list(next_dates), talk, answers)
    life.world.deal["lost_reason"] = reason
    life.world.account["fiscal_month"] = fiscal
    life.live()
    days = [NOW.date(), *life.revived]
    gaps = [later - earlier for earlier, later in pairwise(days)]
    assert len(life.revived) >= 2
    decided_by_the_manager = talk == "不在" and len(life.revived) >= 3
    if not decided_by_the_manager:
        gaps.append((NOW + YEARS).date() - days[-1])
    assert max(gaps) <= timedelta(days=310)


def test_the_life_without_any_help_of_people() -> None:
    """Postponed, nobody ever answers: asked, asked above, filled in, revived every half a year."""
    life = Life([], "接続", answers=False)
    life.live()
    tails = [one.key.partition(":1.")[2] for one in life.mine]
    assert tails[:5] == ["request.owner", "request.superior", "1", "next.1", "next.1.superior"]
    assert life.revived[:2] == [date(2027, 5, 18), date(2027, 11, 22)]
    assert life.mine[0].current is not None
    assert life.mine[0].current.owner == OWNER
    assert day("2026-11-18") == NOW
