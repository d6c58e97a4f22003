"""名寄せ of a very large base at once: Splink finds and weighs the candidates, the core's rule decides on them.

Called by `okoshi match bulk`, on files or on the mirror. A pair gets the verdict that it gets record by record, for the
same function gives it; only pairs that the model rules out are not looked at. Needs `okoshi[splink]`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
import structlog

from connector.engine import bulk_splink
from connector.engine.bulk_files import RESULT, write_pairs
from connector.engine.bulk_model import MODELS, Model, Parameters, kept_parameters
from connector.engine.bulk_rows import JUDGED, SURE, Batches, judging, pair_of, rows
from connector.identity.bulk import Columns, Judge
from connector.identity.clusters import Clustering, Limits, State, clusters
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.mapping.identity import IdentityRules
from connector.model.errors import ConfigurationError

log = structlog.get_logger(__name__)

OUTCOMES: Final = {
    State.LINKED: "auto",
    State.DOUBTFUL: "review",
    State.RELATED: "related",
    State.APART: "apart",
}
"""What a file calls the state of a pair; `new` is one that only Splink would link."""
NEW: Final = "new"

TOGETHER: Final = 5_000
"""Records whose groups are found at one time."""


class Bench(bulk_splink.Workbench, Protocol):
    """A workbench that takes records in and hands judged pairs out."""

    def read(self, path: Path, columns: Columns[Any, Any], making: Batches) -> None:
        """Takes in a file's records; `making` turns them into columns. Raises ConfigurationError."""
        ...

    def load(self, batches: Iterable[Any], making: Batches, schema: Any) -> None:
        """Takes in raw records; `making` turns them into columns."""
        ...

    def repeated(self) -> int:
        """How many records have the ref of another one."""
        ...

    def size(self) -> int:
        """How many records there are."""
        ...

    def filled(self, columns: Iterable[str]) -> list[str]:
        """Those of the columns that some record has."""
        ...

    def judged(self, scored: Any, judging: Batches) -> Iterator[Any]:
        """Splink's scored pairs, judged batch by batch."""
        ...

    def records(self, refs: Collection[str]) -> Mapping[str, str]:
        """The packed records of these refs."""
        ...

    def close(self) -> None:
        """Forgets everything."""
        ...


@dataclass(frozen=True)
class Told:
    """What a bulk run found. Outcomes count pairs; `linked` counts records that are one with another."""

    records: int
    linked: int
    groups: int
    outcomes: Mapping[str, int]
    trained: bool
    only_splink: int
    """Pairs that Splink's probability alone would link, and the rule does not."""
    only_rule: int
    """Pairs that the rule links, and Splink's probability alone would not."""


@dataclass(frozen=True)
class Found:
    """The judged pairs as Arrow (`JUDGED`), and whether the model was trained for them."""

    judged: Any
    trained: bool


def on_files(
    bench: Bench, columns: Columns[Any, Any], rules: IdentityRules, source: Path, output: Path, parameters: Path | None
) -> Told:
    """Compares the records of a file with each other; writes what was found. Raises ConfigurationError."""
    bench.read(source, columns, rows(columns, rules))
    if repeated := bench.repeated():
        raise ConfigurationError(f"{source}: {repeated} records have the `ref` of another. Give each one of its own.")
    found = candidates(bench, columns, rules, parameters)
    grouping = Grouping(bench, Judge(columns, rules), found.judged)
    result = grouping.result()
    write_pairs(output, result)
    return grouping.told(bench.size(), result, trained=found.trained)


def candidates(bench: Bench, columns: Columns[Any, Any], rules: IdentityRules, parameters: Path | None) -> Found:
    """All pairs of the loaded records that are worth keeping, and those that only Splink would link.

    `parameters` is used if it is there; else what is trained is written to it.
    """
    model = MODELS[columns.kind].known(bench.filled((*columns.texts, *columns.lists)))
    if not model.comparisons:
        return Found(JUDGED.empty_table(), trained=False)
    figures, trained = _figures(bench, model, parameters)
    scored = bulk_splink.scored(bench, model, figures, columns.matching(rules).block_limit)
    judged = pa.Table.from_batches(list(bench.judged(scored, judging(columns, rules))), schema=JUDGED)
    return Found(judged, trained=trained)


