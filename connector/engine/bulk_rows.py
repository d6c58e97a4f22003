"""Batches of records and pairs as Arrow tables: raw rows in, columns out; scored pairs in, judged pairs out.

The same functions work in this process and on the machines of a cluster. Needs pyarrow, which the extra brings.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pyarrow as pa

from connector.identity.bulk import KEYS, Columns, Judge
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.mapping.identity import IdentityRules

Batches = Callable[[Iterable[Any]], Iterator[Any]]
"""Record batches from record batches."""

ROWS_AT_ONCE: Final = 2_000
SURE: Final = 0.95
"""The probability from which Splink alone would call two records one."""

DIGITS: Final = 6
"""Of a probability: what follows differs between engines."""

ID, RECORD = "unique_id", "record"
LEFT, RIGHT = "left_record", "right_record"
SCORED: Final = (LEFT, RIGHT, "match_probability")
JUDGED: Final = pa.schema(
    [
        ("left", pa.string()),
        ("right", pa.string()),
        ("alone", pa.string()),
        ("relation", pa.string()),
        ("score", pa.float64()),
        ("probability", pa.float64()),
        ("reason", pa.string()),
        ("contradicted", pa.bool_()),
        ("against", pa.bool_()),
    ]
)


def columns_schema(columns: Columns[Any, Any]) -> Any:
    """What `rows` makes."""
    several = pa.list_(pa.string())
    return pa.schema(
        [
            (ID, pa.string()),
            (RECORD, pa.string()),
            *((name, pa.string()) for name in columns.texts),
            *((name, several) for name in (*columns.lists, KEYS)),
        ]
    )


def rows(columns: Columns[Any, Any], rules: IdentityRules) -> Batches:
    """Normalises raw records: batches with the fields of `columns.asked` become batches with all columns."""

    def made(batches: Iterable[Any]) -> Iterator[Any]:
        matching, schema = columns.matching(rules), columns_schema(columns)
        for batch in batches:
            found = []
            for values in batch.to_pylist():
                raw = columns.read(values)
                known = matching.normalised(raw)
                found.append(
                    {ID: raw.ref, RECORD: columns.packed(raw), **columns.row(known, tuple(matching.keys(known)))}
                )
            yield pa.RecordBatch.from_pylist(found, schema=schema)

    return made


def judging(columns: Columns[Any, Any], rules: IdentityRules) -> Batches:
    """Judges scored pairs by the core's rule. Pairs that are NEW are kept only where Splink alone would link them."""

    def made(batches: Iterable[Any]) -> Iterator[Any]:
        judge = Judge(columns, rules)
        for batch in batches:
            lefts, rights, probabilities = (batch.column(name).to_pylist() for name in SCORED)
            kept = [
                _told(pair, probability)
                for left, right, probability in zip(lefts, rights, probabilities, strict=True)
                if (pair := judge.judged(left, right) or _overlooked(judge, left, right, probability))
            ]
            yield pa.RecordBatch.from_pylist(kept, schema=JUDGED)

    return made


def _overlooked(judge: Judge, left: str, right: str, probability: float) -> Pair | None:
    return judge.compared(left, right) if probability >= SURE else None


def pair_of(row: dict[str, Any]) -> Pair:
    """A judged row as the pair that it was, without its evidence."""
    return Pair(
        left=row["left"],
        right=row["right"],
        score=row["score"],
        alone=Outcome(row["alone"]),
        relation=row["relation"],
        reason=row["reason"],
        contradicted=row["contradicted"],
        against=row["against"],
    )


def _told(pair: Pair, probability: float) -> dict[str, Any]:
    return {name: getattr(pair, name) for name in JUDGED.names if name != "probability"} | {
        "alone": pair.alone.value,
        "probability": round(probability, DIGITS),
    }
