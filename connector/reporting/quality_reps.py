"""Fields by rep, and entries that differ in kind from those of the peers: neutral figures, no judgement of anybody.

A share (blank, short, always the same) is compared with the peers' median; how far peers usually are from each other is
the median absolute deviation, which a few odd ones do not move. Called by `quality`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from connector.mapping.reports import Outliers
from connector.reporting.fields import Filling, Fillings, Key
from connector.reporting.scope import Scope
from connector.reporting.table import HUNDRED, Table, Value, mean, percent, table

TO_STANDARD_DEVIATION = 1.4826
"""Of values that are spread normally, so many median absolute deviations are one standard deviation."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One share in per cent of one rep's entries, over so many records."""

    share: float
    records: int


def rep_tables(scope: Scope, found: Fillings) -> tuple[Table, Table]:
    """Fill rate and age by field and rep, and entries that differ in kind."""
    place = "rep:text system:code object:text property:text"
    filled = sorted(
        ((scope.person(rep) or rep, key, one) for (key, rep), one in found.by_rep.items()), key=lambda row: row[:2]
    )
    rows = (
        (rep, *key, one.records, one.filled, percent(one.filled, one.records), mean(one.age_days, one.filled))
        for rep, key, one in filled
    )
    return (
        table("fields_by_rep", f"{place} records:count filled:count fill_rate:percent mean_age:days", rows),
        table(
            "entries_that_differ",
            f"{place} measure:code share:percent peers_median:percent records:count",
            sorted(_differing(scope, found), key=lambda row: [str(cell) for cell in row]),
        ),
    )


def _differing(scope: Scope, found: Fillings) -> Iterator[tuple[Value, ...]]:
    rules = scope.mappings.quality.outliers
    by_field: dict[Key, dict[str, Filling]] = defaultdict(dict)
    for (key, rep), one in found.by_rep.items():
        by_field[key][rep] = one
    for key, reps in by_field.items():
        for name in ("blank", "short", "same"):
            shares = {rep: share for rep, one in reps.items() if (share := _share(name, one, rules)) is not None}
            for rep, (own, peers) in outliers(shares, rules).items():
                yield (scope.person(rep) or rep, *key, name, own.share, round(peers, 1), own.records)


def _share(name: str, one: Filling, rules: Outliers) -> Measure | None:
    """Blank: of all records; short or the same value: of those filled. `None`: too few."""
    part = {"blank": one.blank, "short": one.short, "same": one.most_frequent}[name]
    whole = one.records if name == "blank" else one.filled
    share = percent(part, whole, rules.minimum_records)
    return None if share is None else Measure(share, whole)


def outliers(shares: Mapping[str, Measure], rules: Outliers) -> dict[str, tuple[Measure, float]]:
    """Whose share differs from the peers', with their median. Each is compared with the others only."""
    found = {}
    for rep, own in shares.items():
        peers = [other.share for name, other in shares.items() if name != rep]
        if len(peers) < rules.minimum_peers:
            continue
        middle = median(peers)
        spread = TO_STANDARD_DEVIATION * median(abs(share - middle) for share in peers)
        far = max(float(rules.minimum_difference), rules.spreads * spread)
        if abs(own.share - middle) >= min(far, HUNDRED):
            found[rep] = own, middle
    return found
