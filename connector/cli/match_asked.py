"""Which doubtful pairs somebody wants to see, and how many of them are left.

Used by `okoshi match review` and `list`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from connector.cli.match_words import Words
from connector.engine import unify
from connector.identity.clusters import Answer
from connector.model.records import Kind
from connector.store import pairs, verdicts
from connector.store.pairs import State
from connector.store.store import Transaction


@dataclass(frozen=True)
class Asked:
    """Which pairs somebody wants to see."""

    kind: Kind | None = None
    limit: int | None = None
    later: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Matched:
    """How many records were read, and how many of them were compared with nobody yet."""

    records: int
    unmatched: int

    @classmethod
    def of(cls, tx: Transaction, kind: Kind | None = None) -> "Matched":
        """As it is now."""
        found = [one for name, one in unify.unified(tx).items() if kind in (None, name)]
        return cls(sum(one.linked + one.new + one.unmatched for one in found), sum(one.unmatched for one in found))

    def told(self, words: Words) -> Iterator[str]:
        """Why there may be more to ask than there seems to be."""
        if not self.records:
            yield words("match.nothing_read")
        elif self.unmatched:
            yield words("match.unmatched", count=f"{self.unmatched:,}")


@dataclass(frozen=True)
class Left:
    """How many pairs are doubtful; of these `later` were put off, and `asked` are those that somebody wants to see."""

    doubtful: int
    later: int
    asked: int

    @classmethod
    def of(cls, tx: Transaction, asked: Asked) -> "Left":
        """As it is now."""
        counts = pairs.count(tx).items()
        doubtful = sum(n for (kind, state), n in counts if state is State.DOUBTFUL and asked.kind in (None, kind))
        said = verdicts.of_doubtful(tx, asked.kind)
        later = said.get(Answer.LATER, 0)
        return cls(doubtful, later, doubtful - sum(said.values()) + (later if asked.later else 0))

    def told(self, words: Words, asked: Asked, matched: Matched, *, finished: bool = False) -> Iterator[str]:
        """What is to be known besides the pairs that are shown; `finished`: after some were answered."""
        put_off = 0 if asked.later else self.later
        if finished:
            yield words("match.finished")
        elif not self.asked and matched.records:
            yield words("match.none_now" if put_off else "match.none")
        if put_off:
            yield words("match.put_off", count=f"{put_off:,}")
        yield from matched.told(words)
