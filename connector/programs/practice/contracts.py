"""Whether a company is under contract: a date, a status that somebody keeps, or else inferred from a won deal.

Programs that treat customers otherwise than prospects ask here. Source: sections 2, 4 and 5 of the practice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from connector.mapping.practice import ContractRules, folded
from connector.model.case import Case
from connector.model.records import Account, Opportunity, Person, Record, Ref
from connector.programs.practice.months import months_after
from connector.programs.practice.view import is_ours

ContractState = Literal["none", "current", "ended"]


@dataclass(frozen=True, slots=True)
class Contract:
    """Where a company stands: never bought, under contract, or no longer; and what says so.

    `until` is the last day under contract where it is known. `inferred`: no record says it, a won deal suggests it.
    """

    state: ContractState
    until: date | None = None
    inferred: bool = False
    record: Ref | None = None
    field: str | None = None

    @property
    def is_current(self) -> bool:
        """Under contract today."""
        return self.state == "current"


def contract(case: Case, rules: ContractRules, today: date) -> Contract:
    """The company's contract: its end date if one is kept; else the status that is kept; else "won", inferred.

    A deal won after the end date is a new contract. What Okoshi itself wrote to a record is no evidence.
    """
    won = [deal for deal in case.deals if deal.is_won and not deal.deleted]
    kept = [record for record in _companies(case) if record.contract_end and _is_kept(case, record, "contract_end")]
    if kept:
        told = max(kept, key=lambda record: record.contract_end or date.min)
        end = told.contract_end or date.min
        if end >= today:
            return Contract("current", end, record=told.ref, field="contract_end")
        renewed = [deal for deal in won if deal.close_date and end < deal.close_date]
        return _inferred(renewed, rules, today) or Contract("ended", end, record=told.ref, field="contract_end")
    return _by_status(case, rules) or _inferred(won, rules, today) or Contract("none")


def unknown_to_ma(case: Case, sfa: str) -> bool:
    """Whether the MA has no record at all of this company or of any of its people. `sfa` names the other system."""
    records: list[Account | Person] = list(case.accounts)
    records += [record for person in case.participants for record in person.records]
    return all(record.ref.system == sfa for record in records)


def _by_status(case: Case, rules: ContractRules) -> Contract | None:
    """What the SFA's records say; if they say nothing, the others'. One that says "under contract" is enough."""
    states: tuple[tuple[ContractState, tuple[str, ...]], ...] = (
        ("current", rules.current_values),
        ("ended", rules.ended_values),
        ("none", rules.none_values),
    )
    kept = [
        record for record in _companies(case) if record.contract_status and _is_kept(case, record, "contract_status")
    ]
    for group in ([r for r in kept if r.ref.system == case.ref.system], kept):
        for state, values in states:
            meant = {folded(value) for value in values}
            told = next((record for record in group if folded(record.contract_status or "") in meant), None)
            if told:
                return Contract(state, record=told.ref, field="contract_status")
    return None


def _inferred(won: list[Opportunity], rules: ContractRules, today: date) -> Contract | None:
    if not won:
        return None
    last = max(won, key=lambda deal: (deal.close_date or date.min, deal.ref))
    if rules.inferred_months is None or last.close_date is None:
        return Contract("current", inferred=True, record=last.ref, field="is_won")
    until = months_after(last.close_date, rules.inferred_months)
    return Contract("current" if until >= today else "ended", until, inferred=True, record=last.ref, field="is_won")


def _companies(case: Case) -> Iterator[Account]:
    """The records of the company, those of the subject's own system (the SFA) first."""
    known = {record.ref: record for record in (*((case.account,) if case.account else ()), *case.accounts)}
    yield from sorted(known.values(), key=lambda record: record.ref.system != case.ref.system)


def _is_kept(case: Case, record: Record, name: str) -> bool:
    """Somebody else than Okoshi keeps this value."""
    return not is_ours(case, record, name)
