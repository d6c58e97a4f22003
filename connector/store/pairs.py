"""What comparing two records found, and what became of it. Pairs that are nothing to each other are not kept.

Called by the engine when it unifies, and by the commands that show and ask. Decides nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import Row as ResultRow
from sqlalchemy import Select, and_, exists, func, literal, or_, select, text, tuple_

from connector.identity.clusters import Answer, State
from connector.identity.compare import Evidence
from connector.identity.decide import Outcome, Relation
from connector.identity.pairs import Pair
from connector.model.records import Kind
from connector.store.schema import pair as table
from connector.store.schema import verdict
from connector.store.sql import Asked, bulk, moment
from connector.store.store import Transaction
from connector.store.unmatched import KINDS

__all__ = [
    "KeptPair",
    "Row",
    "State",
    "count",
    "doubtful",
    "first_state",
    "get",
    "keys",
    "met",
    "of",
    "put",
    "replace",
    "row_of",
    "set_states",
    "standing",
]

_EVIDENCE: TypeAdapter[tuple[Evidence, ...]] = TypeAdapter(tuple[Evidence, ...])


class Row(NamedTuple):
    """A pair as it is kept, in plain values: `row_of` makes it in whatever process."""

    left: str
    right: str
    score: float
    alone: str
    relation: Relation
    reason: str
    contradicted: bool
    against: bool
    sure: bool
    evidence: str

    @property
    def key(self) -> "Key":
        """Both refs, in order."""
        return self.left, self.right

    @property
    def bare(self) -> Pair:
        """The pair without its evidence."""
        return Pair(
            self.left,
            self.right,
            self.score,
            Outcome(self.alone),
            self.relation,
            self.reason,
            self.contradicted,
            self.against,
            self.sure,
        )


_COLUMNS = (*Row._fields, "kind", "state", "rules", "at")
_UPSERT = """
INSERT INTO pair ({names}) VALUES ({marks}) ON CONFLICT ("left", "right") DO UPDATE SET {changed}
""".format(
    names=", ".join(f'"{name}"' for name in _COLUMNS),
    marks=", ".join("?" for _ in _COLUMNS),
    changed=", ".join(f'"{name}" = excluded."{name}"' for name in _COLUMNS),
)


def _asking(*names: str) -> Asked:
    """These columns of all pairs that touch some refs."""
    columns = ", ".join(f'"{name}"' for name in names)
    # Two walks over an index each: an OR of both would read the whole table on PostgreSQL.
    walks = (f'SELECT {columns} FROM pair WHERE "{side}" IN ({{values}})' for side in ("left", "right"))  # noqa: S608
    return Asked(" UNION ".join(walks), *(table.c[name] for name in names))


_OF = _asking(*table.columns.keys())
_STANDING = _asking(*Row._fields[:-1], "state")
_ROWS = _asking(*Row._fields, "rules")
_DELETE = 'DELETE FROM pair WHERE "left" = ? AND "right" = ?'
_RULES = 'UPDATE pair SET rules = ? WHERE "left" = ? AND "right" = ?'
_STATE = 'UPDATE pair SET state = ? WHERE "left" = ? AND "right" = ?'

_MET = text("""
SELECT "left" FROM pair WHERE kind = :kind UNION SELECT "right" FROM pair WHERE kind = :kind
UNION SELECT "left" FROM verdict WHERE kind = :kind UNION SELECT "right" FROM verdict WHERE kind = :kind
UNION SELECT ref FROM member WHERE kind = :kind
""")

_AT_ONCE = 10_000

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KeptPair:
    """A pair as it is kept. `at`: since when it has been found so; `rules`: those that found it so last."""

    pair: Pair
    kind: Kind
    state: State
    rules: str
    at: datetime


def replace(
    tx: Transaction, kind: Kind, refs: Collection[str], pairs: Collection[Pair], rules: str, at: datetime
) -> set[str]:
    """All pairs of these refs become exactly these, each of which touches one of them.

    One that was found the same before keeps its state and its `at`; another begins as RELATED or DOUBTFUL. Returns
    every ref that had or has a pair with them, and theirs.
    """
    return _become(tx, kind, _rows(tx, refs), list(map(row_of, pairs)), rules, at)


def put(
    tx: Transaction, kind: Kind, keys: Collection[Key], rows: Collection[Row], rules: str, at: datetime
) -> set[str]:
    """Of these keys there are exactly these pairs. Otherwise as `replace`. No other key of `rows` may be kept."""
    asked = set(keys)
    known = _rows(tx, {ref for key in asked for ref in key})
    return _become(tx, kind, {key: known[key] for key in known.keys() & asked}, rows, rules, at)


def row_of(pair: Pair) -> Row:
    """The pair as it is kept."""
    evidence = _EVIDENCE.dump_json(pair.evidence).decode()
    return Row(
        pair.left,
        pair.right,
        pair.score,
        pair.alone.value,
        pair.relation,
        pair.reason,
        pair.contradicted,
        pair.against,
        pair.sure,
        evidence,
    )


def met(tx: Transaction, kind: Kind) -> set[str]:
    """Every record of a kind about which anything is known: a pair, a cluster or what a person said."""
    return set(tx.connection.scalars(_MET, {"kind": kind.value}))


def keys(tx: Transaction, kind: Kind) -> Iterator[Key]:
    """Of all pairs of a kind. No checkpoint between."""
    query = select(table.c.left, table.c.right).where(table.c.kind == kind)
    for row in tx.connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield row.left, row.right


def _rows(tx: Transaction, refs: Collection[str]) -> dict[Key, tuple[Row, str]]:
    """All pairs that touch one of these, with the rules that found them."""
    found = _ROWS.rows(tx.connection, refs) if refs else []
    return {(left, right): (Row(left, right, *more), rules) for left, right, *more, rules in found}


def _become(
    tx: Transaction,
    kind: Kind,
    known: Mapping[Key, tuple[Row, str]],
    found: Collection[Row],
    rules: str,
    at: datetime,
) -> set[str]:
    """The known pairs become the found ones; returns every ref of both."""
    written: list[tuple[Any, ...]] = []
    confirmed: list[tuple[str, str, str]] = []
    since = moment(tx.connection, at)
    for row in found:
        before, by = known.get(row.key, (None, ""))
        if before != row:
            written.append((*row, kind.value, _beginning(row.relation).value, rules, since))
        elif by != rules:
            confirmed.append((rules, *row.key))
    found_keys = {row.key for row in found}
    bulk(tx.connection, _DELETE, sorted(known.keys() - found_keys))
    bulk(tx.connection, _UPSERT, sorted(written))
    bulk(tx.connection, _RULES, confirmed)
    return {ref for key in known.keys() | found_keys for ref in key}


def of(tx: Transaction, refs: Collection[str]) -> list[KeptPair]:
    """All pairs that touch one of these, in order."""
    if not refs:
        return []
    return sorted(map(_kept, _OF.of(tx.connection, refs)), key=lambda kept: kept.pair.key)


def standing(tx: Transaction, refs: Collection[str]) -> Iterator[tuple[Pair, State]]:
    """As `of` without the evidence, which is most of what is read and tells nothing more of who is one."""
    rows: Iterable[Any] = _STANDING.rows(tx.connection, refs) if refs else ()
    for left, right, score, alone, *more, state in rows:
        yield Pair(left, right, score, Outcome(alone), *more), State(state)


def get(tx: Transaction, left: str, right: str) -> KeptPair | None:
    """The pair of these two, in whatever order, if it is kept."""
    one, two = sorted((left, right))
    row = tx.connection.execute(select(table).where(table.c.left == one, table.c.right == two)).first()
    return None if row is None else _kept(row)


def set_states(tx: Transaction, states: Mapping[Key, State]) -> None:
    """What became of these pairs."""
    bulk(tx.connection, _STATE, [(state.value, *key) for key, state in states.items()])


def doubtful(
    tx: Transaction,
    kind: Kind | None,
    limit: int | None,
    after: tuple[float, str, str] | None = None,
    *,
    put_off: bool = False,
) -> list[KeptPair]:
    """Pairs that a person should look at, of one kind or all: the highest score first, from behind `after` on.

    Those that a person put off ("later") only with `put_off`; those that were answered, and wait for that to take
    effect, never.
    """
    kinds = sorted(KINDS) if kind is None else [kind]
    found = [map(_kept, tx.connection.execute(_doubtful(one, after, put_off).limit(limit))) for one in kinds]
    return list(islice(merge(*found, key=lambda kept: (-kept.pair.score, kept.pair.key)), limit))


def count(tx: Transaction) -> dict[tuple[Kind, State], int]:
    """How many pairs are in which state; what there is none of is not named."""
    query = select(table.c.kind, table.c.state, func.count()).group_by(table.c.kind, table.c.state)
    return {(Kind(kind), State(state)): number for kind, state, number in tx.connection.execute(query)}


def _doubtful(kind: Kind, after: tuple[float, str, str] | None, put_off: bool) -> Select[Any]:
    query = select(table).where(table.c.kind == kind, table.c.state == State.DOUBTFUL)
    query = query.order_by(table.c.score.desc(), table.c.left, table.c.right)
    if after is not None:
        score, left, right = after
        behind = tuple_(table.c.left, table.c.right) > tuple_(literal(left), literal(right))
        # The first condition says nothing new, but lets the database begin at the right place of the index.
        query = query.where(table.c.score <= score, or_(table.c.score < score, behind))
    said = and_(verdict.c.left == table.c.left, verdict.c.right == table.c.right)
    if put_off:
        said = and_(said, verdict.c.answer != Answer.LATER)
    return query.where(~exists().where(said))


def first_state(pair: Pair) -> State:
    """Where a pair begins, before its records were clustered."""
    return _beginning(pair.relation)


def _beginning(relation: Relation) -> State:
    return State.DOUBTFUL if relation == "same" else State.RELATED


def _kept(row: ResultRow[Any]) -> KeptPair:
    pair = Pair(
        left=row.left,
        right=row.right,
        score=row.score,
        alone=Outcome(row.alone),
        relation=row.relation,
        reason=row.reason,
        contradicted=row.contradicted,
        against=row.against,
        sure=row.sure,
        evidence=_EVIDENCE.validate_json(row.evidence),
    )
    return KeptPair(pair, Kind(row.kind), State(row.state), row.rules, row.at)
