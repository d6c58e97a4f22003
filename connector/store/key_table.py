"""All keys of one kind at once, in columns: for a first load, which looks at all blocks instead of asking for each.

Called by the engine. Knows how `match_keys` keeps them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from connector.identity.blocks import Keys
from connector.model.records import Kind
from connector.store.match_keys import LETTERS, SPACES, WIDTH
from connector.store.store import Transaction

_AT_ONCE: Final = 20_000
_BASE_64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

_ALL: Final = {
    # Refs in the order in which Python sorts them.
    "sqlite": text("SELECT ref, keys, gist FROM matched WHERE keys >= :first AND keys < :beyond ORDER BY ref"),
    "postgresql": text(
        'SELECT ref, keys, gist FROM matched WHERE keys >= :first AND keys < :beyond ORDER BY ref COLLATE "C"'
    ),
}


_NO_KEYS: Final = Keys(np.empty(0, np.uint64), np.empty(0, np.int32), np.empty(0, np.uint8))


@dataclass
class KeyTable:
    """Records in the order of their refs; the keys name them by their places."""

    refs: list[str]
    gists: list[str]
    keys: Keys

    def give_gists(self) -> list[str]:
        """The gists, which the table then has no more: like the keys they are most of it."""
        gists, self.gists = self.gists, []
        return gists

    def give_keys(self) -> Keys:
        """The keys, which the table then has no more."""
        keys, self.keys = self.keys, _NO_KEYS
        return keys


def read(tx: Transaction, kind: Kind) -> KeyTable:
    """Of all records that have keys. About 300 bytes a record."""
    refs: list[str] = []
    gists: list[str] = []
    keys: list[NDArray[np.uint64]] = []
    counts: list[NDArray[np.int64]] = []
    space = {"first": chr(SPACES[kind]), "beyond": chr(SPACES[kind] + LETTERS)}
    rows = tx.connection.execute(_ALL[tx.connection.dialect.name], space, execution_options={"yield_per": _AT_ONCE})
    for some in rows.partitions(_AT_ONCE):
        refs += [ref for ref, _, _ in some]
        gists += [gist for _, _, gist in some]
        keys.append(_numbers([own for _, own, _ in some]))
        counts.append(np.fromiter((len(own) // WIDTH for _, own, _ in some), np.int64, len(some)))
    key = np.concatenate([np.empty(0, np.uint64), *keys])
    record = np.repeat(np.arange(len(refs), dtype=np.int32), np.concatenate([np.empty(0, np.int64), *counts]))
    place = ((key >> np.uint64(6 * (WIDTH - 1))) - np.uint64(ord("A"))) % np.uint64(LETTERS)
    return KeyTable(refs, gists, Keys(key, record, ((1 << place.astype(np.int64)) >> 1).astype(np.uint8)))


def _numbers(packed: Sequence[str]) -> NDArray[np.uint64]:
    """Each key's letter, then its 54 bits."""
    letters = np.frombuffer("".join(packed).encode(), np.uint8).reshape(-1, WIDTH)
    digits = np.zeros(256, np.uint64)
    digits[list(_BASE_64.encode())] = np.arange(64, dtype=np.uint64)
    number = letters[:, 0].astype(np.uint64)
    for place in range(1, WIDTH):
        number = number << np.uint64(6) | digits[letters[:, place]]
    return number
