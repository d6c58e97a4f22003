"""Which doubtful pairs somebody wants to see, and how many of them are left. Used by `okoshi match review`."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from connector.cli.match_words import Words
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

    def told(self, words: Words, asked: Asked, *, finished: bool = False) -> Iterator[str]:
        """What is to be known besides the pairs that are shown; `finished`: after some were answered."""
        put_off = 0 if asked.later else self.later
        if finished:
            yield words("match.finished")
        elif not self.asked:
            yield words("match.none_now" if put_off else "match.none")
        if put_off:
            yield words("match.put_off", count=f"{put_off:,}")
