"""Keys under which a record is found again: the only way from one record to those that it may be one with.

Called by the engine when it unifies. Keeps hashes only; knows nothing of what a key is made of.
"""

import json
from binascii import b2a_base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import chain

from sqlalchemy import Integer, Text, TextClause, cast, func, select, text

from connector.model.records import Kind
from connector.store.schema import matched
from connector.store.sql import bulk, listed
from connector.store.store import Transaction

WIDTH = 10
"""Letters of a hashed key: one for the space and 54 bits. Among 15 million keys one pair is alike by chance in 150."""

_USUAL = 32
"""Keys that few records exceed. Those are cut apart by themselves, so that they do not make it longer for all."""

_ANEW = 20_000
"""Changed records from which on, if they are most of all, everything is put in order anew."""

_PAGE = 5_000
"""Blocks that are read at once."""

_AT_HAND = 1_000_000
"""References that are kept while blocks are read: about 130 MB. Each is in many blocks."""

_ADD = "INSERT INTO matched (ref, keys, listed) VALUES (?, ?, '')"
_CHANGE = "UPDATE matched SET keys = ?, listed = coalesce(listed, keys) WHERE number = ?"

# Cuts apart the keys of each record that has more than :above and up to :most of them.
_PIECES = """
WITH RECURSIVE place(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n + 1 < :most)
SELECT substr(m.{column}, 1 + p.n * :width, :width), m.number FROM matched m CROSS JOIN place p
WHERE {which} AND p.n * :width < length(m.{column})
AND length(m.{column}) > :above * :width AND length(m.{column}) <= :most * :width
"""
_WAITING = "m.listed IS NOT NULL"
_LIST = "INSERT INTO match_key (key, number)" + _PIECES + "ORDER BY 1, 2 ON CONFLICT DO NOTHING"
_LIST_WAITING = text(_LIST.format(column="keys", which=_WAITING))
_LIST_ALL = text(_LIST.format(column="keys", which="true"))
_UNLIST = text(
    "DELETE FROM match_key WHERE (key, number) IN ({pieces})".format(  # noqa: S608 - nothing of it is from outside
        pieces=_PIECES.format(column="listed", which=_WAITING)
    )
)
_UNLIST_ALL = {"sqlite": text("DELETE FROM match_key"), "postgresql": text("TRUNCATE match_key")}
_STALE = text("SELECT count(*) FROM matched WHERE listed > ''")
_FORGET = text("DELETE FROM matched WHERE listed IS NOT NULL AND keys = ''")
_SETTLED = text("UPDATE matched SET listed = NULL WHERE listed IS NOT NULL")
_ANALYSE = text("ANALYZE matched, match_key")
_ANY_WAITING = text("SELECT 1 FROM matched WHERE listed IS NOT NULL LIMIT 1")

# Counting stops at the first record too many; of such a key no record is fetched.
_SHARING = {
    "sqlite": text("""
SELECT k.value, m.ref FROM json_each(:keys) k CROSS JOIN match_key s CROSS JOIN matched m
WHERE (SELECT count(*) FROM (SELECT 1 FROM match_key c WHERE c.key = k.value LIMIT :limit + 1)) <= :limit
AND s.key = k.value AND m.number = s.number
"""),
    "postgresql": text("""
SELECT k.key, m.ref FROM (SELECT jsonb_array_elements_text(CAST(:keys AS jsonb)) AS key) k
CROSS JOIN LATERAL (SELECT count(*) AS sharers FROM (SELECT FROM match_key c WHERE c.key = k.key LIMIT :limit + 1) t) c
CROSS JOIN LATERAL (SELECT number FROM match_key WHERE key = k.key AND c.sharers <= :limit LIMIT :limit) s
CROSS JOIN LATERAL (SELECT ref FROM matched WHERE number = s.number) m
"""),
}
_BLOCKS = """
SELECT key, {numbers} FROM match_key WHERE key > :after AND key < :beyond
GROUP BY key HAVING count(*) BETWEEN 2 AND :limit ORDER BY key LIMIT :page
"""
_BLOCKS_OF = {
    "sqlite": text(_BLOCKS.format(numbers="group_concat(number)")),
    "postgresql": text(_BLOCKS.format(numbers="string_agg(CAST(number AS text), ',')")),
}


def hashed(space: str, key: str) -> str:
    """The key as it is kept: always the same, in every process. Keys of one space (one letter) are neighbours."""
    digest = blake2b(key.encode(errors="surrogatepass"), digest_size=7).digest()
    return space + b2a_base64(digest, newline=False)[: WIDTH - 1].decode()


