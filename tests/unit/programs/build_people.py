"""Builders of people's cases for the tests of freshness, hand-over and feedback: say what matters, leave the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import build
from build import ACCOUNT, IS_REP, OWNER, PERSON, TODAY, days_ago

from connector.model.case import Case, Occasion, OwnTask, Participant, Written
from connector.model.intents import Decision, EnsureTask
from connector.model.records import (
    Account,
    Activity,
    ActivityKind,
    Engagement,
    EngagementKind,
    Opportunity,
    Person,
    Ref,
    User,
)
from connector.programs.practice import Practice

STAMP = datetime(2026, 1, 1, tzinfo=UTC)
GO_LIVE = TODAY - timedelta(days=200)
LEAD = Ref("salesforce", "Lead", "00QA")
TWIN = Ref("hubspot", "contacts", "901")
BOSS = Ref("salesforce", "User", "005BOSS")
MANAGER = Ref("salesforce", "User", "005MANAGER")
OWN_DEAL = Ref("salesforce", "Opportunity", "006OWN")
T = TypeVar("T")

USERS = {
    OWNER: User(ref=OWNER, modified_at=STAMP, name="営業 一郎", email="ichiro@own.example", manager=BOSS),
    BOSS: User(ref=BOSS, modified_at=STAMP, name="上司 次郎", email="jiro@own.example"),
    IS_REP: User(ref=IS_REP, modified_at=STAMP, name="内勤 花子", email="hanako@own.example"),
    MANAGER: User(ref=MANAGER, modified_at=STAMP, name="課長 三郎", email="saburo@own.example"),
}


def practice(**changes: Any) -> Practice:
    """The preset's practice with one of inside sales, the manager and a nurturing list."""
    values: dict[str, Any] = {
        "managers": (USERS[MANAGER],),
        "inside_sales": (USERS[IS_REP],),
        "go_live": GO_LIVE,
        "own_domains": frozenset({"own.example"}),
        "lists": {"nurturing": Ref("hubspot", "lists", "77")},
    }
    return build.practice(**(values | changes))


def ma(ref: Ref = TWIN, **values: Any) -> Person:
    """The person's record in the MA."""
    return Person(**({"ref": ref, "modified_at": STAMP, "created_at": days_ago(900), "name": "山田 太郎"} | values))


def deal(ref: Ref = OWN_DEAL, **values: Any) -> Opportunity:
    """A deal of the person's company."""
    defaults = {"ref": ref, "modified_at": STAMP, "created_at": days_ago(30), "name": "アクメ様 商談", "owner": OWNER}
    return Opportunity(**(defaults | {"account": ACCOUNT} | values))


def form(days: float, title: str = "お問い合わせフォーム", person: Ref = TWIN) -> Engagement:
    """A form that the person sent."""
    at = days_ago(0) - timedelta(days=days)
    ref = Ref("hubspot", "forms", f"{title}-{days}")
    return Engagement(ref=ref, modified_at=at, form=EngagementKind.FORM, at=at, person=person, title=title)


@dataclass
class People:
    """One person and what surrounds him; change what the test is about."""

    activities: list[Activity] = field(default_factory=list)
    person: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] | None = field(default_factory=dict)
    ref: Ref = PERSON
    twins: tuple[Person, ...] = ()
    deals: tuple[Opportunity, ...] = ()
    own: frozenset[Ref] = frozenset({OWN_DEAL})
    """The deals that the person has a part in."""
    engagements: tuple[Engagement, ...] = ()
    own_tasks: tuple[OwnTask, ...] = ()
    occasions: dict[str, Occasion] = field(default_factory=dict)
    remembered: dict[str, Mapping[str, str]] = field(default_factory=dict)
    written: dict[Ref, dict[str, Written]] = field(default_factory=dict)
    users: dict[Ref, User] = field(default_factory=dict)

    def case(self) -> Case:
        """The case as the store would assemble it."""
        values: dict[str, Any] = {
            "ref": self.ref,
            "modified_at": STAMP,
            "created_at": days_ago(900),
            "name": "山田 太郎",
            "phone": "03-1234-5678",
            "email": "yamada@acme.example",
            "account": ACCOUNT if self.ref == PERSON else None,
            "owner": OWNER,
            "call_consent": "yes",
        }
        subject = Person(**(values | self.person))
        account = {"ref": ACCOUNT, "modified_at": STAMP, "name": "㈱アクメ", "owner": OWNER}
        return Case(
            subject=subject,
            version="v1",
            same_deal=self.own & {one.ref for one in self.deals},
            accounts=() if self.account is None else (Account(**(account | self.account)),),
            participants=(Participant(subject, self.twins, is_primary=True),),
            deals=self.deals,
            activities=tuple(self.activities),
            engagements=self.engagements,
            users=USERS | self.users,
            own_tasks=self.own_tasks,
            occasions=self.occasions,
            remembered=self.remembered,
            written=self.written,
        )


def own_task(
    key: str,
    subject: str,
    *,
    created: datetime,
    owner: Ref = IS_REP,
    person: Ref = PERSON,
    deleted: bool = False,
    **now: Any,
) -> OwnTask:
    """A task that we wrote, and what it looks like now."""
    record = Ref("salesforce", "Task", f"00T{key}")
    due = build.BusinessCalendar().local_date(created).isoformat()
    written = {"Subject": subject, "OwnerId": owner.id, "ActivityDate": due, "Status": "未着手", "Description": "本文"}
    values: dict[str, Any] = {
        "ref": record,
        "form": ActivityKind.TASK,
        "modified_at": created,
        "created_at": created,
        "subject": subject,
        "owner": owner,
        "due_date": date.fromisoformat(due),
        "status": "未着手",
        "body": "本文",
        "people": (person,),
        "key": key,
    }
    current = None if deleted else Activity(**(values | now))
    return OwnTask(
        key, key.split(":", 1)[0], record, written, created, withdrawn=False, current=current, deleted=deleted
    )


def of_type(decision: Decision, kind: type[T]) -> list[T]:
    """The intents of one kind."""
    return [intent for intent in decision.intents if isinstance(intent, kind)]


def task(decision: Decision) -> EnsureTask:
    """The one task that is wanted."""
    (found,) = of_type(decision, EnsureTask)
    return found
