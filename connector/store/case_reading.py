"""Reads what many cases need at once, with a fixed number of queries. Called by `cases` alone, which assembles them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from connector.model.case import Occasion, OwnTask, Written
from connector.model.records import Account, Activity, ContactRole, Opportunity, Person, Record, Ref, User
from connector.store import clusters, ledger, neighbours, standings
from connector.store.company_web import CompanyWeb, engagements_since
from connector.store.mirror import Mirrored
from connector.store.mirror import load as load_records
from connector.store.neighbours import Neighbours
from connector.store.store import Transaction

R = TypeVar("R", bound=Record)
Subject = Opportunity | Account | Person

_AT_DEAL = ("contact_role.opportunity", "activity.opportunity", "deal_history.opportunity")
_AT_PERSON = ("activity.person", "engagement.person", "membership.person")
_AT_COMPANY = ("activity.account", "opportunity.account")


@dataclass
class Chunk:
    """All that was read for some cases, by reference. `subjects` are the records that name them, in the order given."""

    tx: Transaction
    subjects: list[Subject] = field(default_factory=list)
    records: dict[str, Mirrored] = field(default_factory=dict)
    same_deals: Neighbours = field(default_factory=dict)
    at_deal: Neighbours = field(default_factory=dict)
    at_company: Neighbours = field(default_factory=dict)
    at_person: Neighbours = field(default_factory=dict)
    roles_of: Neighbours = field(default_factory=dict)
    """Parts in deals, by the person."""
    staff: Neighbours = field(default_factory=dict)
    """Records of people, by the company that they name."""
    web: CompanyWeb | None = None
    """What people of the companies did on the web, where that was asked for."""
    together: dict[str, frozenset[str]] = field(default_factory=dict)
    """All records of the same company or person, for each one that is named."""
    own_tasks: Mapping[str, list[OwnTask]] = field(default_factory=dict)
    own_logs: Mapping[str, set[Ref]] = field(default_factory=dict)
    written: Mapping[Ref, Mapping[str, Written]] = field(default_factory=dict)
    occasions: Mapping[str, dict[str, Occasion]] = field(default_factory=dict)
    remembered: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    def fetch(self, refs: Iterable[str]) -> None:
        """Read those records that are not here yet."""
        self.records |= load_records(self.tx, set(refs) - self.records.keys())

    def gather(self, refs: Iterable[str]) -> None:
        """Find out, for companies and people, which other records are the same, and read them all."""
        new = set(refs) - self.together.keys()
        self.together |= clusters.members(self.tx, new)
        self.fetch(self.all_of(new))

    def each(self, model: type[R], refs: Iterable[str]) -> Iterator[R]:
        """The living records of one kind among these."""
        for ref in refs:
            mirrored = self.records.get(ref)
            if mirrored is not None and isinstance(mirrored.record, model) and not mirrored.record.deleted:
                yield mirrored.record

    def all_of(self, refs: Iterable[str]) -> set[str]:
        """These companies or people with all their records."""
        return set().union(*(self.together[ref] for ref in refs))

    def deals_of(self, company: Iterable[str]) -> set[str]:
        """The deals that these records of a company have."""
        found = set().union(*(self.at_company.get(ref, ()) for ref in company))
        return {str(deal.ref) for deal in self.each(Opportunity, found)}

    def deals_with(self, person: Iterable[str]) -> set[str]:
        """The deals that these records of a person have part in."""
        roles = set().union(*(self.roles_of.get(ref, ()) for ref in person))
        return {str(role.opportunity) for role in self.each(ContactRole, roles)}

    def staff_of(self, company: Iterable[str]) -> set[str]:
        """The people that name these records of a company as theirs."""
        return set().union(*(self.staff.get(ref, ()) for ref in company))

    def first_of(self, cluster: Iterable[str], sfa: str) -> list[Person]:
        """The living records of one person, the one that names the person's case first."""
        return sorted(self.each(Person, cluster), key=lambda one: (one.ref.system != sfa, one.ref.object, one.ref))


def read(tx: Transaction, refs: Sequence[str], sfa: str, web_since: datetime | None) -> Chunk:
    """All that the cases of these records need; what others of a deal's company did on the web only `web_since`."""
    chunk = Chunk(tx)
    chunk.fetch(refs)
    _subjects(chunk, refs, sfa)
    deals = [one for one in chunk.subjects if isinstance(one, Opportunity)]
    accounts = [one for one in chunk.subjects if isinstance(one, Account)]
    people = [str(one.ref) for one in chunk.subjects if isinstance(one, Person)]
    _companies(chunk, deals, people)
    _staff(chunk, deals, accounts)
    chunk.roles_of = neighbours.pointing_at(tx, chunk.all_of(people), ("contact_role.person",))
    chunk.fetch(set().union(*chunk.roles_of.values()))
    _around_deals(chunk, deals, accounts, people)
    _around_people(chunk, deals, accounts, people)
    if web_since is not None:
        chunk.web = _on_the_web(chunk, deals, web_since)
    _ours(chunk)
    return chunk


