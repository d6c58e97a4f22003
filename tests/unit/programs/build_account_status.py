"""Builders of companies' cases for the tests of アカウントステータス and 四半期チェック."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from build import ACCOUNT, IS_REP, JST, NOW, OWNER, PERSON, days_ago, practice

from connector.model.case import Case, Occasion, OwnTask, Participant, Written
from connector.model.intents import Decision, Over, SetFields
from connector.model.records import Account, Activity, Opportunity, Person, Ref, User
from connector.programs.practice import Practice

STAMP = datetime(2026, 1, 1, tzinfo=JST)
SIBLING = Ref("salesforce", "Account", "001B")
IN_MA = Ref("hubspot", "companies", "77")
MANAGER = Ref("salesforce", "User", "005MANAGER")


def user(ref: Ref, name: str, **values: Any) -> User:
    """A user of the SFA."""
    return User(ref=ref, modified_at=STAMP, name=name, **values)


USERS = {
    OWNER: user(OWNER, "営業 一郎", role="FieldSales"),
    IS_REP: user(IS_REP, "内勤 二郎", role="InsideSales"),
    MANAGER: user(MANAGER, "内勤 部長", role="InsideSalesManager"),
}


def deal(number: int = 1, **values: Any) -> Opportunity:
    """A deal of the company with FS, open unless said otherwise."""
    defaults: dict[str, Any] = {
        "ref": Ref("salesforce", "Opportunity", f"006{number}"),
        "modified_at": STAMP,
        "created_at": days_ago(400),
        "name": f"案件{number}",
        "account": ACCOUNT,
        "owner": OWNER,
        "stage": "提案",
    }
    return Opportunity(**(defaults | values))


def lost(number: int = 1, *, days: int = 100, **values: Any) -> Opportunity:
    """A deal that was lost so many days ago."""
    defaults = {"is_closed": True, "stage": "失注", "stage_changed_at": days_ago(days), "lost_reason": "他社導入"}
    return deal(number, **(defaults | values))


def postponed(number: int = 1, **values: Any) -> Opportunity:
    """Put off, with a confirmed need."""
    return lost(number, **({"lost_reason": "ペンディング", "need_confirmed": True} | values))


def won(number: int = 1, *, days: int = 100, **values: Any) -> Opportunity:
    """A deal that was won so many days ago."""
    close = days_ago(days)
    defaults: dict[str, Any] = {"is_closed": True, "is_won": True, "stage": "受注", "close_date": close.date()}
    defaults["stage_changed_at"] = close
    return deal(number, **(defaults | values))


def record(ref: Ref = ACCOUNT, **values: Any) -> Account:
    """A record of the company."""
    defaults: dict[str, Any] = {"ref": ref, "modified_at": STAMP, "created_at": days_ago(500), "name": "㈱アクメ"}
    return Account(**(defaults | {"owner": OWNER if ref.system == "salesforce" else None} | values))


def written(value: Any, times: int = 1) -> Written:
    """What Okoshi wrote to a field."""
    return Written(value=value, times=times, at=STAMP)


@dataclass(frozen=True)
class Company:
    """One company and what surrounds it; change what the test is about."""

    activities: tuple[Activity, ...] = ()
    deals: tuple[Opportunity, ...] = ()
    account: dict[str, Any] = field(default_factory=dict)
    others: tuple[Account, ...] = ()
    people: tuple[Person, ...] = (Person(ref=PERSON, modified_at=STAMP, name="山田 太郎", account=ACCOUNT),)
    account_activities: tuple[Activity, ...] = ()
    own_tasks: tuple[OwnTask, ...] = ()
    written: Mapping[Ref, Mapping[str, Written]] = field(default_factory=dict)
    remembered: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    occasions: Mapping[str, Occasion] = field(default_factory=dict)
    users: Mapping[Ref, User] = field(default_factory=dict)

    def case(self, ref: Ref = ACCOUNT) -> Case:
        """The case as the store would assemble it, of the record `ref` of the company."""
        records = {r.ref: r for r in (record(ACCOUNT, **self.account), *self.others)}
        subject = records.pop(ref)
        nearest = sorted(records.values(), key=lambda r: (r.ref.system != ref.system, r.ref))
        return Case(
            subject=subject,
            version="v1",
            same_deal=frozenset(d.ref for d in self.deals),
            accounts=(subject, *nearest),
            participants=tuple(Participant(person) for person in self.people),
            deals=self.deals,
            activities=self.activities,
            account_activities=self.account_activities,
            users=USERS | dict(self.users),
            own_tasks=self.own_tasks,
            written=self.written,
            occasions=self.occasions,
            remembered=self.remembered,
        )

    def judge(self, program: Any, settings: Any, now: datetime = NOW, ref: Ref = ACCOUNT, **changes: Any) -> Decision:
        """What a program says."""
        decision: Decision = program.evaluate(self.case(ref), settings, company_practice(**changes), now)
        return decision

    def after(self, name: str, decision: Decision, now: datetime = NOW) -> "Company":
        """The company once the decision was kept and its fields were written."""
        accounts = {r.ref: r for r in (record(ACCOUNT, **self.account), *self.others)}
        notes = {ref: dict(fields) for ref, fields in self.written.items()}
        for intent in decision.intents:
            if not isinstance(intent, SetFields):
                continue
            assert intent.over in (Over.OWN, Over.ANY)
            accounts[intent.record] = accounts[intent.record].model_copy(update=intent.values)
            fields = notes.setdefault(intent.record, {})
            for property_, value in intent.values.items():
                times = fields[property_].times + 1 if property_ in fields else 1
                fields[property_] = Written(value=value, times=times, at=now)
        own = accounts.pop(ACCOUNT)
        return replace(
            self,
            account={n: getattr(own, n) for n in type(own).model_fields if n != "ref"},
            others=tuple(accounts.values()),
            written=notes,
            remembered=dict(self.remembered) | {name: decision.facts},
            occasions=dict(self.occasions) | ({name: decision.occasion} if decision.occasion else {}),
        )


def company_practice(**changes: Any) -> Practice:
    """The preset's practice with one person of inside sales and the manager."""
    return practice(**({"inside_sales": (USERS[IS_REP],), "managers": (USERS[MANAGER],)} | changes))


def on(day: date, hour: int = 10) -> datetime:
    """A moment of that day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=JST)
