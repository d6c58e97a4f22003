"""Builders for the tests of signals: who did what on the web, and a deal that it bears on."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from build import ACCOUNT, DEAL, IS_REP, MAPPINGS, NOW, OWNER, PERSON, days_ago, practice

from connector.model.case import Case, Occasion, OwnTask, Participant, Written
from connector.model.intents import Alert, Decision, EnsureTask, LogActivity, SetFields
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
from connector.programs.hot_signal import PROGRAM
from connector.programs.practice.signal_case import HotSignalSettings

STAMP = datetime(2026, 1, 1, tzinfo=UTC)
SITE = "https://www.example.co.jp"
PRICE, CASES, PAPERS, RECRUIT, OTHER_PAGE = (
    f"{SITE}/price", f"{SITE}/case/seizo-01", f"{SITE}/download/whitepaper", f"{SITE}/recruit/entry", f"{SITE}/blog/x",
)  # fmt: skip
MA_PERSON = Ref("hubspot", "contacts", "201")
SECOND = Ref("salesforce", "Contact", "003B")
MA_SECOND = Ref("hubspot", "contacts", "202")
MANAGER = Ref("salesforce", "User", "005MGR")
BOSS = Ref("salesforce", "User", "005BOSS")
ACCOUNT_OWNER = Ref("salesforce", "User", "005ACC")

_counter = iter(range(1, 1_000_000))


def user(ref: Ref, name: str, **values: Any) -> User:
    """A person of our own company."""
    return User(**({"ref": ref, "modified_at": STAMP, "name": name, "email": f"{ref.id}@own.example"} | values))


def view_of(url: str, at: datetime, person: Ref = MA_PERSON, **values: Any) -> Engagement:
    """A page view in the MA's stream."""
    return engagement(EngagementKind.PAGE_VIEW, at, person, url=url, **values)


def form_of(name: str, at: datetime, person: Ref = MA_PERSON, **values: Any) -> Engagement:
    """A form that was sent."""
    return engagement(EngagementKind.FORM, at, person, title=name, **values)


def click(at: datetime, person: Ref = MA_PERSON) -> Engagement:
    """A link of a mail clicked."""
    return engagement(EngagementKind.MAIL_CLICK, at, person)


def opened(at: datetime, person: Ref = MA_PERSON) -> Engagement:
    """A mail opened."""
    return engagement(EngagementKind.MAIL_OPEN, at, person)


def engagement(form: EngagementKind, at: datetime, person: Ref | None, **values: Any) -> Engagement:
    """Any act on the web or with a mail to many."""
    ref = Ref("hubspot", "page_views", f"{next(_counter):06d}")
    return Engagement(**({"ref": ref, "modified_at": at, "form": form, "at": at, "person": person} | values))


def minutes_ago(minutes: float) -> datetime:
    """So many minutes before now."""
    return NOW - timedelta(minutes=minutes)


def hot() -> list[Engagement]:
    """What is markedly more than usual: price and cases, today, by himself."""
    return [view_of(PRICE, minutes_ago(30)), view_of(CASES, minutes_ago(25))]


def participant(ref: Ref, twin: Ref, name: str, *, is_primary: bool = False, **values: Any) -> Participant:
    """A person of the SFA with the same person's record in the MA; `ma_…` values go to the latter."""
    mine = {key: value for key, value in values.items() if not key.startswith("ma_")}
    theirs = {key.removeprefix("ma_"): value for key, value in values.items() if key.startswith("ma_")}
    email = f"{ref.id.lower()}@customer.example"
    person: dict[str, Any] = {"ref": ref, "modified_at": STAMP, "name": name, "email": email, "call_consent": "yes"}
    ma: dict[str, Any] = {"ref": twin, "modified_at": STAMP, "name": name, "email": email}
    return Participant(Person(**(person | mine)), (Person(**(ma | theirs)),), is_primary)