def _figures(bench: Bench, model: Model, path: Path | None) -> tuple[Parameters, bool]:
    """The model's figures, and whether they were trained just now."""
    if path and path.exists():
        return kept_parameters(path, model), False
    figures = bulk_splink.trained(bench, model)
    if path:
        figures.save(path)
    return figures, True


class Grouping:
    """Judged pairs grown into groups, over some of the records at a time: groups hang together by pairs alone."""

    def __init__(self, bench: Bench, judge: Judge, judged: Any) -> None:
        self._bench, self._judge = bench, judge
        self._limits = Limits(judge.matching.margin, judge.matching.certain)
        self._judged = judged
        self._groups: list[frozenset[str]] = []

    def result(self) -> Any:
        """All pairs with their outcomes (`RESULT`), in order."""
        parts = [pa.Table.from_pylist(list(self._outcomes(some)), schema=RESULT) for some in self._parts()]
        table = pa.concat_tables([RESULT.empty_table(), *parts])
        return table.sort_by([("left", "ascending"), ("right", "ascending")])

    def told(self, records: int, result: Any, *, trained: bool) -> Told:
        """The figures of the result."""
        outcomes = Counter(result.column("outcome").to_pylist())
        sure = zip(result.column("outcome").to_pylist(), result.column("probability").to_pylist(), strict=True)
        splits = Counter((outcome == OUTCOMES[State.LINKED], probability >= SURE) for outcome, probability in sure)
        return Told(
            records=records,
            linked=sum(map(len, self._groups)),
            groups=len(self._groups),
            outcomes={name: outcomes[name] for name in (*OUTCOMES.values(), NEW)},
            trained=trained,
            only_splink=splits[False, True],
            only_rule=splits[True, False],
        )

    def _parts(self) -> Iterator[list[dict[str, Any]]]:
        """The pairs of `TOGETHER` records or a little more; those that hang together are never apart."""
        lefts, rights = self._judged.column("left").to_pylist(), self._judged.column("right").to_pylist()
        roots = _hanging_together(zip(lefts, rights, strict=True))
        rows_of: dict[str, list[int]] = {}
        for number, left in enumerate(lefts):
            rows_of.setdefault(roots(left), []).append(number)
        some: list[int] = []
        for root in sorted(rows_of):
            some += rows_of[root]
            if len(some) >= TOGETHER:
                yield self._judged.take(some).to_pylist()
                some = []
        if some:
            yield self._judged.take(some).to_pylist()

    def _outcomes(self, some: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        found = {pair.key: pair for pair in map(pair_of, some)}
        grown = self._grown([pair for pair in found.values() if pair.alone is not Outcome.NEW])
        group_of = {ref: min(group) for group in grown.groups if len(group) > 1 for ref in group}
        self._groups += [group for group in grown.groups if len(group) > 1]
        for row in some:
            state = grown.states.get((row["left"], row["right"]))
            yield {name: row.get(name) for name in RESULT.names} | {
                "outcome": OUTCOMES[state] if state else NEW,
                "cluster": group_of.get(row["left"]) if state is State.LINKED else None,
            }

    def _grown(self, found: Sequence[Pair]) -> Clustering:
        refs = {ref for pair in found for ref in pair.key}
        packed = self._bench.records(refs)

        def between(one: str, two: str) -> Pair:
            return self._judge.compared(packed[one], packed[two])

        return clusters(refs, found, {}, self._limits, between)


def _hanging_together(keys: Iterable[tuple[str, str]]) -> Callable[[str], str]:
    """Names for what hangs together over these pairs: the function tells the name that a ref belongs to."""
    parents: dict[str, str] = {}

    def root(ref: str) -> str:
        while (parent := parents.get(ref, ref)) != ref:
            parents[ref] = parents.get(parent, parent)
            ref = parent
        return ref

    for left, right in keys:
        one, two = sorted((root(left), root(right)))
        parents[two] = one
    return root
