"""Assembles cases: each deal, company or person with everything that bears on it, a chunk at a time.

Called by the engine and by reporting. Mirrors `marks.spread`: what is read here must lead back to the case there.
"""

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from connector.model.case import Case, OwnTask, Participant, Written
from connector.model.records import (
    Account,
    Activity,
    ContactRole,
    DealHistory,
    Engagement,
    Membership,
    Opportunity,
    Person,
    Record,
    Ref,
    User,
)
from connector.store.case_reading import Chunk, Subject, names_colleague, owned, read
from connector.store.mirror import load as load_records
from connector.store.store import Transaction

Translate = Callable[[Ref, str, Any], tuple[str, Any] | None]
"""(record, vendor's field, vendor's value) to (property, its value); `None` for a field that feeds none."""


@dataclass(frozen=True, slots=True)
class _Visitor:
    """A person, with all records there ever were of that person, and what was done on the web."""

    person: Participant
    cluster: frozenset[str]
    acts: list[Engagement]


def _untranslated(_record: Ref, _field: str, _value: Any) -> None:
    return None


def load(
    tx: Transaction,
    refs: Sequence[str],
    sfa: str = "salesforce",
    translate: Translate = _untranslated,
    web_since: datetime | None = None,
) -> list[Case]:
    """The cases of these records, in the order given; one that is deleted or was never seen has none.

    Several records of one company or person have one case: that of the record which comes first in the system `sfa`.
    What others of a deal's company did on the web is read from `web_since` on; without it, not at all.
    """
    with _collector_paused():
        chunk = read(tx, refs, sfa, web_since)
        return [_Assembly(chunk, subject, sfa, translate).case() for subject in chunk.subjects]


@contextmanager
def _collector_paused() -> Iterator[None]:
    # Many thousand records come to life here and none of them dies: the cycle collector would walk them all
    # again and again, which doubles the time.
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def subjects(tx: Transaction, refs: Collection[str]) -> list[Subject]:
    """The records themselves, deleted ones left out: a cheap look before whole cases are loaded."""
    found = load_records(tx, refs)
    records = (found[ref].record for ref in refs if ref in found)
    return [one for one in records if isinstance(one, Opportunity | Account | Person) and not one.deleted]


