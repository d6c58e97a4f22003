"""Builders for the tests of churn alerts: a customer, its contract, and who opened which page."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from build import ACCOUNT, NOW, PERSON, days_ago, practice
from build_hot_signal import ACCOUNT_OWNER, BOSS, MA_PERSON, MANAGER, STAMP, minutes_ago, participant, user, view_of

from connector.model.case import Case, Occasion, OwnTask, Written
from connector.model.intents import Decision
from connector.model.records import Account, Activity, Engagement, Opportunity, Ref, User
from connector.programs.churn_risk import PROGRAM
from connector.programs.practice.churn_case import ChurnRiskSettings

CANCEL = "https://www.example.co.jp/support/cancel"
MA_ACCOUNT = Ref("hubspot", "companies", "301")
WON = Ref("salesforce", "Opportunity", "006W")
LATER = date(2027, 3, 31)


def won(ref: Ref = WON, closed: date | None = date(2026, 4, 1), **values: Any) -> Opportunity:
    """A won deal."""
    defaults: dict[str, Any] = {
        "ref": ref,
        "modified_at": STAMP,
        "name": "アクメ様 基幹導入",
        "account": ACCOUNT,
        "is_closed": True,
        "is_won": True,
        "close_date": closed,
        "amount": Decimal(3_000_000),
    }
    return Opportunity(**(defaults | values))


@dataclass
class World:
    """A company under contract until next spring, one of whose people just opened the cancellation page."""

    engagements: list[Engagement] = field(default_factory=lambda: [view_of(CANCEL, minutes_ago(10))])
    account: dict[str, Any] = field(default_factory=lambda: {"contract_end": LATER})
    ma_account: dict[str, Any] | None = field(default_factory=dict)
    more_accounts: tuple[Account, ...] = ()
    person: dict[str, Any] = field(default_factory=dict)
    deals: list[Opportunity] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    own_tasks: tuple[OwnTask, ...] = ()
    occasion: Occasion | None = None
    facts: dict[str, str] = field(default_factory=dict)
    written: dict[Ref, dict[str, Written]] = field(default_factory=dict)
    settings: ChurnRiskSettings = field(default_factory=ChurnRiskSettings)
    managers: tuple[User, ...] = (user(MANAGER, "課長 花子"),)

    def case(self) -> Case:
        """The case as the store would assemble it."""
        account: dict[str, Any] = {
            "ref": ACCOUNT,
            "modified_at": STAMP,
            "created_at": days_ago(400),
            "name": "㈱アクメ",
            "owner": ACCOUNT_OWNER,
        }
        subject = Account(**(account | self.account))
        known = [user(ACCOUNT_OWNER, "担当 二郎", manager=BOSS), user(BOSS, "部長 三郎")]
        twin = {"ref": MA_ACCOUNT, "modified_at": STAMP, "name": "アクメ"}
        twins = () if self.ma_account is None else (Account(**(twin | self.ma_account)),)
        person = {"title": "部長", "account": ACCOUNT} | self.person
        return Case(
            subject=subject,
            version="v1",
            accounts=(subject, *self.more_accounts, *twins),
            participants=(participant(PERSON, MA_PERSON, "山田 太郎", **person),),
            deals=tuple(self.deals),
            activities=tuple(self.activities),
            engagements=tuple(sorted(self.engagements, key=lambda event: event.at)),
            users={one.ref: one for one in (*known, *self.users)},
            own_tasks=self.own_tasks,
            occasions={"churn_risk": self.occasion} if self.occasion else {},
            remembered={"churn_risk": self.facts},
            written=self.written,
        )

    def judge(self, now: Any = NOW, **changes: Any) -> Decision:
        """What the program of churn alerts says."""
        given = {"managers": self.managers, "own_domains": frozenset({"own.example"})} | changes
        return PROGRAM.evaluate(self.case(), self.settings, practice(**given), now)

    def after(self, decision: Decision) -> "World":
        """The same world once the engine has stored the decision."""
        return replace(self, facts=dict(decision.facts), occasion=decision.occasion)
