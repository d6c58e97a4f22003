"""Assembles cases: each deal of the SFA with everything that bears on it, in chunks with a fixed number of queries.

Called by the engine and by reporting. Mirrors `marks.spread`: what is read here must lead back to the case there.
"""

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeVar

from connector.model.case import Case, Occasion, OwnTask, Participant
from connector.model.records import Account, Activity, ContactRole, Opportunity, Person, Record, Ref, User
from connector.store import clusters, ledger, neighbours, standings
from connector.store.mirror import Mirrored
from connector.store.mirror import load as load_records
from connector.store.neighbours import Neighbours
from connector.store.store import Transaction

R = TypeVar("R", bound=Record)


def load(tx: Transaction, refs: Sequence[str]) -> list[Case]:
    """The cases of these deals, in the order given; a deal that is deleted or was never seen has none."""
    with _collector_paused():
        chunk = _read(tx, refs)
        return [chunk.case(deal) for deal in chunk.each(Opportunity, refs)]


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


def opportunities(tx: Transaction, refs: Collection[str]) -> list[Opportunity]:
    """The deals themselves, deleted ones left out: a cheap look before whole cases are loaded."""
    found = load_records(tx, refs)
    deals = (found[ref].record for ref in refs if ref in found)
    return [deal for deal in deals if isinstance(deal, Opportunity) and not deal.deleted]


@dataclass
class _Chunk:
    """All that was read for some cases, by reference."""

    tx: Transaction
    records: dict[str, Mirrored] = field(default_factory=dict)
    same_deals: Neighbours = field(default_factory=dict)
    at_deal: Neighbours = field(default_factory=dict)
    at_account: Neighbours = field(default_factory=dict)
    together: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """All records of the same company or person, for each company and person that a deal names."""
    at_person: Neighbours = field(default_factory=dict)
    own_tasks: Mapping[str, list[OwnTask]] = field(default_factory=dict)
    occasions: Mapping[str, dict[str, Occasion]] = field(default_factory=dict)

    def fetch(self, refs: Iterable[str]) -> None:
        """Read those records that are not here yet."""
        self.records |= load_records(self.tx, set(refs) - self.records.keys())

    def each(self, model: type[R], refs: Iterable[str]) -> Iterator[R]:
        """The living records of one kind among these."""
        for ref in refs:
            mirrored = self.records.get(ref)
            if mirrored is not None and isinstance(mirrored.record, model) and not mirrored.record.deleted:
                yield mirrored.record

    def all_of(self, refs: Iterable[str]) -> set[str]:
        """These companies or people with all their records."""
        return set().union(*(self.together[ref] for ref in refs))

    def case(self, deal: Opportunity) -> Case:
        """One case out of what was read."""
        ref = str(deal.ref)
        same_deal = self.same_deals[ref]
        around = set().union(*(self.at_deal.get(twin, ()) for twin in same_deal))
        roles = list(self.each(ContactRole, sorted(around)))
        persons = {self.together[str(role.person)] for role in roles}
        around.update(*(self.at_person.get(record, ()) for record in set().union(*persons)))
        activities = tuple(self.each(Activity, sorted(around)))
        others = {str(other) for activity in activities for other in activity.opportunities} - same_deal
        other_deals = {other.ref: other for other in self.each(Opportunity, sorted(others))}
        company = self.together[str(deal.account)] if deal.account else frozenset()
        accounts = tuple(self.each(Account, _nearest_first(str(deal.account), company)))
        at_accounts = set().union(*(self.at_account.get(str(account.ref), ()) for account in accounts)) - around
        with_company = tuple(self.each(Activity, sorted(at_accounts)))
        users = self._users([deal, *accounts, *activities, *other_deals.values()])
        participants = self._participants(roles)
        used: list[Record] = [deal, *roles, *activities, *with_company, *other_deals.values(), *accounts]
        used += users.values()
        used += [record for participant in participants for record in participant.records]
        tasks = tuple(self.own_tasks.get(ref, ()))
        return Case(
            opportunity=deal,
            version=self._version(used, same_deal, (company, *persons), tasks),
            same_deal=frozenset(Ref.parse(twin) for twin in same_deal),
            accounts=accounts,
            participants=participants,
            activities=activities,
            account_activities=with_company,
            other_deals=other_deals,
            users=users,
            own_tasks=tasks,
            occasions=self.occasions.get(ref, {}),
        )

    def _participants(self, roles: Sequence[ContactRole]) -> tuple[Participant, ...]:
        """One for each person, the primary first: two roles (or two records) of one person are one participant."""
        found: dict[frozenset[str], Participant] = {}
        for role in sorted(roles, key=lambda role: (not role.is_primary, role.ref)):
            cluster = self.together[str(role.person)]
            records = list(self.each(Person, _nearest_first(str(role.person), cluster)))
            if records and records[0].ref.system == role.person.system and cluster not in found:
                found[cluster] = Participant(records[0], tuple(records[1:]), role.is_primary, role.role)
        return tuple(found.values())

    def _users(self, owned: Iterable[Record]) -> dict[Ref, User]:
        """Owners and their managers."""
        owners = {user.ref: user for user in self.each(User, _owners(owned))}
        managers = self.each(User, [str(user.manager) for user in owners.values() if user.manager])
        return owners | {manager.ref: manager for manager in managers}

    def _version(
        self,
        used: Iterable[Record],
        same_deal: Iterable[str],
        together: Iterable[frozenset[str]],
        tasks: Iterable[OwnTask],
    ) -> str:
        """A hash that moves with anything that the case holds, and with nothing else."""
        parts = {f"{ref}={self.records[ref].hash}" for ref in (str(record.ref) for record in used)}
        parts.update(f"deal={ref}" for ref in same_deal)
        parts.update(f"together={','.join(sorted(cluster))}" for cluster in together if len(cluster) > 1)
        parts.update(f"task={task.key},{task.withdrawn},{task.deleted},{self._hash(task.record)}" for task in tasks)
        return blake2b("\n".join(sorted(parts)).encode(), digest_size=16).hexdigest()

    def _hash(self, ref: Ref) -> str | None:
        mirrored = self.records.get(str(ref))
        return mirrored.hash if mirrored else None


