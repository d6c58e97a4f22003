"""Builders of lost deals' cases: say what matters, leave the rest."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from build import ACCOUNT, DEAL, IS_REP, JST, MAPPINGS, NOW, OWNER, PERSON, TODAY, days_ago, practice

from connector.model.case import Case, Occasion, OwnTask, Participant, Written
from connector.model.intents import Alert, Decision, EnsureTask, JoinList, LeaveList, SetFields, WithdrawTask
from connector.model.records import (
    Account,
    Activity,
    ActivityKind,
    DealHistory,
    Engagement,
    Membership,
    Opportunity,
    Person,
    Ref,
    User,
)
from connector.programs.lost import PROGRAM, LostSettings

BOSS = Ref("salesforce", "User", "005BOSS")
AM = Ref("salesforce", "User", "005AM")
IS_MANAGER = Ref("salesforce", "User", "005ISM")
TWIN = Ref("hubspot", "contacts", "901")
LIST = Ref("hubspot", "lists", "12")
NURTURING = {"Okoshi 掘り起こしナーチャリング": LIST}
STAMP = datetime(2026, 1, 1, tzinfo=JST)
GO_LIVE = date(2026, 10, 1)
REVIVAL, REQUEST = "失注商談掘り起こし", "失注情報の入力依頼"
TASK = Ref("salesforce", "Task", "00TREVIVAL")

SETTINGS = LostSettings.model_validate(MAPPINGS.programs["lost"])

COMPLETE: dict[str, Any] = {
    "approach_contact": "山田 太郎 様",
    "approach_hook": "新サービスの事例",
    "lost_reason_detail": "来期の予算で再検討",
}
"""What an owner records at a loss, but for the date."""


def user(ref: Ref, name: str, **values: Any) -> User:
    """A person of our own company."""
    return User(ref=ref, modified_at=STAMP, name=name, **values)


def others(**values: Any) -> Opportunity:
    """Another deal of the company."""
    defaults: dict[str, Any] = {
        "ref": Ref("salesforce", "Opportunity", "006OTHER"),
        "modified_at": STAMP,
        "created_at": days_ago(5),
        "name": "アクメ様 別件",
        "account": ACCOUNT,
        "owner": AM,
    }
    return Opportunity(**(defaults | values))


def twin(**values: Any) -> Person:
    """The person's record in the MA."""
    return Person(**({"ref": TWIN, "modified_at": STAMP, "name": "山田 太郎", "mail_consent": "yes"} | values))


def person(id_: str, family: str, given: str, **values: Any) -> Participant:
    """Somebody else of the company."""
    ref = Ref("salesforce", "Contact", id_)
    record = Person(
        ref=ref, modified_at=STAMP, name=f"{family} {given}", family_name=family, given_name=given, **values
    )
    return Participant(record)


def history(days: int, stage: str, probability: int, hour: int = 12) -> DealHistory:
    """How the deal stood from a day on."""
    return DealHistory(
        ref=Ref("salesforce", "OpportunityHistory", f"008{days}{hour}"),
        modified_at=STAMP,
        opportunity=DEAL,
        at=days_ago(days, hour),
        stage=stage,
        probability=probability,
    )


def own(
    tail: str, days: int, *, occasion: int = 1, withdrawn: bool = False, deleted: bool = False, **now: Any
) -> OwnTask:
    """A task of ours, created `days` ago, with this tail of its key, and what it looks like now."""
    key = f"lost:{DEAL.id}:{occasion}.{tail}"
    subject = REVIVAL if tail.isdigit() else REQUEST
    holder = IS_REP if tail.isdigit() or tail.startswith("next") else OWNER
    due = days_ago(days).date()
    written = {"Subject": subject, "OwnerId": holder.id, "ActivityDate": due.isoformat(), "Status": "未着手"}
    record = Ref("salesforce", "Task", f"00T{occasion}{tail}")
    values: dict[str, Any] = {
        "ref": record,
        "form": ActivityKind.TASK,
        "modified_at": days_ago(days),
        "created_at": days_ago(days),
        "subject": subject,
        "owner": holder,
        "due_date": due,
        "status": "未着手",
        "opportunities": (DEAL,),
        "key": key,
    }
    current = None if deleted else Activity(**(values | now))
    return OwnTask(key, "lost", record, written, days_ago(days), withdrawn, current, deleted)


def done(tail: str, days: int, finished: int, **now: Any) -> OwnTask:
    """Our task, completed so many days ago."""
    values: dict[str, Any] = {"status": "完了", "is_closed": True, "completed_at": days_ago(finished)}
    return own(tail, days, **(values | now))


