"""失注情報の入力依頼: who is asked, and when, for what should have been recorded at a loss, and for the next date.

The program of lost deals asks here. Source: section 2 of the practice ("At the loss the owner records …").
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from connector.mapping.practice import LossReason, LossReasons, folded
from connector.mapping.writing import alike
from connector.model.case import OwnTask
from connector.model.intents import EnsureTask, Intent, Over, SetFields, TaskText
from connector.model.plan import Because
from connector.model.records import Ref, User
from connector.programs.practice.approach import contact_ref
from connector.programs.practice.loss import NAME, NEXT, REQUEST, Loss, ended_on
from connector.programs.practice.losses import reason_of
from connector.programs.practice.own_tasks import closed_as_not_needed, is_open, tasks_of_subject
from connector.programs.practice.settings import Settings
from connector.programs.practice.successor import in_charge, superior
from connector.programs.practice.task_text import Fact, quoted, task_text
from connector.programs.practice.view import is_ours
from connector.programs.practice.withdrawals import withdrawals

Item = Literal[
    "next_approach_date", "approach_contact", "approach_hook", "lost_reason", "lost_reason_detail", "lost_to"
]


class RequestRules(Settings):
    """The task that asks for what is missing, and when a second person is asked."""

    subject: str = "失注情報の入力依頼"
    required: tuple[Item, ...] = ("next_approach_date", "approach_contact", "approach_hook", "lost_reason")
    """`lost_to` (他社名) may be added; it is asked for only where a competitor won."""
    beside: tuple[Item, ...] = ("lost_reason_detail",)
    """Named in a request that is made anyway; by itself nobody is asked for it."""
    due_business_days: NonNegativeInt = 2
    superior_business_days: PositiveInt = 3
    """After so many business days the 上司 is asked too, and Okoshi fills in the date."""


def missing(loss: Loss, rules: RequestRules, reasons: LossReasons) -> list[Item]:
    """What no person has recorded for this loss, in the order of the settings. A date of Okoshi's is no answer."""
    blank = _blank(loss, reasons)
    return [item for item in rules.required if blank[item]]


def _named(loss: Loss, rules: RequestRules, reasons: LossReasons) -> list[Item]:
    """What a request names: what is missing, and what may be said on the occasion."""
    blank = _blank(loss, reasons)
    return list(dict.fromkeys(item for item in (*rules.required, *rules.beside) if blank[item]))


def _blank(loss: Loss, reasons: LossReasons) -> dict[Item, bool]:
    deal = loss.case.opportunity
    return {
        "next_approach_date": not loss.date_is_a_persons,
        "approach_contact": loss.person.typed is None and deal.approach_person is None,
        "approach_hook": not folded(deal.approach_hook or ""),
        "lost_reason": reason_of(deal, reasons) is None,
        "lost_reason_detail": not folded(deal.lost_reason_detail or ""),
        "lost_to": reason_of(deal, reasons) is LossReason.COMPETITOR and not folded(deal.lost_to or ""),
    }


def asked(loss: Loss, rules: RequestRules, reasons: LossReasons) -> EnsureTask | None:
    """The request that should be made now, if any: one at a time, the first one to whom the deal belongs."""
    if tasks_of_subject(loss.case, rules.subject, NAME).others_open is not None:
        return None
    if loss.finished is not None:
        return _for_the_next_date(loss, rules)
    return None if loss.is_older or loss.revivals_of_this_loss else _for_the_loss(loss, rules, reasons)


def told_too(loss: Loss, rules: RequestRules, reasons: LossReasons) -> tuple[User, str] | None:
    """The 上司 who is told, and what the owner left out; from the day of the second request on."""
    owner = loss.case.opportunity.owner
    if not missing(loss, rules, reasons) or loss.is_older or loss.revivals_of_this_loss:
        return None
    above = _asked_too(loss, rules, in_charge(loss, owner), owner)
    return (above, _labels(loss, _named(loss, rules, reasons))) if above else None


