"""Keys under which a record is found again: the only way from one record to those that it may be one with.

Called by the engine when it unifies. Keeps hashes of keys, and beside them the gist of the record; knows nothing of
what either is made of.
"""

import json
from binascii import b2a_base64
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from sqlalchemy import TextClause, func, select, text

from connector.model.records import Kind
from connector.store import figures
from connector.store.schema import matched
from connector.store.sql import Asked, bulk
from connector.store.store import Transaction

WIDTH = 10
"""Letters of a hashed key: one for the space and 54 bits. Among 15 million keys one pair is alike by chance in 150."""

_EMPTY = blake2b(digest_size=7)
"""Copied for each key, which is faster than beginning anew."""

_USUAL = 32
"""Keys that few records exceed. Those are cut apart by themselves, so that they do not make it longer for all."""

_ANEW = 20_000
"""Changed records from which on, if they are most of all, everything is put in order anew."""

_SOME = 100
"""Changed records from which on it is asked whether there are many more than before."""

SPACES = {Kind.ACCOUNT: ord("A"), Kind.PERSON: ord("Q")}
"""Where the letters of each kind begin: one for keys of which sharing tells nothing more, then one for each bit."""
LETTERS = 16

_LETTERS_OF = {
    kind: {(1 << place) >> 1: chr(first + place) for place in range(LETTERS)} for kind, first in SPACES.items()
}
"""By the bit that sharing a key tells, or 0."""

_KNOWN = Asked("SELECT ref, number, keys, gist FROM matched WHERE ref IN ({values})")
_ADD = "INSERT INTO matched (ref, keys, gist, listed) VALUES (?, ?, ?, '')"
_CHANGE = "UPDATE matched SET keys = ?, gist = ?, listed = coalesce(listed, keys) WHERE number = ?"
_DESCRIBE = "UPDATE matched SET gist = ? WHERE number = ?"

# Cuts apart the keys of each record that has more than :above and up to :most of them. Without CAST SQLite does not see
# that it can look a key up together with its record, and reads all records that share the key.
_PIECES = """
WITH RECURSIVE place(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n + 1 < :most),
m AS MATERIALIZED (SELECT {column} AS keys, number, length({column}) / :width AS many FROM matched
    WHERE {which} AND length({column}) > :above * :width AND length({column}) <= :most * :width)
SELECT CAST(substr(m.keys, 1 + p.n * :width, :width) AS TEXT), m.number FROM m CROSS JOIN place p WHERE p.n < m.many
"""
_ANY = text("SELECT 1 FROM matched WHERE keys >= :first AND keys < :behind LIMIT 1")
_WAITING = "listed IS NOT NULL"
_LIST = "INSERT INTO match_key (key, number)" + _PIECES + "ORDER BY 1, 2"
_LIST_WAITING = text(_LIST.format(column="keys", which=_WAITING))
_LIST_ALL = text(_LIST.format(column="keys", which="true"))
_UNLIST = text(
    "DELETE FROM match_key WHERE (key, number) IN ({pieces})".format(  # noqa: S608 - nothing of it is from outside
        pieces=_PIECES.format(column="listed", which=_WAITING)
    )
)
_UNLIST_ALL = {"sqlite": text("DELETE FROM match_key"), "postgresql": text("TRUNCATE match_key")}
_FORGET = text("DELETE FROM matched WHERE listed IS NOT NULL AND keys = ''")
_SETTLED = text("UPDATE matched SET listed = NULL WHERE listed IS NOT NULL")
_WAITING_NOW = text("""
SELECT count(*), count(CASE WHEN listed > '' THEN 1 END), count(CASE WHEN keys = '' THEN 1 END),
    max(length(listed)), max(length(keys))
FROM matched WHERE listed IS NOT NULL
""")

# Counting stops at the first record too many; of such a key no record is fetched.
_SHARING = {
    "sqlite": text("""
SELECT k.value, s.number FROM json_each(:keys) k CROSS JOIN match_key s
WHERE (SELECT count(*) FROM (SELECT 1 FROM match_key c WHERE c.key = k.value LIMIT :limit + 1)) <= :limit
AND s.key = k.value
"""),
    "postgresql": text("""
SELECT k.key, s.number FROM (SELECT jsonb_array_elements_text(CAST(:keys AS jsonb)) AS key) k
CROSS JOIN LATERAL (SELECT count(*) AS sharers FROM (SELECT FROM match_key c WHERE c.key = k.key LIMIT :limit + 1) t) c
CROSS JOIN LATERAL (SELECT number FROM match_key WHERE key = k.key AND c.sharers <= :limit LIMIT :limit) s
"""),
}
_OF_NUMBERS = "SELECT number, ref, keys, gist FROM matched WHERE number IN ({numbers})"
_SHARERS = {
    "sqlite": text(_OF_NUMBERS.format(numbers="SELECT value FROM json_each(:numbers)")),
    "postgresql": text(_OF_NUMBERS.format(numbers="SELECT unnest(CAST(:numbers AS integer[]))")),
}


class Kept(NamedTuple):
    """What is kept of one record: its hashed keys one behind the other, in order, and its gist."""

    keys: str
    gist: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Sharer:
    """A record that was found by a key. `keys` are its hashed ones."""

    ref: str
    keys: frozenset[str]
    gist: str


def _nothing(_key: str) -> int:
    return 0