@dataclass
class World:
    """A deal without contact for 100 days and what its people did; change what the test is about."""

    engagements: list[Engagement] = field(default_factory=hot)
    activities: list[Activity] = field(default_factory=list)
    silent_days: int = 100
    deal: dict[str, Any] = field(default_factory=dict)
    account: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=dict)
    second: dict[str, Any] | None = None
    users: list[User] = field(default_factory=list)
    deals: list[Opportunity] = field(default_factory=list)
    own_tasks: tuple[OwnTask, ...] = ()
    occasion: Occasion | None = None
    facts: dict[str, str] = field(default_factory=dict)
    written: dict[Ref, dict[str, Written]] = field(default_factory=dict)
    settings: HotSignalSettings = field(default_factory=HotSignalSettings)
    managers: tuple[User, ...] = (user(MANAGER, "課長 花子"),)
    people: tuple[Participant, ...] | None = None
    """With a part in the deal, instead of the usual one."""
    company_people: tuple[Participant, ...] = ()
    company_engagements: list[Engagement] = field(default_factory=list)
    with_company: list[Activity] = field(default_factory=list)

    def case(self) -> Case:
        """The case as the store would assemble it."""
        deal: dict[str, Any] = {
            "ref": DEAL,
            "modified_at": STAMP,
            "created_at": days_ago(400),
            "name": "アクメ様 新規導入",
            "account": ACCOUNT,
            "owner": OWNER,
            "stage": "提案",
            "amount": Decimal(5_000_000),
        }
        subject = Opportunity(**(deal | self.deal))
        people = [participant(PERSON, MA_PERSON, "山田 太郎", is_primary=True, **({"title": "部長"} | self.person))]
        if self.second is not None:
            people.append(participant(SECOND, MA_SECOND, "鈴木 花", **self.second))
        account: dict[str, Any] = {"ref": ACCOUNT, "modified_at": STAMP, "name": "㈱アクメ", "owner": ACCOUNT_OWNER}
        known = [
            user(OWNER, "営業 一郎", manager=BOSS),
            user(ACCOUNT_OWNER, "担当 二郎"),
            user(BOSS, "部長 三郎"),
            user(IS_REP, "内勤 四郎"),
        ]
        return Case(
            subject=subject,
            version="v1",
            same_deal=frozenset({DEAL}),
            accounts=(Account(**(account | self.account)),),
            participants=tuple(people) if self.people is None else self.people,
            deals=(subject, *self.deals),
            activities=(self._last_contact(), *self.activities),
            account_activities=tuple(self.with_company),
            engagements=tuple(sorted(self.engagements, key=lambda event: event.at)),
            company_people=self.company_people,
            company_engagements=tuple(sorted(self.company_engagements, key=lambda event: event.at)),
            users={one.ref: one for one in (*known, *self.users)},
            own_tasks=self.own_tasks,
            written=self.written,
            occasions={"hot_signal": self.occasion} if self.occasion else {},
            remembered={"hot_signal": self.facts},
        )

    def _last_contact(self) -> Activity:
        at = days_ago(self.silent_days)
        return Activity(
            ref=Ref("salesforce", "Event", "00U1"),
            modified_at=STAMP,
            created_at=at,
            form=ActivityKind.MEETING,
            starts_at=at,
            owner=OWNER,
            opportunities=(DEAL,),
            people=(PERSON,),
        )

    def judge(self, now: datetime = NOW, **changes: Any) -> Decision:
        """What the program of signals says."""
        given = {"managers": self.managers, "own_domains": frozenset({"own.example"})} | changes
        return PROGRAM.evaluate(self.case(), self.settings, practice(**given), now)

    def after(self, decision: Decision) -> "World":
        """The same world once the engine has stored the decision."""
        return replace(self, facts=dict(decision.facts), occasion=decision.occasion)


def task_of(subject: str, *, due: date | None, owner: Ref = IS_REP, **values: Any) -> Activity:
    """An open task in the SFA."""
    ref = Ref("salesforce", "Task", f"00T{next(_counter):04d}")
    defaults: dict[str, Any] = {
        "ref": ref,
        "form": ActivityKind.TASK,
        "modified_at": STAMP,
        "created_at": days_ago(20),
        "subject": subject,
        "due_date": due,
        "owner": owner,
        "status": "未着手",
        "opportunities": (DEAL,),
        "people": (PERSON,),
    }
    return Activity(**(defaults | values))


def own(task: EnsureTask, created_at: datetime = NOW, *, program: str = "hot_signal", **values: Any) -> OwnTask:
    """The task as the ledger keeps it, read back as it was written; `values` are what changed since."""
    record = Ref("salesforce", "Task", "00TOWN")
    names = MAPPINGS.tasks.fields
    written = {
        names.subject: task.subject,
        names.owner: IS_REP.id,
        names.due: task.due.isoformat(),
        names.status: "未着手",
    }
    deleted = bool(values.pop("deleted", False))
    current = task_of(task.subject, due=task.due, ref=record, created_at=created_at, key=task.key)
    return OwnTask(
        key=task.key,
        program=program,
        record=record,
        written=written,
        created_at=created_at,
        withdrawn=False,
        current=None if deleted else current.model_copy(update=values),
        deleted=deleted,
    )


def alert_of(decision: Decision) -> Alert:
    """The one alert of a decision."""
    (alert,) = [intent for intent in decision.intents if isinstance(intent, Alert)]
    return alert


def alerts_of(decision: Decision) -> list[Alert]:
    """All alerts of a decision."""
    return [intent for intent in decision.intents if isinstance(intent, Alert)]


def task_in(decision: Decision) -> EnsureTask | None:
    """The task that a decision wants, if any."""
    return next((intent for intent in decision.intents if isinstance(intent, EnsureTask)), None)


def fields_of(decision: Decision) -> dict[Ref, dict[str, Any]]:
    """What a decision writes to fields, by record."""
    return {intent.record: intent.values for intent in decision.intents if isinstance(intent, SetFields)}


def log_of(decision: Decision) -> LogActivity | None:
    """The activity that a decision logs, if any."""
    return next((intent for intent in decision.intents if isinstance(intent, LogActivity)), None)
