"""Records of one kind as they are compared: read from the mirror, put into the form of 名寄せ, normalised once.

Used by `placing.py`, for whole cycles and for one pair, and by a first load. Knows the two kinds that are unified, and
nothing of clusters.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from connector.engine import reference
from connector.identity.companies import CompanyMatching
from connector.identity.from_records import company_of, company_of_values, individual_of
from connector.identity.pairs import Matching, Pair
from connector.identity.people_matching import PeopleMatching
from connector.mapping.identity import IdentityRules
from connector.model.records import Account, Kind, Person, Record
from connector.store import clusters, match_keys, mirror
from connector.store.match_keys import Kept
from connector.store.store import Transaction

REMEMBERED = 20_000
"""Normalised records that are kept at hand: a chunk's candidates are often those of the next chunk."""

GONE = "gone"
"""What there is to say about a record that was deleted or never seen."""

NOTHING = Kept("")

Raws = Callable[[Transaction, Collection[Record], IdentityRules, datetime], dict[str, Any]]


def matching_of(kind: Kind, rules: IdentityRules) -> Matching[Any, Any]:
    """How records of the kind are normalised, found and compared."""
    return CompanyMatching(rules.companies) if kind is Kind.ACCOUNT else PeopleMatching(rules.people)


def kept_of(kind: Kind, matching: Matching[Any, Any], records: Sequence[Any]) -> list[Kept]:
    """What the store keeps to find each of these records again."""
    keys = [matching.keys(record) for record in records]
    packed = [match_keys.packed(kind, some, matching.shared) for some in keys]
    return [Kept(some, matching.gist(record)) for some, record in zip(packed, records, strict=True)]


def raws_of(unread: Sequence[Any]) -> list[Any]:
    """What `Compared.unread` gave, as it is compared. For any process: asks no store."""
    # Making whole accounts of them would take twice the time of all that is read and written here.
    return [company_of_values(json.loads(one)) if isinstance(one, str) else one for one in unread]


def about(raw: Any) -> str:
    """A hash of all that a record is compared by."""
    values = [getattr(raw, name) for name in raw.__slots__]
    return blake2b(repr(values).encode(errors="surrogatepass"), digest_size=8).hexdigest()


def about_under(version: str, about: str, ids: Iterable[str]) -> str:
    """What a record is compared by, under which rules, and with which records an id makes it one."""
    return "|".join((version, about, *ids))


@dataclass(eq=False)
class Compared:
    """The records of one kind, as far as they were asked for."""

    tx: Transaction
    kind: Kind
    rules: IdentityRules
    now: datetime
    matching: Matching[Any, Any] = field(init=False)
    _records: dict[str, Any] = field(default_factory=dict)
    _abouts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.matching = matching_of(self.kind, self.rules)

    def raws(self, refs: Collection[str]) -> dict[str, Any]:
        """These records as they are compared, not normalised. What is gone is not there."""
        living = [known.record for known in mirror.load(self.tx, refs).values() if not known.record.deleted]
        made: Raws = companies if self.kind is Kind.ACCOUNT else individuals
        return made(self.tx, living, self.rules, self.now)

    def unread(self, refs: Collection[str]) -> dict[str, Any]:
        """As `raws`, for `raws_of`: as the mirror keeps them where nothing else in the store tells of them."""
        if self.kind is not Kind.ACCOUNT or reference.is_loaded(self.tx):
            return self.raws(refs)
        return mirror.bodies(self.tx, self.kind, refs)

    def read(self, refs: Collection[str], *, anew: bool = False) -> None:
        """Have these records at hand; `anew` where they may have changed. What is gone is not there."""
        if len(self._records) > REMEMBERED:
            self._records.clear()
            self._abouts.clear()
        wanted = set(refs) if anew else {ref for ref in refs if ref not in self._records}
        if not wanted:
            return
        raws = self.raws(wanted)
        self._records.update(dict.fromkeys(wanted))
        self._abouts.update(dict.fromkeys(wanted, GONE))
        self._records.update(zip(raws, self.matching.each_normalised(list(raws.values())), strict=True))
        self._abouts.update((ref, about(raw)) for ref, raw in raws.items())

    def about(self, ref: str) -> str:
        """A hash of all that the record is compared by; read it first."""
        return self._abouts[ref]

    def kept(self, ref: str) -> Kept:
        """What the store keeps to find the record again, nothing for one that is gone; read it first."""
        record = self._records.get(ref)
        return NOTHING if record is None else kept_of(self.kind, self.matching, (record,))[0]

    def judged(self, one: str, two: str) -> Pair | None:
        """The two compared; `None` where they are NEW to each other or one of them is gone."""
        left, right = self._both(one, two)
        return None if left is None or right is None else self.matching.judged(left, right)

    def compared(self, one: str, two: str) -> Pair | None:
        """The two compared; `None` only where one of them is gone."""
        left, right = self._both(one, two)
        return None if left is None or right is None else self.matching.compared(left, right)

    def _both(self, one: str, two: str) -> tuple[Any, Any]:
        self.read((one, two))
        return self._records.get(one), self._records.get(two)


def companies(tx: Transaction, records: Collection[Record], rules: IdentityRules, now: datetime) -> dict[str, Any]:
    """Accounts as they are compared, completed by the register where one is loaded."""
    raws = [company_of(record) for record in records if isinstance(record, Account)]
    return {raw.ref: raw for raw in reference.completed(tx, raws, rules, now)}


def individuals(
    tx: Transaction,
    records: Collection[Record],
    rules: IdentityRules,  # noqa: ARG001 -- as for companies
    now: datetime,  # noqa: ARG001
) -> dict[str, Any]:
    """Persons as they are compared, with the name and the cluster of their companies."""
    people = [record for record in records if isinstance(record, Person)]
    employers = {str(person.account) for person in people if person.account}
    names = _names_of(mirror.load(tx, employers))
    known_as = clusters.names(tx, employers)
    return {
        str(person.ref): individual_of(
            person,
            company_name=names.get(str(person.account), ""),
            company_ref=known_as.get(str(person.account), "") if person.account else "",
        )
        for person in people
    }


def _names_of(accounts: Mapping[str, mirror.Mirrored]) -> dict[str, str]:
    return {ref: known.record.name or "" for ref, known in accounts.items() if isinstance(known.record, Account)}