@dataclass
class Lost:
    """One lost deal and what surrounds it; change what the test is about. `days`: since the loss."""

    days: int = 40
    deal: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    twins: tuple[Person, ...] = ()
    has_role: bool = True
    more: tuple[Participant, ...] = ()
    colleagues: tuple[Participant, ...] = ()
    deals: tuple[Opportunity, ...] = ()
    activities: tuple[Activity, ...] = ()
    engagements: tuple[Engagement, ...] = ()
    memberships: tuple[Membership, ...] = ()
    history: tuple[DealHistory, ...] = ()
    tasks: tuple[OwnTask, ...] = ()
    occasion: Occasion | None = None
    written: dict[Ref, dict[str, Any]] = field(default_factory=dict)
    remembered: dict[str, str] = field(default_factory=dict)
    owner: dict[str, Any] = field(default_factory=dict)
    users: dict[Ref, User] = field(default_factory=dict)

    def case(self) -> Case:
        """The case as the store would assemble it."""
        deal: dict[str, Any] = {
            "ref": DEAL,
            "modified_at": STAMP,
            "created_at": days_ago(self.days + 200),
            "stage_changed_at": days_ago(self.days),
            "close_date": days_ago(self.days).date(),
            "name": "アクメ様 新規導入",
            "account": ACCOUNT,
            "owner": OWNER,
            "stage": "失注",
            "is_closed": True,
            "amount": 5_000_000,
            "lost_reason": "ペンディング",
        }
        people = {"ref": PERSON, "modified_at": STAMP, "name": "山田 太郎", "family_name": "山田", "given_name": "太郎"}
        account = {"ref": ACCOUNT, "modified_at": STAMP, "name": "㈱アクメ", "owner": AM}
        subject = Opportunity(**(deal | self.deal))
        primary = Participant(Person(**(people | {"phone": "03-1234-5678"} | self.person)), self.twins, is_primary=True)
        known = {
            OWNER: user(OWNER, "営業 一郎", **({"manager": BOSS} | self.owner)),
            BOSS: user(BOSS, "上司 二郎"),
            AM: user(AM, "担当 三郎"),
            IS_REP: user(IS_REP, "内勤 四郎", manager=IS_MANAGER),
            IS_MANAGER: user(IS_MANAGER, "内勤 部長"),
        }
        seen = tuple(task.current for task in self.tasks if task.current)
        return Case(
            subject=subject,
            version="v1",
            same_deal=frozenset({DEAL}),
            accounts=(Account(**(account | self.account)),),
            participants=((primary,) if self.has_role else ()) + self.more,
            colleagues=self.colleagues,
            deals=(subject, *self.deals),
            activities=(*self.activities, *seen),
            engagements=self.engagements,
            memberships=self.memberships,
            history=self.history,
            users=known | self.users,
            own_tasks=self.tasks,
            written={
                ref: {name: Written(value, 1, days_ago(1)) for name, value in values.items()}
                for ref, values in self.written.items()
            },
            occasions={"lost": self.occasion} if self.occasion else {},
            remembered={"lost": self.remembered} if self.remembered else {},
        )

    def judge(self, now: datetime = NOW, settings: LostSettings = SETTINGS, **changes: Any) -> Decision:
        """What the program of lost deals says; go-live was seven weeks ago."""
        values: dict[str, Any] = {
            "go_live": GO_LIVE,
            "managers": (user(IS_MANAGER, "内勤 部長"),),
            "lists": NURTURING,
        }
        return PROGRAM.evaluate(self.case(), settings, practice(**(values | changes)), now)


def seen(days: int = 40, *, first: int | None = None, number: int = 1, ended: bool = False) -> Occasion:
    """The occasion of a loss so many days ago, first seen `first` days ago."""
    return Occasion(
        number, TODAY - timedelta(days=days if first is None else first), TODAY - timedelta(days=days), ended
    )


def dated(days: int, **values: Any) -> dict[str, Any]:
    """All that is recorded at a loss, the date so many days ahead (negative: past)."""
    return COMPLETE | {"next_approach_date": TODAY + timedelta(days=days)} | values


def task(decision: Decision) -> EnsureTask:
    """The one task that is wanted."""
    (wanted,) = [intent for intent in decision.intents if isinstance(intent, EnsureTask)]
    return wanted


def tasks(decision: Decision) -> list[EnsureTask]:
    """All tasks that are wanted."""
    return [intent for intent in decision.intents if isinstance(intent, EnsureTask)]


def fields(decision: Decision, record: Ref = DEAL) -> dict[str, Any]:
    """All that should be written to one record."""
    found = [intent for intent in decision.intents if isinstance(intent, SetFields) and intent.record == record]
    return {name: value for intent in found for name, value in intent.values.items()}


def alerts(decision: Decision) -> list[Alert]:
    """Whom the decision tells."""
    return [intent for intent in decision.intents if isinstance(intent, Alert)]


def withdrawn(decision: Decision) -> list[Ref]:
    """Which tasks are taken back."""
    return [intent.task for intent in decision.intents if isinstance(intent, WithdrawTask)]


def joining(decision: Decision) -> list[Ref]:
    """Who joins the nurturing list."""
    return [intent.person for intent in decision.intents if isinstance(intent, JoinList) and intent.list == LIST]


def leaving(decision: Decision) -> list[Ref]:
    """Who leaves it."""
    return [intent.person for intent in decision.intents if isinstance(intent, LeaveList) and intent.list == LIST]


def day(text: str) -> datetime:
    """Ten o'clock (JST) of a day."""
    return datetime.fromisoformat(f"{text}T10:00:00").replace(tzinfo=JST)