def fill(loss: Loss, rules: RequestRules) -> SetFields | None:
    """The date that Okoshi chooses, with its derivation beside it, where people had their time to set one.

    A date that a person wrote stays, whatever became of it.
    """
    if loss.date is not None or loss.derived.day <= loss.today or loss.today < fill_from(loss, rules):
        return None
    if not is_ours(loss.case, loss.case.opportunity, "next_approach_date") or _a_person_wants_no_more(loss):
        return None
    if _was_taken_out(loss):
        return None
    values = {"next_approach_date": loss.derived.day, "next_approach_basis": basis(loss)}
    return SetFields(record=loss.case.ref, values=values, over=Over.OWN)


def _was_taken_out(loss: Loss) -> bool:
    """We wrote this very date and the field is blank: a person took it out. It is not written again."""
    written = loss.case.written.get(loss.case.ref, {}).get("next_approach_date")
    return (
        written is not None
        and loss.case.opportunity.next_approach_date is None
        and alike(written.value, loss.derived.day)
    )


def fill_from(loss: Loss, rules: RequestRules) -> date:
    """The first day on which Okoshi itself chooses a date."""
    last = loss.finished
    if last is None:
        return loss.today if loss.is_older else _later(loss, loss.occasion.started_on, rules)
    request = loss.request(f"{NEXT}.{_number(last)}")
    return _later(loss, _made_on(loss, request) if request else ended_on(last, loss), rules)


def superior_from(loss: Loss, rules: RequestRules) -> date | None:
    """The first day on which a second person is asked; `None` as long as nobody has been asked."""
    first = loss.request(_first_tail(loss))
    return _later(loss, _made_on(loss, first), rules) if first else None


def basis(loss: Loss) -> str:
    """How the date was found, in words: what it rests on, and the day from which it was counted."""
    last, texts = loss.finished, loss.practice.texts
    since = texts["lost.since_approach" if last else "lost.since_loss"].format(
        day=(ended_on(last, loss) if last else loss.lost_on).isoformat()
    )
    return texts[f"lost.basis.{loss.derived.basis}"].format(figure=loss.derived.figure, since=since)


def no_longer_asked(loss: Loss, rules: RequestRules, reasons: LossReasons) -> Iterator[Intent]:
    """Requests that a person has answered, or that a later approach has overtaken, are withdrawn."""
    answered, texts = not missing(loss, rules, reasons), loss.practice.texts
    current = {loss.key(_first_tail(loss)), loss.key(_superior_tail(loss))}
    for task in loss.requests:
        if task.key not in current:
            yield from withdrawals(loss, (task,), texts["lost.overtaken"])
        elif loss.date_is_a_persons if loss.finished else answered:
            yield from withdrawals(loss, (task,), texts["lost.answered"])


def because(loss: Loss, rules: RequestRules, reasons: LossReasons) -> Because:
    """Why somebody is asked."""
    items: list[Item] = ["next_approach_date"] if loss.finished else _named(loss, rules, reasons)
    labels = _labels(loss, items)
    text = loss.practice.texts["lost.why_request"].format(items=labels, day=loss.lost_on.isoformat())
    return Because(rule=f"{NAME}.request", record=str(loss.case.ref), field=",".join(items), at=loss.lost_on, text=text)


def look_up(loss: Loss) -> SetFields | None:
    """The look-up beside the text, where the text names exactly one person; one of ours goes with its text."""
    if loss.person.how == "outdated":
        return SetFields(record=loss.case.ref, values={"approach_person": None}, over=Over.OWN)
    person = loss.person.person
    ref = contact_ref(loss.case, person) if person is not None and loss.person.how == "text" else None
    return SetFields(record=loss.case.ref, values={"approach_person": ref}, over=Over.BLANK) if ref else None


def _for_the_loss(loss: Loss, rules: RequestRules, reasons: LossReasons) -> EnsureTask | None:
    if not missing(loss, rules, reasons):
        return None
    items, owner = _named(loss, rules, reasons), loss.case.opportunity.owner
    first = in_charge(loss, owner)
    opening = loss.practice.texts["lost.request"].format(
        deal=_name(loss), day=loss.lost_on.isoformat(), items=_labels(loss, items)
    )
    return _first_or_superior(loss, rules, first, owner, _text(loss, opening, items))


