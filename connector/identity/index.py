"""Known companies in memory: keys → records, for a first load and for looking up one record among a million.

Used by benchmarks and by a first load; a store does the same with its own tables and `exact_keys`. Knows keys and
frequencies, no weights.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from hashlib import blake2b
from heapq import nlargest
from math import log2
from typing import Final

from connector.identity.company import (
    NormalisedCompany,
    exact_keys,
    family_keys,
    grams,
    name_and_town,
    normalise_company,
)
from connector.identity.company_name import name_keys
from connector.identity.compare import similarity
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules

_FIELD, _ITEM = "\x1f", "\x1e"
_TUPLES: Final = frozenset(("former_names", "parents"))
_FIELDS: Final = tuple(field.name for field in fields(Company))
_SHORTEST_NAME: Final = 2
_PREFIXES_TRIED: Final = 2
_RARE_PIECES: Final = 5
_OF_ONE_BEGINNING: Final = 15


@dataclass(frozen=True, slots=True)
class Entry:
    """One company as the index keeps it. Plain values, so that other processes can make them (`entry`)."""

    packed: bytes
    name: str
    keys: tuple[int, ...]
    pieces: tuple[str, ...]


def entry(company: Company) -> Entry:
    """What the index keeps of a company: the costly part of adding it, and the same in every process."""
    normalised = normalise_company(company)
    keys = (*exact_keys(normalised), name_and_town(normalised))
    names = (normalised.name, *normalised.formers)
    pieces = dict.fromkeys(piece for name in names for piece in grams(name.loose))
    return Entry(_pack(company), normalised.name.loose, tuple(_hashed(key) for key in keys if key), tuple(pieces))


class Index:
    """Companies by their keys. Adding is cheap at any time; a record is found from the moment it was added."""

    def __init__(self, rules: CompanyRules, companies: Iterable[Company] = ()) -> None:
        self._rules = rules
        self._packed: list[bytes] = []
        self._names: list[str] = []
        self._first: dict[int, int] = {}
        self._more: dict[int, array[int]] = {}
        self._pieces: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        self._normalised = lru_cache(maxsize=20_000)(self._unpack)
        self.extend(map(entry, companies))

    def __len__(self) -> int:
        return len(self._packed)

    def add(self, company: Company) -> None:
        """Makes a company known. The same ref twice is two entries: give each record once."""
        self.extend((entry(company),))

    def extend(self, entries: Iterable[Entry]) -> None:
        """Makes companies known whose entries were made before, by other processes for instance."""
        for made in entries:
            place = len(self._packed)
            self._packed.append(made.packed)
            self._names.append(made.name)
            for key in made.keys:
                self._file(key, place)
            for piece in made.pieces:
                self._pieces[piece].append(place)

    def company(self, place: int) -> NormalisedCompany:
        """The company that was added as the `place`-th, from 0."""
        return self._normalised(place)

    def candidates(self, subject: NormalisedCompany) -> list[NormalisedCompany]:
        """Everybody who may be the subject, itself aside: by sure keys and names, else by similar names."""
        found: dict[int, None] = {}
        for key in (*exact_keys(subject), name_and_town(subject)):
            if key:
                found.update(dict.fromkeys(self._block(key)))
        if not self._block(f"name:{subject.name.sound}"):
            found.update(dict.fromkeys(self._beginnings(subject)))
            for key in family_keys(subject):
                found.update(dict.fromkeys(self._block(key)[:_OF_ONE_BEGINNING]))
            found.update(dict.fromkeys(self._similar(subject.name.loose)))
        companies = (self.company(place) for place in found)
        return [company for company in companies if company.ref != subject.ref]

    def shared(self) -> Iterator[tuple[NormalisedCompany, ...]]:
        """Groups of records that share a sure key, each small enough to compare: where duplicates are looked for."""
        for places in self._more.values():
            if len(places) <= self._rules.homonyms_shown:
                yield tuple(map(self.company, places))

    def _file(self, key: int, place: int) -> None:
        if key not in self._first:
            self._first[key] = place
        elif key in self._more:
            if self._more[key][-1] != place:
                self._more[key].append(place)
        elif self._first[key] != place:
            self._more[key] = array("I", (self._first[key], place))

    def _block(self, key: str) -> Sequence[int]:
        hashed = _hashed(key)
        if hashed in self._more:
            return self._more[hashed][: self._rules.block_limit]
        return (self._first[hashed],) if hashed in self._first else ()

    def _beginnings(self, subject: NormalisedCompany) -> Iterator[int]:
        """Bearers of the longest known names with which the subject's begins: it may name a site or department."""
        core, tried = subject.name.core, 0
        for length in range(len(core) - 1, _SHORTEST_NAME - 1, -1):
            places = self._block(f"name:{name_keys(core[:length])[2]}")
            if places:
                yield from places[:_OF_ONE_BEGINNING]
                tried += 1
                if tried == _PREFIXES_TRIED:
                    return

    def _similar(self, name: str) -> list[int]:
        """The records whose names share the rarest pieces with this one, the most similar first."""
        lists = sorted((found for piece in grams(name) if (found := self._pieces.get(piece))), key=len)
        lists = [found for found in lists if len(found) <= self._rules.piece_limit] or lists[:1]
        scores: defaultdict[int, float] = defaultdict(float)
        for found in lists[:_RARE_PIECES]:
            rarity = log2(1 + len(self) / len(found))
            for place in found[: self._rules.piece_limit]:
                scores[place] += rarity
        most = nlargest(10 * self._rules.compared, scores, key=scores.__getitem__)
        near = nlargest(3 * self._rules.compared, most, key=lambda place: (self._coverage(name, place, scores), -place))
        near.sort(key=lambda place: (-similarity(name, self._names[place]), place))
        return near[: self._rules.compared]

    def _coverage(self, name: str, place: int, scores: dict[int, float]) -> float:
        """Shared pieces against the length of the shorter name: short names within long ones are found too."""
        return scores[place] / (2 + min(len(name), len(self._names[place])))

    def _unpack(self, place: int) -> NormalisedCompany:
        values = self._packed[place].decode().split(_FIELD)
        by_name = dict(zip(_FIELDS, values, strict=True))
        return normalise_company(
            Company(**{
                name: tuple(text.split(_ITEM)) if name in _TUPLES and text else () if name in _TUPLES else text
                for name, text in by_name.items()
            })  # type: ignore[arg-type]
        )  # fmt: skip


def _hashed(key: str) -> int:
    """A key in eight bytes, alike in every process; two keys that share them only bring a candidate too many."""
    return int.from_bytes(blake2b(key.encode(errors="replace"), digest_size=8).digest(), "big")


def _pack(company: Company) -> bytes:
    """A company as bytes: a tenth of the memory of its Python texts."""
    values = [
        _ITEM.join(value) if isinstance(value, tuple) else value for value in map(partial(getattr, company), _FIELDS)
    ]
    packed = _FIELD.join(values)
    if packed.count(_FIELD) > len(values) - 1:
        packed = _FIELD.join(value.replace(_FIELD, " ") for value in values)
    return packed.encode(errors="replace")
