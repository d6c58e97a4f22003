"""The gist of a company, and whether comparing two can come to anything, by gists and shared keys alone.

Kept by the store beside the keys, so that of the many that share a piece of a name only those are read and compared
that may be one. Knows what the comparison can find at most, and no verdict.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from connector.identity.address import same_place
from connector.identity.company import NormalisedCompany
from connector.identity.company_keys import Shared
from connector.identity.company_name import ends_like_site
from connector.identity.compare import ONE_READING
from connector.identity.similarities import Names
from connector.identity.text import romaji_key
from connector.mapping.identity import CompanyRules

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]
Bits = NDArray[np.float64]

_END: Final = 2
"""Characters at the end of a place and at the beginning of prefecture and city: two that differ there are two."""

_MARKS: Final = "unelsb"
_NAMELESS, _NUMBERED, _ENGLISH, _FORMLESS, _SITE, _LIKE_SITE = _MARKS
_BETWEEN: Final = "\t"
_NOTHING = _BETWEEN * 7
_UNREAD: Final = "?"
"""Of a reading that is not in kana."""

_AT_ONCE: Final = 20_000
"""Gists that are taken apart together: their parts are many more texts than what stays of them."""

_ROUNDING: Final = 1e-6
"""Bits: the same weights, added in another order, differ by less."""


def gist_of(company: NormalisedCompany) -> str:
    """What `CompanyGists` reads again; about forty characters."""
    name = company.name
    marks = (
        (_NAMELESS, name.nameless),
        (_NUMBERED, company.number),
        (_ENGLISH, company.english),
        (_FORMLESS, name.position == "none"),
        (_SITE, name.site),
        (_LIKE_SITE, ends_like_site(name)),
    )
    return _BETWEEN.join(
        (
            name.loose,
            (romaji_key(company.kana) or _UNREAD) if company.kana else "",
            company.address.prefecture[:_END],
            company.address.city,
            company.address.place,
            company.postal_code,
            "".join(mark for mark, holds in marks if holds),
            " ".join(map(_short, company.parents)),
        )
    ).replace("\0", "")  # PostgreSQL keeps no such character


@dataclass
class _Texts:
    """Of gists what is compared character by character; places, of which many are the same, are kept once."""

    loose: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    place: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)


class CompanyGists:
    """The gists of some companies. Implements `pairs.Gists`."""

    def __init__(self, refs: Sequence[str], gists: Sequence[str], rules: CompanyRules) -> None:
        self._rules = rules
        texts = _Texts()
        starts = range(0, max(1, len(gists)), _AT_ONCE)
        some = [_columns(gists[at : at + _AT_ONCE], texts) for at in starts]
        self._loose, self._heard, self._place = Names(texts.loose), Names(texts.heard), texts.place
        columns = {name: np.concatenate([one[name] for one in some]) for name in some[0]}
        self._sound, self._prefecture, self._postal = columns["sound"], columns["prefecture"], columns["postal"]
        self._city, self._behind_city = columns["city"], columns["behind_city"]
        self._name, self._first = columns["name"], columns["first"]
        self._end, self._last = columns["end"], columns["last"]
        self._parent, self._parents = columns["parent"], columns["parents"] > 0
        self._ref = _coded([_short(ref) for ref in refs]) if self._parent.any() else np.zeros_like(self._parent)
        self._marked = {mark: columns["marks"] >> place & 1 > 0 for place, mark in enumerate(_MARKS)}

    def hopeful(self, left: Places, right: Places, shared: NDArray[np.uint8]) -> Flags:
        """Of each pair whether it may be worth keeping; `shared`: what its common keys tell (`company_keys.Shared`).

        One that is not is NEW when it is compared. What costs most is looked at last, and of the fewest pairs.
        """
        weights, needed = self._rules.weights, self._rules.asked_from - _ROUNDING
        near, besides = self._places(left, right)
        besides += self._facts(left, right, shared)
        named, may_be_alike = self._names(left, right, shared)
        heard = self._known(self._sound, left, right)
        kana = max(weights.kana_same, weights.kana_differs)
        alike = max(
            weights.name_similar_most, weights.name_similar_least, weights.name_uncomparable, weights.name_differs
        )
        most = np.where(may_be_alike, np.maximum(named, alike), named) + besides + heard * kana
        some = np.flatnonzero(most >= needed)
        unlike = some[heard[some]]
        unlike = unlike[self._heard.similarities(left[unlike], right[unlike]) <= ONE_READING]
        besides[heard] += kana
        besides[unlike] += weights.kana_differs - kana
        late = some[may_be_alike[some] & (named + besides < needed)[some]]
        named[late] = np.maximum(named[late], self._loose.likenesses(left[late], right[late], self._rules))
        found = self._family(left, right)
        # A succession is shown whatever it weighs: the same name at the same spot under two 法人番号.
        found |= near & (shared & Shared.NAME > 0) & self._both(_NUMBERED, _NUMBERED, left, right)
        found[some] |= (named + besides)[some] >= needed
        return found

    def _names(self, left: Places, right: Places, shared: NDArray[np.uint8]) -> tuple[Bits, Flags]:
        """The most that two names weigh by what is shared, and whether their likeness may make it more."""
        weights = self._rules.weights
        other = max(weights.name_sound, weights.name_former, weights.name_of_group)
        first = self._first[left] == self._first[right]
        named = np.full(len(left), -np.inf)
        for applies, weight in (
            (shared & Shared.NAME > 0, other),
            (self._name[left] == self._name[right], max(weights.name_exact, weights.name_loose)),
            (shared & Shared.SOUND > 0, weights.name_other_script),
            (shared & Shared.BONES > 0, weights.name_consonants),
            (self._both(_ENGLISH, _FORMLESS, left, right), weights.name_english),
            (first & self._either(_LIKE_SITE, left, right), weights.name_within),
        ):
            named[applies] = np.maximum(named[applies], weight)
        nameless = self._either(_NAMELESS, left, right)
        named[nameless] = weights.name_unknown
        return named, ~nameless

    def _places(self, left: Places, right: Places) -> tuple[Flags, Bits]:
        """Whether two addresses may be one town, and the most that they weigh."""
        weights = self._rules.weights
        told, cities, regions = (self._known(which, left, right) for which in (self._end, self._city, self._prefecture))
        apart = told & regions & (self._prefecture[left] != self._prefecture[right])
        one_city = told & cities & ~apart & (self._city[left] == self._city[right])
        end = self._end[left] == self._end[right]
        near = told & ~apart & (end | (one_city & (self._last[left] == self._last[right])))
        near[near] = self._one_town(left[near], right[near], one_city[near])
        elsewhere = apart | (told & cities & ~regions)
        town = max(weights.address_same_spot, weights.address_same_town, weights.address_other_block, 0)
        city = max(weights.address_same_city, weights.address_same_prefecture, weights.address_elsewhere)
        bits = np.zeros(len(left))
        for applies, weight in (
            (told & cities & regions, weights.address_same_prefecture),
            (elsewhere, weights.address_elsewhere),
            (one_city, city),
            (near, max(town, city)),
        ):
            bits[applies] = weight
        sites = self._either(_SITE, left, right) | self._either(_LIKE_SITE, left, right)
        bits[elsewhere & sites] = np.maximum(bits[elsewhere & sites], 0)
        same = self._known(self._postal, left, right) & (self._postal[left] == self._postal[right])
        bits[same] = np.maximum(bits[same], weights.postal_code_same)
        return near, bits

    def _facts(self, left: Places, right: Places, shared: NDArray[np.uint8]) -> Bits:
        """What 法人番号, domain, phone and English name weigh at most, and what else could speak for the two."""
        weights = self._rules.weights
        forms = (
            weights.form_differs,
            weights.form_changed,
            weights.form_missing,
            weights.form_shortened,
            weights.position_differs,
        )
        rest = (
            weights.word_differs,
            weights.facility_differs,
            weights.holding_differs,
            weights.long_mark_differs,
            weights.several_companies,
        )
        bits = np.full(len(left), max(0.0, *forms) + sum(max(0.0, weight) for weight in rest))
        numbered, english = (self._both(mark, mark, left, right) for mark in (_NUMBERED, _ENGLISH))
        same_number = shared & Shared.NUMBER > 0
        bits[same_number] += weights.corporate_number_same
        bits[numbered & ~same_number] += weights.corporate_number_differs
        bits[english] += max(0, weights.english_same)
        bits += np.where(shared & Shared.DOMAIN > 0, weights.domain_same, max(0, weights.domain_differs))
        bits += np.where(shared & Shared.PHONE > 0, weights.phone_same, max(0, weights.phone_differs))
        return bits

    def _family(self, left: Places, right: Places) -> Flags:
        """Whether one may be the other's parent, which is shown whatever it weighs."""
        found: Flags = self._parents[left] | self._parents[right]
        for child, other in ((left, right), (right, left)):
            parent = self._parent[child]
            found |= (parent != 0) & (parent == self._ref[other])
        return found

    def _one_town(self, left: Places, right: Places, one_city: Flags) -> Flags:
        place, behind = self._place, self._behind_city
        return np.fromiter(
            (
                same_place(place[one], place[two]) or (city and place[one][behind[one] :] == place[two][behind[two] :])
                for (one, two), city in zip(_both(left, right), one_city.tolist(), strict=True)
            ),
            bool,
            len(left),
        )

    @staticmethod
    def _known(which: Places, left: Places, right: Places) -> Flags:
        known: Flags = (which[left] != 0) & (which[right] != 0)
        return known

    def _both(self, mark: str, other: str, left: Places, right: Places) -> Flags:
        """Whether one bears the one mark and the other one the other."""
        one, two = self._marked[mark], self._marked[other]
        both: Flags = (one[left] & two[right]) | (two[left] & one[right])
        return both

    def _either(self, mark: str, left: Places, right: Places) -> Flags:
        either: Flags = self._marked[mark][left] | self._marked[mark][right]
        return either