def save(tx: Transaction, kind: Kind, keys: Mapping[str, Sequence[str]]) -> None:
    """These are the records' keys now; a record without any is forgotten.

    They are put in order when somebody next asks who shares them: all that were saved by then at once.
    """
    space = _space(kind)
    known = _known(tx, keys)
    added, changed = [], []
    for ref, own in keys.items():
        packed = "".join(sorted({hashed(space, key) for key in own}))
        number, before = known.get(ref, (None, ""))
        if packed == before:
            continue
        if number is None:
            added.append((ref, packed))
        else:
            changed.append((packed, number))
    bulk(tx.connection, _ADD, added)
    bulk(tx.connection, _CHANGE, changed)


def sharing(tx: Transaction, kind: Kind, keys: Collection[str], limit: int) -> dict[str, list[str]]:
    """The records of each key, in order; a key that more than `limit` share is left out, and so is one of nobody.

    The transaction must be one that can write: what was saved is put in order first.
    """
    settle(tx)
    space = _space(kind)
    asked = {hashed(space, key): key for key in keys}
    found: dict[str, list[str]] = {}
    wanted = {"keys": json.dumps(list(asked)), "limit": limit}
    for key, ref in tx.connection.execute(_SHARING[tx.connection.dialect.name], wanted):
        found.setdefault(asked[key], []).append(ref)
    return {key: sorted(found[key]) for key in keys if key in found}


def blocks(tx: Transaction, kind: Kind, limit: int) -> Iterator[list[str]]:
    """The records of every key that 2 to `limit` share, in the order of the kept keys. Checkpoints may lie between."""
    settle(tx)
    query = _BLOCKS_OF[tx.connection.dialect.name]
    after, beyond = _space(kind), chr(ord(_space(kind)) + 1)
    refs: dict[str, str] = {}
    while page := tx.connection.execute(query, {"after": after, "beyond": beyond, "limit": limit, "page": _PAGE}).all():
        numbers = [several.split(",") for _, several in page]
        if len(refs) > _AT_HAND:
            refs.clear()
        refs.update(_refs(tx, set(chain.from_iterable(numbers)) - refs.keys()))
        for block in numbers:
            yield sorted([refs[number] for number in block])
        after = page[-1][0]


def settle(tx: Transaction) -> None:
    """Put the keys that were saved in order, all at once: one by one a first load would take hours."""
    connection = tx.connection
    if connection.execute(_ANY_WAITING).first() is None:
        return
    stale = connection.execute(_STALE).scalar_one()
    anew = stale > _ANEW and 2 * stale > connection.execute(select(func.count()).select_from(matched)).scalar_one()
    if anew:
        connection.execute(_UNLIST_ALL[connection.dialect.name])
    elif stale:
        _cut_apart(tx, _UNLIST, "listed")
    _cut_apart(tx, _LIST_ALL if anew else _LIST_WAITING, "keys", anew=anew)
    connection.execute(_FORGET)
    settled = connection.execute(_SETTLED).rowcount
    if settled > _ANEW and connection.dialect.name == "postgresql":
        # Without figures of what is there now the server would read whole tables for one record.
        connection.execute(_ANALYSE)


def _cut_apart(tx: Transaction, statement: TextClause, column: str, *, anew: bool = False) -> None:
    query = select(func.max(func.length(matched.c[column])))
    if not anew:
        query = query.where(matched.c.listed.is_not(None))
    longest = (tx.connection.execute(query).scalar() or 0) // WIDTH
    for above, most in ((0, min(longest, _USUAL)), (_USUAL, longest)):
        if above < most:
            tx.connection.execute(statement, {"above": above, "most": most, "width": WIDTH})


def _space(kind: Kind) -> str:
    return kind.value[0]


def _known(tx: Transaction, refs: Collection[str]) -> dict[str, tuple[int, str]]:
    query = select(matched.c.ref, matched.c.number, matched.c["keys"])
    rows = tx.connection.execute(query.where(matched.c.ref.in_(listed(tx.connection, refs))))
    return {ref: (number, packed) for ref, number, packed in rows}


def _refs(tx: Transaction, numbers: Collection[str]) -> dict[str, str]:
    wanted = select(cast(listed(tx.connection, numbers).subquery().c.value, Integer))
    query = select(cast(matched.c.number, Text), matched.c.ref).where(matched.c.number.in_(wanted))
    return dict(tx.connection.execute(query).all())