def _read(tx: Transaction, refs: Sequence[str]) -> _Chunk:
    chunk = _Chunk(tx)
    chunk.fetch(refs)
    deals = list(chunk.each(Opportunity, refs))
    chunk.same_deals = neighbours.twins(tx, {str(deal.ref) for deal in deals})
    same_deals = set().union(*chunk.same_deals.values())
    chunk.at_deal = neighbours.pointing_at(tx, same_deals, ("contact_role.opportunity", "activity.opportunity"))
    chunk.fetch(set().union(*chunk.at_deal.values()))
    persons = {str(role.person) for role in chunk.each(ContactRole, set().union(*chunk.at_deal.values()))}
    accounts = {str(deal.account) for deal in deals if deal.account}
    chunk.together = clusters.members(tx, persons | accounts)
    chunk.at_person = neighbours.pointing_at(tx, chunk.all_of(persons), ("activity.person",))
    chunk.at_account = neighbours.pointing_at(tx, chunk.all_of(accounts), ("activity.account",))
    chunk.fetch(chunk.all_of(persons | accounts).union(*chunk.at_person.values(), *chunk.at_account.values()))
    activities = list(chunk.each(Activity, list(chunk.records)))
    chunk.fetch(str(deal) for activity in activities for deal in activity.opportunities)
    chunk.fetch(_owners(mirrored.record for mirrored in list(chunk.records.values())))
    chunk.fetch([str(user.manager) for user in chunk.each(User, list(chunk.records)) if user.manager])
    chunk.own_tasks = ledger.own_tasks(tx, refs)
    chunk.fetch(str(task.record) for tasks in chunk.own_tasks.values() for task in tasks)
    chunk.occasions = standings.occasions(tx, refs)
    return chunk


def _nearest_first(ref: str, cluster: Iterable[str]) -> list[str]:
    """The record itself, then those of its system (of a merged one the survivor is there), then the others."""
    system = ref.partition(":")[0] + ":"
    return sorted(cluster, key=lambda other: (other != ref, not other.startswith(system), other))


def _owners(records: Iterable[Record]) -> set[str]:
    owned = (record for record in records if isinstance(record, Opportunity | Account | Activity))
    return {str(record.owner) for record in owned if record.owner}