def _columns(gists: Sequence[str], texts: _Texts) -> dict[str, Places]:
    """Some of them in numbers; kept as texts is only what is compared character by character."""
    # A record that cannot be compared (any more) has no gist, and no key by which anybody would meet it.
    parts = ((gist or _NOTHING).split(_BETWEEN) for gist in gists)
    loose, heard, prefecture, city, place, postal, marks, parents = list(zip(*parts, strict=True)) or [()] * 8
    texts.loose += loose
    texts.heard += heard
    texts.place += [texts.places.setdefault(text, text) for text in place]
    marked = {text: sum(1 << _MARKS.index(mark) for mark in text) for text in set(marks)}
    return {
        "sound": _coded(heard),
        "name": _coded(loose),
        "first": _coded([text[:1] for text in loose]),
        "prefecture": _coded(prefecture),
        "city": _coded([text[:_END] for text in city]),
        "behind_city": _numbers([len(text) for text in city]),
        "end": _coded([text[-_END:] for text in place]),
        "last": _coded([text[-1:] for text in place]),
        "postal": _coded(postal),
        "marks": _numbers([marked[text] for text in marks]),
        "parent": _coded(parents),
        "parents": _numbers([" " in text for text in parents]),
    }


def _both(left: Places, right: Places) -> Iterator[tuple[int, int]]:
    return zip(left.tolist(), right.tolist(), strict=True)


def _short(ref: str) -> str:
    return f"{crc32(ref.encode(errors='surrogatepass')):x}"


def _coded(texts: Sequence[str]) -> Places:
    """Equal numbers for equal texts, 0 for the empty one."""
    return np.fromiter(map(hash, texts), np.int64, len(texts))


def _numbers(numbers: Sequence[int]) -> Places:
    return np.fromiter(numbers, np.int64, len(numbers))