class _Assembly:
    """One case out of what was read."""

    def __init__(self, chunk: Chunk, subject: Subject, sfa: str, translate: Translate) -> None:
        self.chunk, self.subject, self.sfa, self.translate = chunk, subject, sfa, translate
        self.ref = str(subject.ref)
        self.own_deals = self._own_deals()
        self.same_deal = set().union(*(chunk.same_deals.get(deal, {deal}) for deal in self.own_deals))
        self.around = set().union(*(chunk.at_deal.get(deal, ()) for deal in self.same_deal))
        self.roles = list(chunk.each(ContactRole, sorted(self.around)))
        self.company = self._company()
        self.participants = self._participants()

    def case(self) -> Case:
        """The whole."""
        chunk = self.chunk
        of_people = set().union(*(chunk.at_person.get(record, ()) for record in self._records_of_people()))
        # What is on a person's deals with others is none of a person's own activities.
        around = of_people if isinstance(self.subject, Person) else self.around | of_people
        at_company = set().union(*(chunk.at_company.get(ref, ()) for ref in self.company))
        with_company = tuple(chunk.each(Activity, sorted(at_company - around)))
        if isinstance(self.subject, Account):
            around = around | at_company
        activities = tuple(chunk.each(Activity, sorted(around)))
        others = {str(other) for activity in activities for other in activity.opportunities} - self.same_deal
        other_deals = {other.ref: other for other in chunk.each(Opportunity, sorted(others))}
        accounts = tuple(chunk.each(Account, _nearest_first(self._nearest_account(), self.company)))
        deals = tuple(chunk.each(Opportunity, sorted({*at_company, *self.own_deals})))
        deals = tuple(deal for deal in deals if deal.ref.system == self.sfa or deal.ref == self.subject.ref)
        engagements = sorted(chunk.each(Engagement, of_people), key=_in_time)
        history = sorted(chunk.each(DealHistory, self.around), key=_in_time)
        memberships = tuple(chunk.each(Membership, sorted(of_people)))
        colleagues, on_the_web = self._colleagues(), self._on_the_web()
        used: list[Record] = [self.subject, *self.roles, *activities, *with_company, *other_deals.values()]
        used += [*accounts, *deals, *engagements, *history, *memberships, *self._records_of_deal()]
        used += [record for person in (*self.participants, *colleagues) for record in person.records]
        users = self._users([*used])
        tasks = tuple(task for ref in self._aliases() for task in chunk.own_tasks.get(ref, ()))
        own = [
            self.subject,
            *self._records_of_deal(),
            *accounts,
            *deals,
            *(record for person in self.participants for record in person.records),
        ]
        return Case(
            subject=self.subject,
            version=self._version([*used, *users.values()], tasks, on_the_web),
            same_deal=frozenset(Ref.parse(twin) for twin in self.same_deal),
            deal_records=self._records_of_deal(),
            accounts=accounts,
            participants=self.participants,
            deals=deals,
            activities=activities,
            account_activities=with_company,
            engagements=tuple(engagements),
            memberships=memberships,
            history=tuple(history),
            other_deals=other_deals,
            users=users,
            own_tasks=tasks,
            own_logs=frozenset().union(*(chunk.own_logs.get(ref, set()) for ref in self._aliases())),
            colleagues=colleagues,
            company_people=tuple(visitor.person for visitor in on_the_web),
            company_engagements=tuple(sorted((act for one in on_the_web for act in one.acts), key=_in_time)),
            written=self._written(own),
            occasions=chunk.occasions.get(self.ref, {}),
            remembered=chunk.remembered.get(self.ref, {}),
        )

    def _own_deals(self) -> list[str]:
        match self.subject:
            case Opportunity():
                return [self.ref]
            case Account():
                return sorted(self.chunk.deals_of(self.chunk.together[self.ref]))
            case Person():
                return sorted(self.chunk.deals_with(self.chunk.together[self.ref]))

    def _records_of_deal(self) -> tuple[Opportunity, ...]:
        if not isinstance(self.subject, Opportunity):
            return ()
        return tuple(self.chunk.each(Opportunity, sorted(self.same_deal, key=lambda ref: (ref != self.ref, ref))))

    def _nearest_account(self) -> str:
        subject = self.subject
        return str(subject.ref if isinstance(subject, Account) else subject.account)

    def _company(self) -> frozenset[str]:
        """All records of the company; of a person every company that one of the records names."""
        match self.subject:
            case Opportunity(account=None):
                return frozenset()
            case Opportunity() as deal:
                return self.chunk.together[str(deal.account)]
            case Account():
                return self.chunk.together[self.ref]
            case Person():
                records = self.chunk.each(Person, sorted(self.chunk.together[self.ref]))
                named = (self.chunk.together[str(record.account)] for record in records if record.account)
                return frozenset().union(*named)

    def _records_of_people(self) -> set[str]:
        """All records of the case's people, also of those who are gone: a talk with somebody stays one."""
        named = {str(role.person) for role in self.roles}
        match self.subject:
            case Person():
                named = {self.ref}
            case Account():
                named |= self.chunk.staff_of(self.company)
            case Opportunity(approach_person=Ref() as person):
                named.add(str(person))
        return self.chunk.all_of(named)

    def _aliases(self) -> list[str]:
        """The case under every name that it may have had: of several records another one may have come first."""
        if isinstance(self.subject, Opportunity):
            return [self.ref]
        return sorted(self.chunk.together[self.ref], key=lambda ref: (ref != self.ref, ref))

    def _participants(self) -> tuple[Participant, ...]:
        """One for each person, the primary first: two roles (or two records) of one person are one participant."""
        match self.subject:
            case Person() as person:
                others = sorted(self.chunk.together[self.ref] - {self.ref})
                return (Participant(person, tuple(self.chunk.each(Person, others)), is_primary=True),)
            case Account():
                staff = self.chunk.staff_of(self.company)
                found = self._people({*staff, *(str(role.person) for role in self.roles)})
                return tuple(person for person in found if self._works_here(person.person))
            case Opportunity() as deal:
                return self._of_deal(deal)

    def _works_here(self, person: Person) -> bool:
        """One company speaks for a person: that of the record which comes first, however many others name one."""
        return person.account is None or str(person.account) in self.company

    def _of_deal(self, deal: Opportunity) -> tuple[Participant, ...]:
        found: dict[frozenset[str], Participant] = {}
        for role in sorted(self.roles, key=lambda role: (not role.is_primary, role.ref)):
            cluster = self.chunk.together[str(role.person)]
            records = list(self.chunk.each(Person, _nearest_first(str(role.person), cluster)))
            if records and records[0].ref.system == role.person.system and cluster not in found:
                found[cluster] = Participant(records[0], tuple(records[1:]), role.is_primary, role.role)
        named = str(deal.approach_person) if deal.approach_person else None
        if named and self.chunk.together[named] not in found:
            cluster = self.chunk.together[named]
            records = list(self.chunk.each(Person, _nearest_first(named, cluster)))
            if records:
                found[cluster] = Participant(records[0], tuple(records[1:]))
        return tuple(found.values())

    def _people(self, refs: Iterable[str]) -> tuple[Participant, ...]:
        """Each person once, the records of the SFA first."""
        clusters = {self.chunk.together[ref] for ref in refs}
        people = (self.chunk.first_of(cluster, self.sfa) for cluster in clusters)
        return tuple(
            Participant(records[0], tuple(records[1:]))
            for records in sorted((found for found in people if found), key=lambda found: found[0].ref)
        )

    def _colleagues(self) -> tuple[Participant, ...]:
        if not (isinstance(self.subject, Opportunity) and names_colleague(self.subject)):
            return ()
        known = {record.ref for person in self.participants for record in person.records}
        found = self._people(self.chunk.staff_of(self.company))
        return tuple(person for person in found if person.person.ref not in known)

    def _on_the_web(self) -> list[_Visitor]:
        """Who else of the company was on the web, with what they did there."""
        web, chunk = self.chunk.web, self.chunk
        if web is None or not isinstance(self.subject, Opportunity) or self.subject.is_won:
            return []
        found: list[_Visitor] = []
        for cluster in {chunk.together[ref] for ref in web.staff_of(self.company) - self._records_of_people()}:
            records = chunk.first_of(cluster, self.sfa)
            refs = set().union(*(web.acts.get(ref, ()) for ref in cluster))
            acts = [act for act in chunk.each(Engagement, refs) if web.counts(act)]
            was_there = bool(acts) or any(map(web.was_seen, records))
            if records and was_there and self._works_here(records[0]):
                found.append(_Visitor(Participant(records[0], tuple(records[1:])), cluster, acts))
        return sorted(found, key=lambda visitor: visitor.person.person.ref)

    def _users(self, records: Iterable[Record]) -> dict[Ref, User]:
        """Owners and their managers."""
        owners = {user.ref: user for user in self.chunk.each(User, owned(records))}
        managers = self.chunk.each(User, [str(user.manager) for user in owners.values() if user.manager])
        return owners | {manager.ref: manager for manager in managers}

    def _written(self, records: Iterable[Record]) -> Mapping[Ref, Mapping[str, Written]]:
        found: dict[Ref, dict[str, Written]] = {}
        for ref in {record.ref for record in records} & self.chunk.written.keys():
            for name, last in self.chunk.written[ref].items():
                translated = self.translate(ref, name, last.value)
                if translated is not None:
                    found.setdefault(ref, {})[translated[0]] = Written(translated[1], last.times, last.at)
        return found

    def _version(self, used: Iterable[Record], tasks: Iterable[OwnTask], on_the_web: Iterable[_Visitor]) -> str:
        """A hash that moves with anything that the case holds, and with nothing else."""
        used = [*used, *(record for visitor in on_the_web for record in (*visitor.person.records, *visitor.acts))]
        parts = {f"{ref}={self.chunk.records[ref].hash}" for ref in (str(record.ref) for record in used)}
        parts.update(f"deal={ref}" for ref in self.same_deal)
        together = [self.company, *(self.chunk.together[str(role.person)] for role in self.roles)]
        together += [visitor.cluster for visitor in on_the_web]
        parts.update(f"together={','.join(sorted(cluster))}" for cluster in together if len(cluster) > 1)
        parts.update(f"task={task.key},{task.withdrawn},{task.deleted},{self._hash(task.record)}" for task in tasks)
        return blake2b("\n".join(sorted(parts)).encode(), digest_size=16).hexdigest()

    def _hash(self, ref: Ref) -> str | None:
        mirrored = self.chunk.records.get(str(ref))
        return mirrored.hash if mirrored else None


def _in_time(one: Engagement | DealHistory) -> tuple[datetime, Ref]:
    return one.at, one.ref


def _nearest_first(ref: str, cluster: Iterable[str]) -> list[str]:
    """The record itself, then those of its system (of a merged one the survivor is there), then the others."""
    system = ref.partition(":")[0] + ":"
    return sorted(cluster, key=lambda other: (other != ref, not other.startswith(system), other))