def _subjects(chunk: Chunk, refs: Sequence[str], sfa: str) -> None:
    """Of several records of one company or person the first one names the case; the others have none."""
    named = [*chunk.each(Account, refs), *chunk.each(Person, refs)]
    chunk.gather(str(record.ref) for record in named)
    for ref in refs:
        for record in chunk.each(Record, [ref]):
            if isinstance(record, Opportunity) or (isinstance(record, Account | Person) and _leads(chunk, record, sfa)):
                chunk.subjects.append(record)


def _leads(chunk: Chunk, record: Account | Person, sfa: str) -> bool:
    same = chunk.each(type(record), chunk.together[str(record.ref)])
    return record.ref == min((one.ref for one in same), key=lambda ref: (ref.system != sfa, ref.object, ref))


def _companies(chunk: Chunk, deals: Iterable[Opportunity], people: Iterable[str]) -> None:
    """The companies of all cases, what is with them as such, and their deals."""
    named = {str(deal.account) for deal in deals if deal.account}
    named |= {str(record.account) for record in chunk.each(Person, chunk.all_of(people)) if record.account}
    chunk.gather(named)
    companies = {ref for cluster in chunk.together.values() for ref in cluster}
    companies = {str(record.ref) for record in chunk.each(Account, companies)}
    chunk.at_company = neighbours.pointing_at(chunk.tx, companies, _AT_COMPANY)
    chunk.fetch(set().union(*chunk.at_company.values()))


def _staff(chunk: Chunk, deals: Iterable[Opportunity], accounts: Iterable[Account]) -> None:
    companies = {str(account.ref) for account in accounts}
    companies |= {str(deal.account) for deal in deals if deal.account and names_colleague(deal)}
    chunk.staff = neighbours.pointing_at(chunk.tx, chunk.all_of(companies), ("person.account",))


def names_colleague(deal: Opportunity) -> bool:
    """Whether whom to approach is known by a text only: then the company's people are looked at."""
    return deal.is_closed and not deal.is_won and bool(deal.approach_contact) and deal.approach_person is None


def _around_deals(
    chunk: Chunk, deals: Iterable[Opportunity], accounts: Iterable[Account], people: Iterable[str]
) -> None:
    """The deals whose activities, people and history belong to a case, with all of these."""
    around = {str(deal.ref) for deal in deals}
    around |= chunk.deals_of(chunk.all_of(str(account.ref) for account in accounts))
    around |= chunk.deals_with(chunk.all_of(people))
    chunk.same_deals = neighbours.twins(chunk.tx, around)
    same_deals = set().union(*chunk.same_deals.values())
    chunk.at_deal = neighbours.pointing_at(chunk.tx, same_deals, _AT_DEAL)
    chunk.fetch({*around, *same_deals, *set().union(*chunk.at_deal.values())})


def _around_people(
    chunk: Chunk, deals: Iterable[Opportunity], accounts: Iterable[Account], people: Iterable[str]
) -> None:
    """The people of all cases with what they did, and the users who own any of it."""
    roles = chunk.each(ContactRole, set().union(*chunk.at_deal.values()))
    named = {str(role.person) for role in roles} | set().union(*chunk.staff.values())
    named |= {str(deal.approach_person) for deal in deals if deal.approach_person}
    chunk.gather(named)
    known = {str(account.ref) for account in accounts}
    clusters_of_people = chunk.all_of({*named, *people} - known)
    chunk.at_person = neighbours.pointing_at(chunk.tx, clusters_of_people, _AT_PERSON)
    chunk.fetch(set().union(*chunk.at_person.values()))
    activities = list(chunk.each(Activity, list(chunk.records)))
    chunk.fetch(str(deal) for activity in activities for deal in activity.opportunities)
    chunk.fetch(owned(mirrored.record for mirrored in list(chunk.records.values())))
    chunk.fetch([str(user.manager) for user in chunk.each(User, list(chunk.records)) if user.manager])


def _on_the_web(chunk: Chunk, deals: Iterable[Opportunity], since: datetime) -> CompanyWeb:
    """The people of the companies of deals that a signal can be about, with what they did."""
    companies = chunk.all_of({str(deal.account) for deal in deals if deal.account and not deal.is_won})
    staff = neighbours.pointing_at(chunk.tx, companies, ("person.account",))
    chunk.gather(set().union(*staff.values()))
    acts = engagements_since(chunk.tx, chunk.all_of(set().union(*staff.values())), since)
    chunk.fetch(set().union(*acts.values()))
    return CompanyWeb(since, staff, acts)


def _ours(chunk: Chunk) -> None:
    """What Okoshi did before."""
    tx = chunk.tx
    names = {str(one.ref) for one in chunk.subjects}
    aliases = names | chunk.all_of(ref for ref in names if ref in chunk.together)
    chunk.own_tasks = ledger.own_tasks(tx, aliases)
    chunk.own_logs = ledger.own_logs(tx, aliases)
    chunk.fetch(str(task.record) for tasks in chunk.own_tasks.values() for task in tasks)
    mine = [mirrored.record.ref for mirrored in chunk.records.values() if isinstance(mirrored.record, Subject)]
    chunk.written = ledger.written(tx, mine)
    chunk.occasions = standings.occasions(tx, names)
    chunk.remembered = standings.facts(tx, names)


def owned(records: Iterable[Record]) -> set[str]:
    """Who owns any of these."""
    having = (record for record in records if isinstance(record, Opportunity | Account | Person | Activity))
    return {str(record.owner) for record in having if record.owner}
