"""Known companies in memory by their keys: what a store does with its tables, for benchmarks and tests.

The same keys find the same candidates there and here. Knows keys, no weights.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Final

from connector.identity.company import NormalisedCompany, normalise_company
from connector.identity.company_keys import NAME, company_keys
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules

_FIELD, _ITEM = "\x1f", "\x1e"
_TUPLES: Final = frozenset(("former_names", "parents"))
_FIELDS: Final = tuple(field.name for field in fields(Company))


@dataclass(frozen=True, slots=True)
class Entry:
    """One company as the index keeps it. Plain values, so that other processes can make them (`entry`)."""

    packed: bytes
    keys: tuple[int, ...]


def entry(company: Company) -> Entry:
    """What the index keeps of a company: the costly part of adding it, and the same in every process."""
    return Entry(_pack(company), tuple(map(_hashed, company_keys(normalise_company(company)))))


class Index:
    """Companies by their keys. Adding is cheap at any time; a record is found from the moment it was added."""

    def __init__(self, rules: CompanyRules, companies: Iterable[Company] = ()) -> None:
        self._limit = rules.block_limit
        self._packed: list[bytes] = []
        self._places: dict[int, int | array[int]] = {}
        self._normalised = lru_cache(maxsize=20_000)(self._unpack)
        self.extend(map(entry, companies))

    def __len__(self) -> int:
        return len(self._packed)

    def extend(self, entries: Iterable[Entry]) -> None:
        """Makes companies known whose entries were made before. The same ref twice is two entries."""
        for made in entries:
            place = len(self._packed)
            self._packed.append(made.packed)
            for key in made.keys:
                self._file(key, place)

    def company(self, place: int) -> NormalisedCompany:
        """The company that was added as the `place`-th, from 0."""
        return self._normalised(place)

    def candidates(self, subject: NormalisedCompany) -> list[NormalisedCompany]:
        """Whoever shares a key with the subject, itself aside. A crowded key brings nobody, a crowded name its first.

        A register must be asked so: that a name is crowded has to show in its bearers, or the only one that another
        key finds would look like the only one there is.
        """
        found: dict[int, None] = {}
        for key in company_keys(subject):
            places = self._block(_hashed(key))
            if len(places) <= self._limit or key.startswith(NAME):
                found.update(dict.fromkeys(places[: self._limit]))
        companies = map(self.company, found)
        return [company for company in companies if company.ref != subject.ref]

    def _file(self, key: int, place: int) -> None:
        known = self._places.setdefault(key, place)
        if isinstance(known, array):
            known.append(place)
        elif known != place:
            self._places[key] = array("I", (known, place))

    def _block(self, key: int) -> "tuple[int, ...] | array[int]":
        known = self._places.get(key, ())
        return (known,) if isinstance(known, int) else known

    def _unpack(self, place: int) -> NormalisedCompany:
        values = self._packed[place].decode().split(_FIELD)
        by_name = dict(zip(_FIELDS, values, strict=True))
        return normalise_company(
            Company(**{
                name: tuple(text.split(_ITEM)) if name in _TUPLES and text else () if name in _TUPLES else text
                for name, text in by_name.items()
            })  # type: ignore[arg-type]
        )  # fmt: skip


def _pack(company: Company) -> bytes:
    """A company as bytes: a tenth of the memory of its Python texts."""
    values = [
        _ITEM.join(value) if isinstance(value, tuple) else value for value in map(partial(getattr, company), _FIELDS)
    ]
    packed = _FIELD.join(values)
    if packed.count(_FIELD) > len(values) - 1:
        packed = _FIELD.join(value.replace(_FIELD, " ") for value in values)
    return packed.encode(errors="replace")


def _hashed(key: str) -> int:
    """A key in eight bytes, alike in every process; two keys that share them only bring a candidate too many."""
    return int.from_bytes(blake2b(key.encode(errors="replace"), digest_size=8).digest(), "big")
