"""Nurturing of a lost deal's people by the MA: onto its list with reason and loss date, and off it again.

The program of lost deals asks here. Nobody is put on a list without consent to mail. Source: section 2 of the practice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from connector.mapping.practice import LossReasons
from connector.model.case import Participant
from connector.model.intents import Intent, JoinList, LeaveList, SetFields
from connector.model.records import Consent, Person, Ref
from connector.programs.practice.loss import NAME, Loss
from connector.programs.practice.losses import is_lost, loss_day
from connector.programs.practice.settings import Settings
from connector.programs.practice.view import View

REASON, DAY = "nurtured_reason", "nurtured_on"
"""What is remembered of what this deal wrote to its people: that may be corrected later, another deal's word not."""


class NurturingRules(Settings):
    """Which list of the MA, filled by hand, takes the people of postponed deals and of those that fell silent."""

    list: str = "Okoshi 掘り起こしナーチャリング"


@dataclass(frozen=True, slots=True)
class Nurturing:
    """What should be true of the people, and what to remember of it."""

    intents: tuple[Intent, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)


def nurture(loss: Loss, rules: NurturingRules, reasons: LossReasons) -> Nurturing:
    """The approached person and the primary contact join, with reason and loss date; who may not be mailed leaves."""
    target = loss.practice.lists.get(rules.list)
    if target is None:
        return Nurturing()
    if any(not deal.is_closed and not deal.deleted for deal in loss.case.deals):
        return Nurturing(leave(loss, rules))
    if not loss.rule.nurture:
        mine = bool(_remembered(loss)) and not _nurtured_for_another(loss, reasons)
        return Nurturing(leave(loss, rules) if mine else ())
    intents, facts = list(_leaving(loss, target, refused_only=True)), _remembered(loss)
    for person in _people(loss):
        record = _record(person, target)
        if record is None or person.mail_consent is not Consent.YES or person.left_company:
            continue
        intents.append(JoinList(list=target, person=record.ref))
        if _may_write(loss, record) and not _is_outdone(loss, reasons):
            reason = loss.case.opportunity.lost_reason or ""
            intents.append(SetFields(record=record.ref, values={"lost_reason": reason, "lost_on": loss.lost_on}))
            facts = {REASON: reason, DAY: loss.lost_on.isoformat()}
    return Nurturing(tuple(intents), facts)


def _nurtured_for_another(loss: Loss, reasons: LossReasons) -> bool:
    """Another lost deal of the company may want the same people on the list."""
    others = (deal for deal in loss.case.deals if deal.ref != loss.case.ref and is_lost(deal))
    return any(reasons.rule(deal).nurture for deal in others)


def leave(view: View, rules: NurturingRules) -> tuple[Intent, ...]:
    """All of the deal's people leave the list: a new deal has opened, they bought, or nurturing is over."""
    target = view.practice.lists.get(rules.list)
    return tuple(_leaving(view, target, refused_only=False)) if target else ()


def _leaving(view: View, target: Ref, *, refused_only: bool) -> Iterator[Intent]:
    """Those who are on the list, or whom this deal wanted there, as far as is known."""
    on_list = {one.person for one in view.case.memberships if one.list == target and not one.deleted}
    for person in view.case.participants:
        refused = person.mail_consent is Consent.NO
        for record in person.records:
            known = record.ref in on_list or (bool(_remembered(view)) and record.ref.system == target.system)
            if known and (refused or not refused_only):
                yield LeaveList(list=target, person=record.ref)


def _people(loss: Loss) -> list[Participant]:
    """The approached person, and the deal's primary contact where that is another one."""
    found = [person for person in (loss.case.primary, loss.whole.primary) if person is not None]
    return list({person.person.ref: person for person in found}.values())


def _record(person: Participant, target: Ref) -> Person | None:
    """The person's record in the system whose list it is."""
    return next((record for record in person.records if record.ref.system == target.system), None)


def _may_write(loss: Loss, record: Person) -> bool:
    """One person can have several lost deals: the latest loss speaks, and each corrects only what it said itself."""
    if record.lost_on is None or record.lost_on < loss.lost_on:
        return True
    said = _remembered(loss)
    mine = said.get(DAY) == record.lost_on.isoformat() and said.get(REASON) == (record.lost_reason or "")
    return mine or (record.lost_on == loss.lost_on and record.lost_reason == loss.case.opportunity.lost_reason)


def _is_outdone(loss: Loss, reasons: LossReasons) -> bool:
    """A later loss of the company speaks for its people: written in one run, the order of the two would decide."""
    others = (deal for deal in loss.case.deals if deal.ref != loss.case.ref and is_lost(deal))
    return any(reasons.rule(deal).nurture and loss_day(loss, deal) > loss.lost_on for deal in others)


def _remembered(view: View) -> dict[str, str]:
    facts = view.case.remembered.get(NAME, {})
    return {name: facts[name] for name in (REASON, DAY) if name in facts}
