"""Which company of the register a record was found to be, why, and since when.

Written by the engine when companies are unified; read by `explain` and by the list of the doubtful. An inference: what
the record itself says stays in the mirror.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text

from connector.identity.compare import Evidence
from connector.identity.decide import Outcome, Relation
from connector.store.schema import reference_match as table
from connector.store.sql import listed
from connector.store.store import Transaction

_AT_ONCE = 500

# Found beside the tables that others write to, and numbered, so that each portion is found by its numbers.
_LIST_ALL = (
    "DROP TABLE IF EXISTS reference_asked",
    """
CREATE TEMPORARY TABLE reference_asked AS
SELECT row_number() OVER (ORDER BY ref) AS place, ref FROM mirror WHERE kind = 'account'
""",
    "CREATE INDEX reference_asked_place ON reference_asked (place)",
)
_FORGET_PORTION = text("""
DELETE FROM reference_match WHERE ref IN (SELECT ref FROM reference_asked WHERE place > :after AND place <= :last)
""")
_ADD_PORTION = text("""
INSERT INTO unmatched (kind, ref)
SELECT 'account', ref FROM reference_asked WHERE place > :after AND place <= :last ORDER BY place
ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What looking a record up gave. `number` is empty, and so is the evidence, where the register has nobody for it.

    `score` is in bits. `reason` is the key of the sentence that says why it is not AUTO. `relation` is "site" where the
    record is a branch or department. `about` tells what was looked up: with other values of the record, or other
    `rules`, it is looked up again.
    """

    ref: str
    outcome: Outcome
    number: str = ""
    score: float = 0.0
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    relation: Relation = "same"
    about: str
    rules: str
    at: datetime


def of(tx: Transaction, refs: Collection[str]) -> dict[str, Match]:
    """What is known of these records."""
    rows = tx.connection.execute(select(table).where(table.c.ref.in_(listed(tx.connection, refs)))) if refs else ()
    return {row.ref: _parsed(row) for row in rows}


def keep(tx: Transaction, matches: Sequence[Match]) -> None:
    """Keep what was found in place of what was known. Who only looks keeps nothing."""
    if not matches or tx.connection.get_execution_options().get("okoshi_reading", False):
        return
    forget(tx, [match.ref for match in matches])
    tx.connection.execute(table.insert(), [_row(match) for match in matches])


def forget(tx: Transaction, refs: Collection[str]) -> None:
    """These records are looked up again when they are next compared."""
    if refs:
        tx.connection.execute(delete(table).where(table.c.ref.in_(listed(tx.connection, refs))))


def forget_all(tx: Transaction) -> None:
    """All are."""
    tx.connection.execute(delete(table))


def everybody(tx: Transaction, size: int) -> Iterator[tuple[int, int]]:
    """All companies of the mirror in portions, for `ask_again`. Transactions may end between two of them."""
    for statement in _LIST_ALL:
        tx.connection.exec_driver_sql(statement)
    count = tx.connection.scalar(text("SELECT count(*) FROM reference_asked")) or 0
    return ((after, after + size) for after in range(0, count, size))


def ask_again(tx: Transaction, portion: tuple[int, int]) -> int:
    """The place of these must be found again, with what the register says. Returns how many were not waiting yet."""
    bounds = {"after": portion[0], "last": portion[1]}
    tx.connection.execute(_FORGET_PORTION, bounds)
    return tx.connection.execute(_ADD_PORTION, bounds).rowcount


def found_as(tx: Transaction, numbers: Sequence[str]) -> set[str]:
    """The records that were found to be, or may be, one of these companies."""
    found: set[str] = set()
    for start in range(0, len(numbers), _AT_ONCE):
        some = [int(number) for number in numbers[start : start + _AT_ONCE]]
        found.update(tx.connection.scalars(select(table.c.ref).where(table.c.number.in_(some))))
    return found


def count(tx: Transaction) -> dict[str, int]:
    """Outcome → how many records."""
    rows = tx.connection.execute(select(table.c.outcome, func.count()).group_by(table.c.outcome))
    return {Outcome(outcome).value: number for outcome, number in rows}


def doubtful(tx: Transaction, limit: int) -> list[Match]:
    """Records of which a person would have to say whether they are the company found, the likeliest first."""
    query = select(table).where(table.c.outcome == Outcome.REVIEW.value).order_by(table.c.score.desc(), table.c.ref)
    return [_parsed(row) for row in tx.connection.execute(query.limit(limit))]


def _row(match: Match) -> dict[str, Any]:
    evidence: Mapping[str, Any] = {
        "about": match.about,
        "reason": match.reason,
        "relation": match.relation,
        "pieces": match.evidence,
    }
    return {
        "ref": match.ref,
        "number": int(match.number) if match.number else None,
        "outcome": match.outcome.value,
        "score": match.score,
        "evidence": evidence,
        "at": match.at,
        "rules": match.rules,
    }


def _parsed(row: Any) -> Match:
    return Match(
        ref=row.ref,
        outcome=Outcome(row.outcome),
        number=str(row.number or ""),
        score=row.score,
        reason=row.evidence["reason"],
        evidence=tuple(Evidence(*piece) for piece in row.evidence["pieces"]),
        relation=row.evidence["relation"],
        about=row.evidence["about"],
        rules=row.rules,
        at=row.at,
    )