def hashed(space: str, key: str) -> str:
    """The key as it is kept: always the same, in every process. Keys of one space (one letter) are neighbours."""
    state = _EMPTY.copy()
    state.update(key.encode("utf-8", "surrogatepass"))
    return space + b2a_base64(state.digest(), newline=False)[: WIDTH - 1].decode()


def packed(kind: Kind, keys: Iterable[str], shared: Callable[[str], int] = _nothing) -> str:
    """Keys as `Kept` has them. `shared` tells of each the bit (or 0) that is what two have in common that share it."""
    letters = _LETTERS_OF[kind]
    return "".join(sorted({hashed(letters[shared(key)], key) for key in keys}))


def unpacked(keys: str) -> frozenset[str]:
    """The hashed keys one by one."""
    return frozenset([keys[at : at + WIDTH] for at in range(0, len(keys), WIDTH)])


def shared_bits(keys: Iterable[str]) -> int:
    """What two have in common that share these hashed keys."""
    found = 0
    for key in keys:
        found |= (1 << (ord(key[0]) - ord("A")) % LETTERS) >> 1
    return found


def save(tx: Transaction, records: Mapping[str, Kept]) -> None:
    """This is what is kept of the records now; one without any key is forgotten.

    Keys are put in order when somebody next asks who shares them: all that were saved by then at once.
    """
    known = _known(tx, records)
    added, changed, described = [], [], []
    for ref, kept in records.items():
        number, before, gist = known.get(ref, (None, "", kept.gist))
        if number is None and kept.keys:
            added.append((ref, kept.keys, kept.gist))
        elif kept.keys != before:
            changed.append((kept.keys, kept.gist, number))
        elif kept.gist != gist:
            described.append((kept.gist, number))
    bulk(tx.connection, _ADD, added)
    bulk(tx.connection, _CHANGE, changed)
    bulk(tx.connection, _DESCRIBE, described)


def sharers(tx: Transaction, keys: Collection[str], limit: int) -> dict[str, list[Sharer]]:
    """The records of each hashed key; one that more than `limit` share is left out, and so is one of nobody.

    The transaction must be one that can write: what was saved is put in order first.
    """
    settle(tx)
    dialect = tx.connection.dialect.name
    rows = tx.connection.execute(_SHARING[dialect], {"keys": json.dumps(list(keys)), "limit": limit}).all()
    numbers = list({number for _, number in rows})
    wanted = {"numbers": json.dumps(numbers) if dialect == "sqlite" else numbers}
    known = {
        number: Sharer(ref, unpacked(own), gist)
        for number, ref, own, gist in tx.connection.execute(_SHARERS[dialect], wanted)
    }
    found: dict[str, list[Sharer]] = {}
    for key, number in rows:
        found.setdefault(key, []).append(known[number])
    return found


def sharing(
    tx: Transaction, kind: Kind, keys: Collection[str], limit: int, shared: Callable[[str], int] = _nothing
) -> dict[str, list[str]]:
    """As `sharers`, but by the keys themselves, and of their records the refs, in order."""
    hashes = {packed(kind, [key], shared): key for key in keys}
    found = sharers(tx, hashes, limit)
    return {key: sorted(sharer.ref for sharer in found[own]) for own, key in hashes.items() if own in found}


def any_kept(tx: Transaction, kind: Kind) -> bool:
    """Whether a record of this kind has keys."""
    first = SPACES[kind]
    found = tx.connection.execute(_ANY, {"first": chr(first), "behind": chr(first + LETTERS)})
    return found.first() is not None


def settle(tx: Transaction) -> None:
    """Put the keys that were saved in order, all at once: one by one a first load would take hours."""
    connection = tx.connection
    # One question for all that has to be known: a server is asked for every changed record by itself.
    waiting, stale, forgotten, longest_before, longest = connection.execute(_WAITING_NOW).one()
    if not waiting:
        return
    if stale > _ANEW and 2 * stale > connection.execute(select(func.count()).select_from(matched)).scalar_one():
        connection.execute(_UNLIST_ALL[connection.dialect.name])
        _cut_apart(tx, _LIST_ALL, connection.execute(select(func.max(func.length(matched.c["keys"])))).scalar())
    else:
        _cut_apart(tx, _UNLIST, longest_before)
        _cut_apart(tx, _LIST_WAITING, longest)
    if forgotten:
        connection.execute(_FORGET)
    connection.execute(_SETTLED)
    if waiting > _ANEW or (waiting > _SOME and figures.outgrown(tx, matched, _numbered(tx))):
        figures.renew(tx, *figures.IDENTITY)


def _numbered(tx: Transaction) -> int:
    """How many numbers were given out, about as many as there are records: all of them need not be counted for it."""
    return tx.connection.execute(select(func.max(matched.c.number))).scalar() or 0


def _cut_apart(tx: Transaction, statement: TextClause, letters: int | None) -> None:
    """`letters` has the record with the most keys."""
    longest = (letters or 0) // WIDTH
    for above, most in ((0, min(longest, _USUAL)), (_USUAL, longest)):
        if above < most:
            tx.connection.execute(statement, {"above": above, "most": most, "width": WIDTH})


def _known(tx: Transaction, refs: Collection[str]) -> dict[str, tuple[int, str, str]]:
    return {ref: (number, keys, gist) for ref, number, keys, gist in _KNOWN.rows(tx.connection, refs)}
