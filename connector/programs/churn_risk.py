"""解約予兆アラート: somebody of a customer opens a cancellation page, and the account owner knows it the same day.

Pure: the engine calls `PROGRAM.evaluate`. Read it beside section 4 of the practice. It also keeps the contract status
in the MA. It knows neither other programs nor channels of alerts.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from connector.model.case import Case, Occasion, OwnTask, Participant
from connector.model.intents import Alert, Decision, EnsureTask, Intent, SetFields, Standing
from connector.model.records import Account, Kind, Opportunity, Person, Ref, User
from connector.programs.practice import Practice
from connector.programs.practice.churn_case import LAST_OPENED, NAME, ChurnRiskSettings, Customer, customer_of
from connector.programs.practice.churn_text import (
    because_of,
    contract_text,
    facts_of,
    line_of,
    names_of,
    opening,
    why_contract,
)
from connector.programs.practice.holds import must_not_call
from connector.programs.practice.occasions import ended, following, of_occasion, remembered, task_key
from connector.programs.practice.own_tasks import is_open
from connector.programs.practice.successor import in_charge
from connector.programs.practice.task_text import quoted, task_text
from connector.programs.practice.view import key_of
from connector.programs.practice.visit import Visit
from connector.programs.practice.waiting import OpenTask, open_task
from connector.programs.practice.withdrawals import withdrawals


class ChurnRiskProgram:
    """Program 4 of the practice."""

    name = NAME
    settings = ChurnRiskSettings
    about = frozenset({Kind.ACCOUNT})

    def concerns(self, subject: Opportunity | Account | Person) -> bool:
        """Every company: the MA is told of each whether it is under contract."""
        return isinstance(subject, Account) and not subject.deleted

    def evaluate(self, case: Case, settings: ChurnRiskSettings, practice: Practice, now: datetime) -> Decision:
        """Where the contract stands, and whether somebody of the customer is about to leave."""
        seen = customer_of(case, settings, practice, now)
        occasion, last_opened = _occasion(seen)
        decision = _decide(seen, occasion)
        sync = tuple(_synced(seen))
        why = (why_contract(seen),) if sync or decision.intents else ()
        facts = {**seen.facts, **decision.facts}
        if last_opened:
            facts[LAST_OPENED] = last_opened.isoformat()
        return replace(
            decision,
            intents=(*decision.intents, *sync),
            because=(*decision.because, *why),
            wake_at=_wake(seen, last_opened),
            facts=facts,
        )


# --- occasions -----------------------------------------------------------------------------------------------------


def _occasion(seen: Customer) -> tuple[Occasion | None, datetime | None]:
    """The occasion that runs, if any, and when such a page was last opened."""
    known = seen.view.case.occasions.get(NAME) or remembered(seen.ours, seen.view)
    last = seen.last_opened
    recent = seen.view.now - timedelta(days=seen.settings.recent_days)
    fresh = [visit for visit in seen.openings if visit.at >= recent and (last is None or visit.at > last)]
    if not seen.contract.is_current:
        return ended(known), last
    if fresh and _is_new(seen, known, last, fresh):
        return following(known, seen.view), fresh[-1].at
    last = fresh[-1].at if fresh else last
    over = last is not None and seen.view.now >= last + timedelta(days=seen.settings.silence_days)
    return (ended(known) if over and not _open_ours(seen) else known), last


def _is_new(seen: Customer, known: Occasion | None, last: datetime | None, fresh: list[Visit]) -> bool:
    """After a while of silence; or the customer comes back to such a page after our task was done."""
    if known is None or known.ended or last is None:
        return True
    closed = _closed_at(of_occasion(seen.ours, NAME, seen.view.case, known))
    quiet = fresh[0].at - last >= timedelta(days=seen.settings.silence_days)
    return quiet or (closed is not None and fresh[-1].at > closed)


def _closed_at(tasks: list[OwnTask]) -> datetime | None:
    """When the occasion's one task was done, if it was."""
    done = next((task.current for task in tasks if task.current and task.current.is_closed and not task.deleted), None)
    return (done.completed_at or done.modified_at) if done else None


def _open_ours(seen: Customer) -> OwnTask | None:
    return next((task for task in seen.ours if is_open(task) and not task.withdrawn), None)


def _wake(seen: Customer, last_opened: datetime | None) -> datetime | None:
    """The day after the contract's last, and when silence ends an occasion."""
    moments: list[datetime] = []
    if seen.contract.is_current and seen.contract.until:
        moments.append(seen.view.wake(seen.contract.until + timedelta(days=1)))
    if last_opened:
        moments.append(last_opened + timedelta(days=seen.settings.silence_days))
    return min((moment for moment in moments if moment > seen.view.now), default=None)


# --- what follows --------------------------------------------------------------------------------------------------


