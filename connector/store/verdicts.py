"""What a person said about two records. No run deletes or overrules it.

Written by the commands that ask; read by the engine when it unifies.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from connector.identity.clusters import Answer, Key, State, key_of
from connector.model.records import Kind
from connector.store import sql, unmatched
from connector.store.schema import pair
from connector.store.schema import verdict as table
from connector.store.sql import Asked
from connector.store.store import Transaction

_OF = Asked(
    'SELECT * FROM verdict WHERE "left" IN ({values}) UNION SELECT * FROM verdict WHERE "right" IN ({values})',
    *table.columns,
)

# "said" in ASCII.
_LOCK = 0x73616964

__all__ = ["Answer", "Verdict", "get", "of", "of_doubtful", "say", "say_all", "take_back", "take_turn"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer: `by` whom, and when; `left` < `right`."""

    left: str
    right: str
    kind: Kind
    answer: Answer
    at: datetime
    by: str
    note: str | None = None

    @property
    def key(self) -> Key:
        """Both refs, in order."""
        return self.left, self.right


def take_turn(tx: Transaction) -> None:
    """Until this transaction ends nobody else who takes a turn answers: what it reads is what its answer replaces.

    Comes before anything else in it.
    """
    sql.take_turn(tx.connection, _LOCK)


def say(  # noqa: PLR0913, PLR0917 - the parts of one answer
    tx: Transaction, kind: Kind, left: str, right: str, answer: Answer, at: datetime, by: str, note: str | None = None
) -> None:
    """Keep an answer, in the place of an earlier one; the place of both records is to be found again."""
    say_all(tx, kind, {key_of(left, right): answer}, at, by, note)


def say_all(
    tx: Transaction, kind: Kind, answers: Mapping[Key, Answer], at: datetime, by: str, note: str | None = None
) -> None:
    """Keep several answers, each of two refs in order; as `say`."""
    # All of them first: who answers about the same ones at this moment waits here, and not half-way.
    unmatched.add_beside(tx, kind, {ref for key in answers for ref in key})
    insert = sqlite.insert if tx.connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    given = {"kind": kind.value, "at": at, "by": by, "note": note}
    rows = [{"left": one, "right": two, "answer": answer.value, **given} for (one, two), answer in answers.items()]
    if rows:
        tx.connection.execute(statement.on_conflict_do_update(index_elements=["left", "right"], set_=changed), rows)


def take_back(tx: Transaction, left: str, right: str) -> None:
    """As if nothing had been said about these two."""
    said = get(tx, left, right)
    if said is not None:
        unmatched.add_beside(tx, said.kind, (said.left, said.right))  # first, as in `say_all`
        tx.connection.execute(delete(table).where(table.c.left == said.left, table.c.right == said.right))


def get(tx: Transaction, left: str, right: str) -> Verdict | None:
    """What was said about these two, in whatever order, if anything."""
    one, two = sorted((left, right))
    row = tx.connection.execute(select(table).where(table.c.left == one, table.c.right == two)).first()
    return None if row is None else _verdict(row)


def of(tx: Transaction, refs: Collection[str]) -> dict[tuple[str, str], Verdict]:
    """All that was said about one of these, by both refs in order."""
    found = map(_verdict, _OF.of(tx.connection, refs))
    return {(said.left, said.right): said for said in sorted(found, key=lambda said: (said.left, said.right))}


def of_doubtful(tx: Transaction, kind: Kind | None) -> dict[Answer, int]:
    """How many doubtful pairs were put off, and how many were answered and only wait for that to take effect."""
    same = and_(pair.c.left == table.c.left, pair.c.right == table.c.right)
    query = select(table.c.answer, func.count()).join(pair, same).where(pair.c.state == State.DOUBTFUL)
    if kind is not None:
        query = query.where(pair.c.kind == kind)
    return {Answer(answer): number for answer, number in tx.connection.execute(query.group_by(table.c.answer))}


def _verdict(row: Row[Any]) -> Verdict:
    return Verdict(row.left, row.right, Kind(row.kind), Answer(row.answer), row.at, row.by, row.note)