def _for_the_next_date(loss: Loss, rules: RequestRules) -> EnsureTask | None:
    """A completed task has consumed its date: whoever held it is asked for the next one."""
    last = loss.finished
    if last is None or last.current is None or loss.date is not None or _a_person_wants_no_more(loss):
        return None
    holder = loss.case.users.get(last.current.owner) if last.current.owner else None
    active = holder if holder is not None and holder.is_active else None
    opening = loss.practice.texts["lost.request_next"].format(deal=_name(loss), day=ended_on(last, loss).isoformat())
    text = _text(loss, opening, ["next_approach_date"])
    return _first_or_superior(loss, rules, active, last.current.owner, text)


def _first_or_superior(
    loss: Loss, rules: RequestRules, first: User | None, whose: Ref | None, text: TaskText
) -> EnsureTask | None:
    """The first request; once it is old, the one to the 上司. Asking nobody in particular asks inside sales."""
    tail = _first_tail(loss)
    if loss.request(tail) is None:
        return _task(loss, rules, tail, first, text)
    above = _asked_too(loss, rules, first, whose)
    if above is None or loss.request(_superior_tail(loss)) is not None:
        return None
    return _task(loss, rules, _superior_tail(loss), above, text)


def _asked_too(loss: Loss, rules: RequestRules, first: User | None, whose: Ref | None) -> User | None:
    """The 上司, once the first request is old; nobody is asked in two roles."""
    since, above = superior_from(loss, rules), superior(loss, whose)
    if since is None or loss.today < since or above is None or (first is not None and above.ref == first.ref):
        return None
    return above


def _first_tail(loss: Loss) -> str:
    last = loss.finished
    return f"{NEXT}.{_number(last)}" if last else f"{REQUEST}.owner"


def _superior_tail(loss: Loss) -> str:
    last = loss.finished
    return f"{NEXT}.{_number(last)}.superior" if last else f"{REQUEST}.superior"


def _task(loss: Loss, rules: RequestRules, tail: str, assignee: User | None, text: TaskText) -> EnsureTask:
    account = loss.case.account
    return EnsureTask(
        key=loss.key(tail),
        subject=rules.subject,
        about=loss.case.ref,
        who=None,
        account_owner=account.owner if account else None,
        due=loss.practice.calendar.add_business_days(loss.today, rules.due_business_days),
        text=text,
        value=loss.case.opportunity.amount or Decimal(0),
        person_key=None,
        matter=NAME,
        assignee=assignee.ref if assignee else None,
    )


def _a_person_wants_no_more(loss: Loss) -> bool:
    """Somebody deleted the last task or closed it as not needed: only a date of a person brings the deal back."""
    last = loss.finished
    return last is not None and (last.deleted or closed_as_not_needed((last,), loss.practice.touches) is not None)


def _text(loss: Loss, opening: str, items: list[Item]) -> TaskText:
    texts, deal = loss.practice.texts, loss.case.opportunity
    facts = [Fact(texts["lost.label.missing"], _labels(loss, items), deal)]
    if deal.lost_reason:
        facts.append(Fact(texts["lost.label.lost_reason"], quoted(deal.lost_reason) or "", deal))
    if loss.date is not None and not loss.date_is_a_persons:
        facts.append(Fact(texts["lost.label.next_approach_date"], loss.date.isoformat(), deal))
    suggestion = texts["lost.suggestion"].format(day=loss.derived.day.isoformat(), basis=basis(loss))
    inferences = [suggestion] if "next_approach_date" in items and loss.date is None else []
    return task_text(loss, opening, facts=facts, inferences=inferences)


def _labels(loss: Loss, items: list[Item]) -> str:
    texts = loss.practice.texts
    return texts["lost.comma"].join(texts[f"lost.label.{item}"] for item in items)


def _name(loss: Loss) -> str:
    return quoted(loss.case.opportunity.name) or loss.case.ref.id


def _number(task: OwnTask) -> str:
    return task.key.rsplit(".", 1)[1]


def _made_on(loss: Loss, task: OwnTask) -> date:
    return loss.practice.calendar.local_date(task.created_at)


def _later(loss: Loss, day: date, rules: RequestRules) -> date:
    return loss.practice.calendar.add_business_days(day, rules.superior_business_days)


def open_request(loss: Loss) -> OwnTask | None:
    """A request of ours that is still to be answered."""
    return next((task for task in loss.requests if is_open(task)), None)
