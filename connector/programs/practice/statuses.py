"""アカウントステータス: the eight values, how each system spells them, and which of them a person set.

Programs that ask where a company stands read it here; what the rules make of a company is `status_rules`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connector.mapping.practice import BY_PEOPLE_ONLY, Status, StatusRules
from connector.model.case import Case
from connector.model.records import Account
from connector.programs.practice.view import is_ours

AFTER_A_TALK = frozenset({Status.ACTIVE_OPPORTUNITY, Status.CUSTOMER, Status.QUARTERLY_CHECK, Status.LOST})
"""A company that ever had one of these had a talk."""


@dataclass(frozen=True, slots=True)
class ByPerson:
    """A status that a person wrote to a record of the company; `status` is `None` for a value of the org's own."""

    record: Account
    raw: str
    status: Status | None


def set_by_people(case: Case, names: StatusRules) -> Iterator[ByPerson]:
    """What people wrote to the company's records, the case's own record first."""
    for account in case.accounts:
        if account.status and not is_ours(case, account, "status"):
            yield ByPerson(account, account.status, names.read(account.status))


def said_by(case: Case, values: Iterable[ByPerson]) -> ByPerson | None:
    """Of these values of people the one that holds for the case's own record.

    不適合 and 登録保存 first; then what stands on the record itself; then a value on another of the company's records
    in the SFA, so that they all say the same.
    """
    among, own = list(values), case.account.ref if case.account else None
    final = verdict(case, among)
    here = next((value for value in among if value.record.ref == own), None)
    others = [v for v in among if v.status not in {None, *BY_PEOPLE_ONLY} and v.record.ref.system == case.ref.system]
    return final or here or min(others, key=lambda value: (_precedence(value), value.record.ref), default=None)


def verdict(case: Case, values: Iterable[ByPerson]) -> ByPerson | None:
    """不適合 or 登録保存, which people alone set.

    不適合 is said of the company, whichever of its records bears it. 登録保存 is said of one record (a merged one,
    for example): the company's other records go on.
    """
    own = case.account.ref if case.account else None
    found = [value for value in values if value.status in BY_PEOPLE_ONLY]
    about = [value for value in found if value.status is Status.UNQUALIFIED or value.record.ref == own]
    return min(about, key=_precedence, default=None)


def _precedence(value: ByPerson) -> int:
    return value.status.precedence if value.status else len(Status)


def sfa_records(case: Case) -> tuple[Account, ...]:
    """The company's records in the system of the case, by reference."""
    return tuple(sorted((a for a in case.accounts if a.ref.system == case.ref.system), key=lambda a: a.ref))


def leads(case: Case, names: StatusRules) -> bool:
    """Whether this record speaks for its company where one record must: the first that is not kept as 登録保存."""
    records = sfa_records(case)
    living = [a for a in records if names.read(a.status) is not Status.ARCHIVED]
    return next((a.ref == case.ref for a in (living or records)), True)
