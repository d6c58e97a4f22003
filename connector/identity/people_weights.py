"""What findings weigh: the rules' bits, and for a name that agrees how rare it is in Japan.

Used by `people_match.py`. Who resolves a whole base at once may hand in how often values occur in it; else nothing is
counted, and a finding weighs the same whatever other records there are. Compares nothing.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log2
from typing import Final

from connector.identity import usual_names
from connector.identity.people import NormalisedPerson
from connector.identity.people_compare import Finding
from connector.mapping.identity_people import PeopleRules

_NAMES: Final = frozenset(("family", "given", "whole"))

DOUBT: Final = 1_000.0
"""So many records must be counted before their frequencies weigh as much as what was believed before."""


@dataclass(frozen=True)
class Frequencies:
    """How often each value occurs, by field and by reading. Empty is right: then the rules' own figures count."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    size: int = 0
    """How many records were counted."""

    @classmethod
    def of(cls, people: Iterable[NormalisedPerson]) -> "Frequencies":
        """Counts the values of these records; their order does not matter."""
        counts: dict[str, Counter[str]] = {}
        size = 0
        for person in people:
            size += 1
            for name, value in _values(person):
                counts.setdefault(name, Counter())[value] += 1
        return cls(counts, {name: counter.total() for name, counter in counts.items()}, size)

    def share(self, name: str, value: str, believed: float) -> float:
        """The share of the other records with this value, between what was believed and what was counted."""
        counter = self.counts.get(name)
        if counter is None:
            return believed
        # One of them is the record itself, which does not tell how common its values are.
        return (max(counter[value] - 1, 0) + DOUBT * believed) / (self.totals[name] + DOUBT)


def _values(person: NormalisedPerson) -> Iterable[tuple[str, str]]:
    names = person.name
    for name, written, reading in (
        ("family", names.family, names.reading_family),
        ("given", names.given, names.reading_given),
    ):
        if written:
            yield name, written.loose
            if sound := written.sound or reading.sound:
                yield f"{name} reading", sound
    if person.company_key:
        yield "company", person.company_key
    yield from person.texts.items()


def weight(finding: Finding, rules: PeopleRules, frequencies: Frequencies, *, judged: bool = True) -> float:
    """The bits that a finding adds. What the rules do not name adds nothing.

    `judged`: the tables can tell how rare the names are, for these are Japanese.
    """
    bits = _bits(finding, rules, frequencies)
    if judged or finding.field not in _NAMES:
        return bits
    return min(bits, rules.unjudged_name * (2 if finding.field == "whole" else 1))


def _bits(finding: Finding, rules: PeopleRules, frequencies: Frequencies) -> float:
    weights = rules.fields.get(finding.field)
    if weights is None:
        return 0.0
    bits = weights.levels.get(finding.level, 0.0)
    if not weights.by_frequency or not finding.value:
        return bits
    believed = 2.0**-weights.usual
    if rules.usual_names == "japan" and finding.field in _NAMES:
        believed = max(believed, _usual_share(finding.field, finding.value))
    counted = f"{finding.field} reading" if finding.level in ("reading", "spelled") else finding.field
    rarity = -log2(frequencies.share(counted, finding.value, believed))
    return min(max(rarity, weights.commonest), weights.rarest) + bits - weights.usual


def _usual_share(field: str, value: str) -> float:
    """By both tables, for fields are swapped: 佐藤 is no rare given name, nor 健 a rare family name."""
    if field == "whole":
        return usual_names.whole_share(value)
    return max(usual_names.share("family", value), usual_names.share("given", value))


def prior(rules: PeopleRules, frequencies: Frequencies) -> float:
    """The log2 of the odds that any two records are one."""
    if not rules.prior_by_size or not frequencies.size:
        return rules.prior
    return -log2(max(frequencies.size, rules.smallest_base))
