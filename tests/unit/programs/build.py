"""Builders of cases for the programs' tests: say what matters, leave the rest."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connector.mapping.loader import load_mappings
from connector.model.case import Case, Occasion, OwnTask, Participant
from connector.model.intents import Decision
from connector.model.records import Account, Activity, ActivityKind, Opportunity, Person, Ref, User
from connector.model.time import BusinessCalendar
from connector.programs.practice import LeadTime, Practice
from connector.programs.stalled import PROGRAM, StalledSettings

JST = BusinessCalendar().zone
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=JST)
TODAY = NOW.date()
MAPPINGS = load_mappings(None)

DEAL = Ref("salesforce", "Opportunity", "006A")
OTHER = Ref("salesforce", "Opportunity", "006B")
ACCOUNT = Ref("salesforce", "Account", "001A")
PERSON = Ref("salesforce", "Contact", "003A")
OWNER = Ref("salesforce", "User", "005OWNER")
IS_REP = Ref("salesforce", "User", "005IS")


def days_ago(days: int, hour: int = 12) -> datetime:
    """Noon (JST), so many days before today."""
    return datetime(TODAY.year, TODAY.month, TODAY.day, hour, tzinfo=JST) - timedelta(days=days)


def practice(**changes: Any) -> Practice:
    """The preset's practice."""
    values: dict[str, Any] = {
        "touches": MAPPINGS.touches,
        "calendar": BusinessCalendar(),
        "tasks": MAPPINGS.tasks,
        "texts": MAPPINGS.texts["ja"],
    }
    return Practice(**(values | changes))


_counter = iter(range(1, 1_000_000))


def _ref(system: str, object_: str) -> Ref:
    return Ref(system, object_, f"{next(_counter):06d}")


def meeting(days: int, *, deal: Ref | None = DEAL, **values: Any) -> Activity:
    """A meeting `days` ago (negative: to come)."""
    return activity("Event", ActivityKind.MEETING, deal, starts_at=days_ago(days), **values)


def call(days: int, disposition: str | None = None, *, deal: Ref | None = DEAL, **values: Any) -> Activity:
    """A call logged on the day."""
    return logged("Task", ActivityKind.CALL, days, deal, disposition=disposition, **values)


def done_task(days: int, *, deal: Ref | None = DEAL, **values: Any) -> Activity:
    """A plain task that was logged as completed."""
    return logged("Task", ActivityKind.TASK, days, deal, **values)


def mail(days: int, direction: str, thread: str = "t1", *, deal: Ref | None = DEAL, **values: Any) -> Activity:
    """A mail in the MA."""
    return activity(
        "emails",
        ActivityKind.MAIL,
        deal,
        system="hubspot",
        starts_at=days_ago(days),
        direction=direction,
        thread=thread,
        is_closed=True,
        **values,
    )


def open_task(due: date | None, owner: Ref = OWNER, *, deal: Ref | None = DEAL, **values: Any) -> Activity:
    """A task still to be done."""
    return activity("Task", ActivityKind.TASK, deal, due_date=due, owner=owner, status="未着手", **values)


def logged(object_: str, form: ActivityKind, days: int, deal: Ref | None, **values: Any) -> Activity:
    """An activity that was entered as already done."""
    at = days_ago(days)
    defaults: dict[str, Any] = {
        "is_closed": True,
        "status": "完了",
        "due_date": at.date(),
        "created_at": at,
        "completed_at": at,
    }
    return activity(object_, form, deal, **(defaults | values))


def activity(
    object_: str, form: ActivityKind, deal: Ref | None, *, system: str = "salesforce", **values: Any
) -> Activity:
    """Any activity, with the primary contact unless `people` says otherwise."""
    defaults: dict[str, Any] = {
        "ref": _ref(system, object_),
        "form": form,
        "modified_at": datetime(2026, 1, 1, tzinfo=UTC),
        "owner": OWNER,
        "opportunities": (deal,) if deal else (),
        "people": (PERSON,),
    }
    return Activity(**(defaults | values))


@dataclass
class World:
    """One deal and what surrounds it; change what the test is about."""

    activities: list[Activity] = field(default_factory=list)
    created_days: int = 400
    deal: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    twins: tuple[Person, ...] = ()
    has_role: bool = True
    is_primary: bool = True
    owner_active: bool = True
    own_tasks: tuple[OwnTask, ...] = ()
    occasion: Occasion | None = None
    other_deals: dict[Ref, Opportunity] = field(default_factory=dict)
    account_activities: tuple[Activity, ...] = ()
    users: dict[Ref, User] = field(default_factory=dict)

    def case(self) -> Case:
        """The case as the store would assemble it."""
        stamp = datetime(2026, 1, 1, tzinfo=UTC)
        deal: dict[str, Any] = {
            "ref": DEAL,
            "modified_at": stamp,
            "created_at": days_ago(self.created_days),
            "name": "アクメ様 新規導入",
            "account": ACCOUNT,
            "owner": OWNER,
            "stage": "提案",
            "amount": Decimal(5_000_000),
            "record_type": "Standard",
        }
        person: dict[str, Any] = {"ref": PERSON, "modified_at": stamp, "name": "山田 太郎", "call_consent": "yes"}
        account: dict[str, Any] = {"ref": ACCOUNT, "modified_at": stamp, "name": "㈱アクメ", "owner": OWNER}
        owner = User(ref=OWNER, modified_at=stamp, name="営業 一郎", email="ichiro@own.example")
        owner = owner.model_copy(update={"is_active": self.owner_active})
        participant = Participant(Person(**(person | self.person)), self.twins, self.is_primary)
        return Case(
            subject=Opportunity(**(deal | self.deal)),
            version="v1",
            same_deal=frozenset({DEAL}),
            accounts=(Account(**(account | self.account)),),
            participants=(participant,) if self.has_role else (),
            activities=tuple(self.activities),
            account_activities=self.account_activities,
            other_deals=self.other_deals,
            users={OWNER: owner} | self.users,
            own_tasks=self.own_tasks,
            occasions={"stalled": self.occasion} if self.occasion else {},
        )

    def judge(self, now: datetime = NOW, settings: StalledSettings | None = None, **practice_changes: Any) -> Decision:
        """What the stalled program says."""
        return PROGRAM.evaluate(self.case(), settings or StalledSettings(), practice(**practice_changes), now)


def company_lead_time(won: int, mean_days: float) -> dict[str | None, LeadTime]:
    """Lead times as the engine hands them over."""
    return {None: LeadTime(won=won, mean_days=mean_days)}
