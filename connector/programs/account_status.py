"""アカウントステータス: where a company stands, kept on its records in the SFA and shown to the MA.

Pure: the engine calls `PROGRAM.evaluate`. Read it beside section 5 of the practice. It issues no task; what the rules
alone say is `practice.status_rules`, here it meets what people wrote, what stood before, and the fields.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from pydantic import NonNegativeInt, PositiveInt

from connector.mapping.practice import BY_PEOPLE_ONLY, Status, StatusRules
from connector.model.case import Case
from connector.model.intents import Decision, Intent, Over, SetFields, Standing
from connector.model.plan import Because
from connector.model.records import Account, Kind, Opportunity, Person
from connector.programs.practice import Practice
from connector.programs.practice.contracts import Contract
from connector.programs.practice.settings import ProgramSettings
from connector.programs.practice.status_memory import Seen, StatusMemory
from connector.programs.practice.status_rules import Reading, company, next_appointment, read_status
from connector.programs.practice.statuses import (
    AFTER_A_TALK,
    ByPerson,
    leads,
    said_by,
    set_by_people,
    sfa_records,
)
from connector.programs.practice.task_text import quoted
from connector.programs.practice.view import View, is_ours

NAME = "account_status"

DAMPED = frozenset({Status.WORKING, Status.QUARTERLY_CHECK, Status.LOST, Status.COLD})
"""Between these a company moves by the mere passing of days, and by single acts."""


class AccountStatusSettings(ProgramSettings):
    """`mappings/programs/account_status.yaml`."""

    manual: Literal["until_change", "keep"] = "until_change"
    """How long a value that a person wrote stands. `until_change`: until something happens that changes what the rules
    alone say; that days pass without anybody acting is nothing that happens. `keep`: for good. 不適合 and 登録保存 are
    kept in either case; ワーキング lasts no longer than acting does."""
    damping_days: NonNegativeInt = 3
    """A change back to the value before the last change waits until so many days after that."""
    history: PositiveInt = 10
    """How many changes are remembered."""


@dataclass(frozen=True, slots=True)
class _Stand:
    """The status that holds: its value (`None` for one of the org's own), how it is spelt, why, and who says so."""

    status: Status | None
    raw: str
    reason: str
    because: Because
    by: ByPerson | None = None

    @property
    def code(self) -> str:
        """What is remembered of it."""
        return self.status.value if self.status else self.raw


@dataclass(frozen=True, slots=True)
class _Company:
    """One company's record at one moment, with what the rules say and what is remembered."""

    view: View
    settings: AccountStatusSettings
    account: Account
    reading: Reading
    before: StatusMemory

    @classmethod
    def of(cls, case: Case, settings: AccountStatusSettings, practice: Practice, now: datetime) -> "_Company":
        account = case.account
        if account is None:
            raise TypeError(f"a case of kind {case.kind} has no company")
        before = StatusMemory.read(case.remembered.get(NAME, {}))
        view = company(case, practice, now)
        return cls(view, settings, account, read_status(view, talked_before=before.talked), before)

    @property
    def names(self) -> StatusRules:
        """How the values are spelt."""
        return self.view.practice.rules.statuses

    def text(self, key: str, **values: str) -> str:
        """One of this program's texts."""
        return self.view.practice.texts[f"{NAME}.{key}"].format(**values)


class AccountStatusProgram:
    """Section 5 of the practice."""

    name = NAME
    settings = AccountStatusSettings
    about = frozenset({Kind.ACCOUNT})

    def concerns(self, subject: Opportunity | Account | Person) -> bool:
        """Every company has a status."""
        return isinstance(subject, Account) and not subject.deleted

    def evaluate(self, case: Case, settings: AccountStatusSettings, practice: Practice, now: datetime) -> Decision:
        """Which status holds, and which fields should say so."""
        subject = _Company.of(case, settings, practice, now)
        seen = dict(_seen(subject))
        stand = _stand(subject, seen)
        memory = _remembered(subject, stand, seen)
        review = _review(subject, stand, memory)
        return Decision(
            standing=Standing.NOT_ELIGIBLE,
            reason="review" if review else stand.status.value if stand.status else "other",
            text=subject.text("review", quarter=review) if review else memory.reason,
            intents=(*_on_record(subject, stand, memory), *_in_ma(subject, stand)),
            because=(stand.because,),
            wake_at=_wake_at(subject, stand, seen),
            facts=memory.facts() | ({"review_due": review} if review else {}),
        )


# --- what people wrote ---------------------------------------------------------------------------------------------


def _seen(subject: _Company) -> Iterator[tuple[str, Seen]]:
    """What people wrote to the company's records, with what the rules say now; what was released stays so."""
    case, reading = subject.view.case, subject.reading
    for value in set_by_people(case, subject.names):
        ref = str(value.record.ref)
        written = case.written.get(value.record.ref, {}).get("status")
        now = Seen(
            raw=value.raw,
            times=written.times if written else 0,
            since=subject.view.today.isoformat(),
            leading=reading.leading.status,
            without_acts=reading.without_acts.status,
        )
        known = subject.before.seen.get(ref)
        if known is None or (known.raw, known.times) != (now.raw, now.times):
            yield ref, now
            continue
        now = replace(now, since=known.since)
        over = known.released or _something_happened(known, now) or _no_longer_working(subject, value, now)
        yield ref, replace(known, released=True) if over else now


def _something_happened(known: Seen, now: Seen) -> bool:
    """The rules say something else, and not only because days passed without anybody acting."""
    somebody_acted = now.leading == Status.WORKING != known.leading
    return now.without_acts != known.without_acts or somebody_acted


def _no_longer_working(subject: _Company, value: ByPerson, now: Seen) -> bool:
    """A person's ワーキング too ends so many days after the last act, or after it was written."""
    if value.status is not Status.WORKING or now.leading == Status.WORKING:
        return False
    return subject.view.today >= _working_until(subject, now)


def _working_until(subject: _Company, seen: Seen) -> date:
    return date.fromisoformat(seen.since) + timedelta(days=subject.names.working_days + 1)


def _stands(subject: _Company, value: ByPerson, seen: Mapping[str, Seen]) -> bool:
    if value.status in BY_PEOPLE_ONLY or subject.settings.manual == "keep":
        return True
    return not seen[str(value.record.ref)].released


# --- which status holds --------------------------------------------------------------------------------------------


def _stand(subject: _Company, seen: Mapping[str, Seen]) -> _Stand:
    """What a person said of the company, as long as it stands; else what the rules say."""
    people = set_by_people(subject.view.case, subject.names)
    said = said_by(subject.view.case, [value for value in people if _stands(subject, value, seen)])
    return _by_person(subject, said) if said else _by_rules(subject)


def _by_person(subject: _Company, value: ByPerson) -> _Stand:
    elsewhere = value.record.ref != subject.account.ref
    name = quoted(value.record.name) or value.record.ref.id
    reason = subject.text("by_person_elsewhere", name=name) if elsewhere else subject.text("by_person")
    because = Because(
        rule=f"{NAME}.by_person", record=str(value.record.ref), field="status", value=value.raw, text=reason
    )
    return _Stand(value.status, value.raw, reason, because, value)


def _by_rules(subject: _Company) -> _Stand:
    leading, before = subject.reading.leading, subject.before
    if _damped_until(subject) and before.status:
        status = Status(before.status)
        because = leading.because(f"{NAME}.damped")
        return _Stand(status, subject.names.write(status, subject.account.ref.system), before.reason, because)
    spelt = subject.names.write(leading.status, subject.account.ref.system)
    return _Stand(leading.status, spelt, leading.text, leading.because(f"{NAME}.{leading.status}"))


def _damped_until(subject: _Company) -> date | None:
    """Until when a change back to the value before the last change waits; `None`: nothing waits.

    A company that had a talk is never コールド again, not even that long.
    """
    before, to = subject.before, subject.reading.leading.status
    if before.status == Status.COLD and subject.reading.talked:
        return None
    if before.since is None or before.before != to or not {before.status, before.before} <= DAMPED:
        return None
    until = before.since + timedelta(days=subject.settings.damping_days)
    return until if subject.view.today < until else None


# --- what is remembered --------------------------------------------------------------------------------------------


def _remembered(subject: _Company, stand: _Stand, seen: Mapping[str, Seen]) -> StatusMemory:
    """The status since the day on which it changed, with the reason that it had then."""
    before = subject.before
    talked = subject.reading.talked or stand.status in AFTER_A_TALK
    if stand.code == before.status:
        return replace(before, talked=talked, seen=seen)
    since, reason = _since(subject, stand), quoted(stand.reason) or ""
    day = since.isoformat() if since else subject.text("before_go_live")
    line = " ".join(f"{day} {stand.code} {reason}".split())
    return StatusMemory(
        status=stand.code,
        since=since,
        before=before.status,
        reason=reason,
        talked=talked,
        seen=seen,
        history=(line, *before.history)[: subject.settings.history],
    )


def _since(subject: _Company, stand: _Stand) -> date | None:
    """Today; but since when a person's value stood before Okoshi first looked, only the record could tell."""
    if stand.by is not None and subject.before.status is None:
        return stand.by.record.status_since
    return subject.view.today


# --- the manager's list of 不適合 ----------------------------------------------------------------------------------


def _review(subject: _Company, stand: _Stand, memory: StatusMemory) -> str | None:
    """The quarter on whose list an 不適合 company is: made on its first business day, of those that were so before."""
    if stand.status is not Status.UNQUALIFIED:
        return None
    listed = _list_day(subject, _quarter(subject.view.today))
    if listed > subject.view.today:
        listed = _list_day(subject, _quarter(_quarter(subject.view.today) - timedelta(days=1)))
    if memory.since is not None and memory.since >= listed:
        return None
    return f"{listed.year}Q{(listed.month + 2) // 3}"


def _next_list_day(subject: _Company) -> date:
    today = subject.view.today
    this = _list_day(subject, _quarter(today))
    return this if this > today else _list_day(subject, _quarter(_quarter(today) + timedelta(days=100)))


def _list_day(subject: _Company, quarter: date) -> date:
    return subject.view.practice.calendar.business_day_from(quarter)


def _quarter(day: date) -> date:
    """The first day of the calendar quarter."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


# --- what should stand in the fields -------------------------------------------------------------------------------


def _on_record(subject: _Company, stand: _Stand, memory: StatusMemory) -> Iterator[Intent]:
    """The record's own fields: only what is not so yet and no person wrote; a released value is replaced."""
    account, case = subject.account, subject.view.case
    if stand.status in BY_PEOPLE_ONLY and stand.by and stand.by.record.ref != account.ref:
        return
    values: dict[str, Any] = {"status_since": memory.since, "status_reason": memory.reason}
    values = {name: value for name, value in values.items() if value}
    if stand.status not in BY_PEOPLE_ONLY:
        values["relation"] = _relation(subject)
    if not (stand.by and stand.by.record.ref == account.ref):
        spelt = subject.names.write(stand.status, account.ref.system) if stand.status else stand.raw
        if not is_ours(case, account, "status") and account.status != spelt:
            yield SetFields(record=account.ref, values={"status": spelt}, over=Over.ANY)
        else:
            values = {"status": spelt} | values
    changed = {n: v for n, v in values.items() if getattr(account, n) != v and is_ours(case, account, n)}
    if changed:
        yield SetFields(record=account.ref, values=changed)


def _in_ma(subject: _Company, stand: _Stand) -> Iterator[Intent]:
    """The company's records in the MA show the same status; one record of the SFA speaks for all."""
    case, names = subject.view.case, subject.names
    if stand.status is None or not leads(case, names):
        return
    own = {record.ref for record in sfa_records(case)}
    for twin in case.accounts:
        spelt = names.write(stand.status, twin.ref.system)
        if twin.ref not in own and twin.status != spelt and is_ours(case, twin, "status"):
            yield SetFields(record=twin.ref, values={"status": spelt})


def _relation(subject: _Company) -> str:
    """既存 or 新規, and of which products: what any company must know of another."""
    under: Contract = subject.reading.contract
    won = (deal for deal in subject.view.case.deals if deal.is_won and not deal.deleted)
    products = subject.text("comma").join(sorted({deal.product for deal in won if deal.product}))
    state = "new" if under.state == "none" else f"{under.state}_of" if products else under.state
    return subject.text(f"relation.{state}", products=quoted(products) or "")


def _wake_at(subject: _Company, stand: _Stand, seen: Mapping[str, Seen]) -> datetime | None:
    """Whatever time alone changes: thirty days after the last act, the contract's end, the damping, the next list."""
    view, reading = subject.view, subject.reading
    days = [reading.leading.until, _damped_until(subject)]
    if stand.by and stand.status is Status.WORKING:
        days.append(_working_until(subject, seen[str(stand.by.record.ref)]))
    if reading.contract.until:
        days.append(reading.contract.until + timedelta(days=1))
    if stand.status is Status.UNQUALIFIED:
        days.append(_next_list_day(subject))
    moments = [view.wake(day) for day in days if day and day > view.today]
    appointment = next_appointment(view)
    return min([*moments, *([appointment] if appointment else [])], default=None)


PROGRAM = AccountStatusProgram()