def _decide(seen: Customer, occasion: Occasion | None) -> Decision:
    if not seen.contract.is_current:
        text = seen.text("no_contract")
        taken_back = withdrawals(seen.view, seen.ours, text)
        return Decision(Standing.NOT_ELIGIBLE, "no_contract", text, taken_back, occasion=occasion)
    issued = _open_ours(seen)
    if occasion is None or occasion.ended:
        reason = "issued" if issued else "quiet"
        standing = Standing.ISSUED if issued else Standing.NOT_ELIGIBLE
        return Decision(standing, reason, seen.text(reason), occasion=occasion)
    visits = _of_occasion(seen)
    alert = tuple(_alert(seen, occasion, visits))
    because = tuple(because_of(seen, visits))
    mine = of_occasion(seen.ours, NAME, seen.view.case, occasion)
    if issued or _others_open(seen):
        reason = "issued" if issued else "already_open"
        return Decision(Standing.ISSUED, reason, seen.text(reason), alert, because, occasion=occasion)
    if any(task.deleted and not task.withdrawn for task in mine):
        return Decision(Standing.EXCLUDED, "task_deleted", seen.text("task_deleted"), alert, because, occasion=occasion)
    if mine or not visits:
        return Decision(
            Standing.NOT_ELIGIBLE, "followed_up", seen.text("followed_up"), alert, because, occasion=occasion
        )
    task = _task(seen, occasion, visits)
    return Decision(
        Standing.WAITING,
        "wanted",
        seen.text("wanted"),
        (*alert, task),
        because,
        occasion=occasion,
        facts={"person_key": task.person_key or ""},
    )


def _of_occasion(seen: Customer) -> list[Visit]:
    """The openings that belong together, newest first: up to the first gap of silence."""
    found: list[Visit] = []
    for visit in reversed(seen.openings):
        if found and found[-1].at - visit.at >= timedelta(days=seen.settings.silence_days):
            break
        found.append(visit)
    return found


def _others_open(seen: Customer) -> OpenTask | None:
    """Any open task with that subject counts, whoever made it."""
    return open_task(seen.view, (seen.settings.subject,))


def _who(visits: list[Visit]) -> Participant | None:
    return next((visit.who for visit in visits if visit.who), None)


def _owner(seen: Customer) -> User | None:
    """The account owner; where that person has left, the 上司, else the IS manager."""
    return in_charge(seen.view, seen.account.owner)


def _alert(seen: Customer, occasion: Occasion, visits: list[Visit]) -> Iterator[Intent]:
    if not visits:
        return
    owner = _owner(seen)
    former = seen.view.case.users.get(seen.account.owner) if seen.account.owner else None
    left = former is not None and former != owner
    yield Alert(
        key=f"{NAME}:{seen.view.case.ref.id}:{occasion.number}:alert:opened",
        template=f"{NAME}.opened",
        to=(owner.ref,) if owner else (),  # addressed to nobody, it still stands in the record's feed
        about=seen.account.ref,
        values={
            "account": seen.shown_name,
            "who": names_of(seen, visits),
            "pages": "\n".join(line_of(seen, "page", visit) for visit in visits),
            "contract": contract_text(seen),
            "instead": seen.text("instead").format(name=quoted(former.name)) if former and left else "",
        },
    )


def _task(seen: Customer, occasion: Occasion, visits: list[Visit]) -> EnsureTask:
    who, owner, case = _who(visits), _owner(seen), seen.view.case
    view = seen.about(who)
    won = [deal for deal in case.deals if deal.is_won and not deal.deleted]
    latest = max(won, key=lambda deal: (deal.close_date or date.min, deal.ref), default=None)
    # Without the person where nobody may call: what the owner's list shows there is a number to dial.
    named = who.records if who and not must_not_call(view) else ()
    sfa = [record.ref for record in named if record.ref.system == view.practice.tasks.system]
    inferences = (contract_text(seen),) if seen.contract.inferred else ()
    return EnsureTask(
        key=task_key(NAME, case, occasion, 1),
        subject=seen.settings.subject,
        about=case.ref,
        who=next(iter(sfa), None),
        account_owner=seen.account.owner,
        due=view.practice.calendar.business_day_from(view.today),
        text=task_text(
            view, opening(seen, view, visits), facts=list(facts_of(seen, visits)), inferences=inferences, deal=latest
        ),
        value=sum((deal.amount for deal in won if deal.amount), Decimal(0)),
        person_key=key_of(who) if who else None,
        matter=NAME,
        assignee=owner.ref if owner else None,
        beyond_capacity=True,
        priority="high",
    )


# --- the MA knows it, too ------------------------------------------------------------------------------------------


def _synced(seen: Customer) -> Iterator[SetFields]:
    """The contract status on every record of the company and its people in the MA, the end date on the company's."""
    found, case, sfa = seen.contract, seen.view.case, seen.view.practice.tasks.system
    label = seen.settings.statuses.of(found)
    end: date | None = None if found.inferred else found.until
    for account in case.accounts:
        if account.ref.system != sfa:
            yield SetFields(record=account.ref, values={"contract_status": label, "contract_end": end})
    people: list[Ref] = [r.ref for person in case.participants for r in person.records if r.ref.system != sfa]
    for record in dict.fromkeys(people):
        yield SetFields(record=record, values={"contract_status": label})


PROGRAM = ChurnRiskProgram()
