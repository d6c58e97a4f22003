"""What inside sales reads in the task for a lost deal, and the evidence behind it. The program of lost deals calls it.

Facts (the loss, the person, the hook, what was read since) and what Okoshi inferred stay apart.
"""

from collections.abc import Iterator

from connector.mapping.practice import LossReasons
from connector.model.intents import TaskText
from connector.model.plan import Because
from connector.model.records import Engagement, EngagementKind
from connector.programs.practice.loss import NAME, Loss
from connector.programs.practice.loss_requests import basis
from connector.programs.practice.losses import reason_of
from connector.programs.practice.task_text import Fact, quoted, task_text, whom

MOST_READ = 5
"""Pages and forms that are named, the latest."""


def revival_text(loss: Loss, reasons: LossReasons) -> TaskText:
    """The whole text of the task for a revival."""
    return task_text(loss, _opening(loss, reasons), facts=list(_facts(loss, reasons)), inferences=list(_inferred(loss)))


def why_due(loss: Loss, reasons: LossReasons) -> tuple[Because, ...]:
    """Why the task comes now, and why the deal is in scope."""
    deal, texts = loss.case.opportunity, loss.practice.texts
    why = texts[f"lost.why_{_due(loss)}"].format(day=(loss.date or loss.lost_on).isoformat())
    field = "next_approach_date" if loss.date else "stage_changed_at"
    day = loss.date or loss.lost_on
    reason = texts["lost.why_reason"].format(reason=_reason(loss, reasons), day=loss.lost_on.isoformat())
    value = quoted(deal.lost_reason)
    return (
        Because(
            rule=f"{NAME}.{_due(loss)}", record=str(deal.ref), field=field, value=day.isoformat(), at=day, text=why
        ),
        Because(
            rule=f"{NAME}.reason", record=str(deal.ref), field="lost_reason", value=value, at=loss.lost_on, text=reason
        ),
    )


def _due(loss: Loss) -> str:
    return "date_reached" if loss.date else "older" if loss.is_older and loss.finished is None else "interval_over"


def _opening(loss: Loss, reasons: LossReasons) -> str:
    deal, texts = loss.case.opportunity, loss.practice.texts
    hook = quoted(deal.approach_hook)
    what = texts["lost.with_hook"].format(hook=hook) if hook else texts["lost.without_hook"]
    return texts[f"lost.opening_{_due(loss)}"].format(
        deal=quoted(deal.name) or deal.ref.id,
        lost_on=loss.lost_on.isoformat(),
        reason=_reason(loss, reasons),
        day=(loss.date or loss.lost_on).isoformat(),
        who=whom(loss),
        what=what,
    )


def _reason(loss: Loss, reasons: LossReasons) -> str:
    """The picklist's value, or that nobody has chosen one."""
    deal = loss.case.opportunity
    known = quoted(deal.lost_reason) if reason_of(deal, reasons) else None
    return known or loss.practice.texts["lost.no_reason"]


def _facts(loss: Loss, reasons: LossReasons) -> Iterator[Fact]:
    deal, texts = loss.case.opportunity, loss.practice.texts
    yield Fact(texts["lost.label.lost_on"], loss.lost_on.isoformat(), deal, dated=True)
    yield Fact(texts["lost.label.lost_reason"], _reason(loss, reasons), deal)
    dated = loss.date.isoformat() if loss.date else None
    for name, value in (
        ("lost_reason_detail", quoted(deal.lost_reason_detail)),
        ("lost_to", quoted(deal.lost_to)),
        ("approach_contact", quoted(loss.person.typed)),
        ("next_approach_date", dated if loss.date_is_a_persons else None),
    ):
        if value:
            yield Fact(texts[f"lost.label.{name}"], value, deal)
    for act in _read_since(loss):
        day = loss.practice.calendar.local_date(act.at).isoformat()
        yield Fact("read_since", f"{day} {quoted(act.title or act.url)}", act, dated=True)


def _read_since(loss: Loss) -> list[Engagement]:
    """Pages and forms of the deal's people since the loss, up to now. Opening a mail is no reading."""
    read = (EngagementKind.PAGE_VIEW, EngagementKind.FORM)
    local = loss.practice.calendar.local_date
    acts = [
        act
        for act in loss.case.engagements
        if act.form in read and (act.title or act.url) and act.at <= loss.now and local(act.at) > loss.lost_on
    ]
    return acts[-MOST_READ:]


def _inferred(loss: Loss) -> Iterator[str]:
    deal, texts = loss.case.opportunity, loss.practice.texts
    if loss.date is not None and not loss.date_is_a_persons:
        found = quoted(deal.next_approach_basis) or texts["unknown"]
        yield texts["lost.inferred_date"].format(day=loss.date.isoformat(), basis=found)
    elif loss.date is None:
        yield texts["lost.inferred_turn"].format(basis=basis(loss))
    match loss.person.how:
        case "text":
            yield texts["lost.inferred_person"].format(typed=quoted(loss.person.typed), name=whom(loss))
        case "primary":
            yield texts["lost.inferred_primary"]
        case "unresolved" | "outdated" if loss.person.typed:
            yield texts["lost.unresolved"].format(typed=quoted(loss.person.typed))
