"""再検討シグナル: people of a stalled or lost deal are markedly active on the web, and who can act on it is told.

Pure: the engine calls `PROGRAM.evaluate`. Read it beside section 3 of the practice. How marked activity is, is
`practice.signals`; how it is told, `practice.signal_text`. It knows neither other programs nor channels of alerts.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from connector.model.case import Case, Occasion, Participant
from connector.model.intents import Alert, Decision, Intent, LogActivity, SetFields, Standing
from connector.model.plan import LOG, Because
from connector.model.records import Account, Kind, Opportunity, Person, Ref
from connector.programs.practice import Practice
from connector.programs.practice.holds import left_alone, must_not_call
from connector.programs.practice.occasions import following, remembered
from connector.programs.practice.own_tasks import is_open
from connector.programs.practice.signal_case import NAME, Alerted, HotSignalSettings, SignalCase, Way
from connector.programs.practice.signal_tasks import task_side
from connector.programs.practice.signal_text import SignalText
from connector.programs.practice.signals import Signal
from connector.programs.practice.successor import in_charge
from connector.programs.practice.task_text import quoted
from connector.programs.practice.view import look
from connector.programs.practice.visits import read_visits
from connector.programs.practice.withdrawals import withdrawals


class HotSignalProgram:
    """Program 3 of the practice."""

    name = NAME
    settings = HotSignalSettings
    about = frozenset({Kind.OPPORTUNITY})

    def concerns(self, subject: Opportunity | Account | Person) -> bool:
        """Open and lost deals."""
        return isinstance(subject, Opportunity) and not subject.is_won and not subject.deleted

    def evaluate(self, case: Case, settings: HotSignalSettings, practice: Practice, now: datetime) -> Decision:
        """Whether there is a signal, who is told of it, and whether inside sales gets a task."""
        facts = case.remembered.get(NAME, {})
        traffic = read_visits(case, facts, practice.own_domains, practice.rules.bots, now, settings.web_days)
        ours = tuple(task for task in case.own_tasks if task.program == NAME)
        seen = SignalCase(look(case, practice, now), settings, traffic, ours)
        occasion = case.occasions.get(NAME) or remembered(ours, seen.view)
        alerted = Alerted.recall(facts)
        if seen.deal.is_won or seen.deal.deleted:
            return _over(seen, occasion)
        signal = seen.signal(now)
        if _is_news(seen, signal, alerted):
            occasion = following(occasion, seen.view)
            short = seen.told(signal).short
            alerted = Alerted(now, signal.total, _way(seen, signal), short, signal.last_at)
        if alerted is None or occasion is None:
            return _quiet(seen, occasion)
        return _answered(seen, occasion, alerted)


def _is_news(seen: SignalCase, signal: Signal, alerted: Alerted | None) -> bool:
    """A marked signal that nobody was told of: after the cool-down with something new, or clearly stronger."""
    if not signal.is_marked or alerted is None:
        return signal.is_marked
    if signal.last_at <= alerted.at:
        return False
    return seen.view.now >= seen.cool_until(alerted) or signal.total >= seen.settings.stronger_factor * alerted.total


def _way(seen: SignalCase, signal: Signal) -> Way:
    """Who acts, in the order of the practice."""
    view = seen.view
    if left_alone(view):
        return "managers"
    if seen.is_customers_loss:
        return "customer"
    if _has_holder(seen, signal) and not must_not_call(view):
        return "raised"
    if seen.open_deal(signal.people):
        return "open_deal"
    if seen.is_stalled:
        return "owner"
    return "lost" if seen.is_workable_loss else "notice"


def _has_holder(seen: SignalCase, signal: Signal) -> bool:
    """Somebody of inside sales has a task open; who has left acts on nothing."""
    task = seen.inside_sales_task(signal.people)
    holder = seen.view.case.users.get(task.holder) if task and task.holder else None
    return task is not None and (holder is None or holder.is_active)


# --- nothing to tell -----------------------------------------------------------------------------------------------


def _over(seen: SignalCase, occasion: Occasion | None) -> Decision:
    text = seen.text("closed")
    taken_back = withdrawals(seen.view, seen.ours, text)
    deal = seen.deal
    why = Because(rule=f"{NAME}.closed", record=str(deal.ref), field="stage", value=deal.stage, text=text)
    return Decision(
        Standing.NOT_ELIGIBLE,
        "closed",
        text,
        taken_back,
        (why,) if taken_back else (),
        occasion=occasion,
        facts=dict(seen.traffic.facts),
    )


def _quiet(seen: SignalCase, occasion: Occasion | None) -> Decision:
    issued = next((task for task in seen.ours if is_open(task) and not task.withdrawn), None)
    reason = "issued" if issued else "quiet"
    return Decision(
        Standing.ISSUED if issued else Standing.NOT_ELIGIBLE,
        reason,
        seen.text(reason),
        occasion=occasion,
        facts=dict(seen.traffic.facts),
    )


# --- a signal: told, posted back, acted on -------------------------------------------------------------------------


def _answered(seen: SignalCase, occasion: Occasion, alerted: Alerted) -> Decision:
    """Alert and posts are repeated through the cool-down, as one may not have arrived; the task until it is done."""
    signal, answer = seen.signal(alerted.at), task_side(seen, occasion, alerted)
    cool_until = seen.cool_until(alerted)
    posts: tuple[Intent, ...] = ()
    is_hushed = alerted.way != "managers" and left_alone(seen.view) is not None
    if signal.lines and seen.view.now < cool_until and not is_hushed:
        posts = tuple(_posts(seen, occasion, alerted, signal))
    because = tuple(seen.told(signal).because()) if signal.lines and (posts or answer.intents) else ()
    moments = [moment for moment in (answer.wake_at, cool_until) if moment and moment > seen.view.now]
    return Decision(
        answer.standing,
        answer.reason,
        answer.text,
        (*posts, *answer.intents),
        (*answer.because, *because),
        wake_at=min(moments, default=None),
        occasion=occasion,
        facts={**seen.traffic.facts, **alerted.facts, "person_key": answer.person_key or ""},
    )


def _posts(seen: SignalCase, occasion: Occasion, alerted: Alerted, signal: Signal) -> Iterator[Intent]:
    view, told = seen.view, seen.told(signal)
    key = f"{NAME}:{view.case.ref.id}:{occasion.number}"
    to = _recipients(seen, alerted.way, signal.people)
    values = _values(seen, told, signal)
    if to or alerted.way != "managers":  # addressed to nobody, it still stands in the record's feed
        yield Alert(
            key=f"{key}:alert:{alerted.way}",
            template=f"{NAME}.{alerted.way}",
            to=to,
            about=seen.deal.ref,
            values=values,
            urgent=alerted.way in ("owner", "raised", "lost", "open_deal"),
        )
    if alerted.way == "managers":
        return
    posted = {"signal": alerted.short, "signal_at": alerted.acted_at}
    yield SetFields(record=seen.deal.ref, values=posted)
    for person in seen.part_takers(signal.people):
        for record in person.records:
            if record.ref.system != view.practice.tasks.system:
                yield SetFields(record=record.ref, values=posted)
    owner = view.case.users.get(seen.deal.owner) if seen.deal.owner else None
    yield LogActivity(
        key=f"{key}{LOG}",
        subject=seen.settings.subjects.log,
        about=seen.deal.ref,
        who=seen.sfa_record(seen.of_deal_first(signal.people)[0]),
        owner=owner.ref if owner and owner.is_active else None,
        day=view.practice.calendar.local_date(alerted.at),
        body=seen.text("log").format(**values),
    )


def _recipients(seen: SignalCase, way: Way, people: tuple[Participant, ...]) -> tuple[Ref, ...]:
    """Active users only; where the owner has left, who stands in."""
    view, account = seen.view, seen.view.case.account
    if way == "managers":
        return tuple(user.ref for user in view.practice.managers)
    asked = seen.deal.owner
    if way == "customer" and account:
        asked = account.owner
    elif way == "open_deal":
        asked = (seen.open_deal(people) or seen.deal).owner
    owner = in_charge(view, asked)
    told = [owner] if owner else []
    task = seen.inside_sales_task(people) if way == "raised" else None
    holder = view.case.users.get(task.holder) if task and task.holder else None
    if holder and holder.is_active:
        told.insert(0, holder)
    return tuple(dict.fromkeys(user.ref for user in told))


def _values(seen: SignalCase, told: SignalText, signal: Signal) -> dict[str, str]:
    view, account = seen.view, seen.view.case.account
    unknown = view.practice.texts["unknown"]
    silent = [person for person in signal.people if must_not_call(seen.about(person))]
    names = SignalText(view, replace(signal, people=tuple(silent)), seen.settings.signal, NAME, len(silent)).who
    return {
        "deal": quoted(seen.deal.name) or seen.deal.ref.id,
        "account": (quoted(account.name) if account else None) or unknown,
        "who": told.who,
        "pages": told.pages(seen.settings.pages_shown),
        "why": told.why,
        "total": str(signal.total),
        "days": str(view.silence),
        "status": (quoted(account.status) if account else None) or unknown,
        "reason": quoted(seen.deal.lost_reason) or seen.text("no_reason"),
        "call": seen.text("do_not_call").format(names=names) if silent else "",
    }


PROGRAM = HotSignalProgram()
