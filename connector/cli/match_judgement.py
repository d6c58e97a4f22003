"""What Okoshi thinks of two records that somebody wants to merge, told before anything is asked.

Used by `okoshi match merge`. Reads the store; decides nothing.
"""

from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from connector.cli.match_desk import Desk
from connector.cli.match_screen import state_text
from connector.cli.match_standing import Standing, Thresholds, standing, state_of
from connector.cli.match_words import Words
from connector.engine import unify
from connector.identity.clusters import Answer, Key
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.model.records import Kind
from connector.store import pairs
from connector.store.pairs import State
from connector.store.store import Transaction


@dataclass(frozen=True)
class Judgement:
    """How the two stand. `pair` is `None` where nothing in them can be compared."""

    state: State
    pair: Pair | None = None
    standing: Standing | None = None

    @property
    def two(self) -> bool:
        """Whether they are two by what was found or said."""
        return self.state is State.APART

    @classmethod
    def of(cls, desk: Desk, tx: Transaction, kind: Kind, key: Key) -> "Judgement":
        """Of these two, kept or not."""
        rules = desk.mappings.identity
        kept = pairs.get(tx, *key)
        pair = kept.pair if kept else unify.compare(tx, rules, kind, *key, desk.now)
        if pair is None:
            return cls(State.APART)
        stands = standing(tx, pair, Thresholds.of(rules, kind))
        state = state_of(pair, kept, stands)
        said = any(one.answer is Answer.DIFFERENT for one in stands.said)
        if state is State.APART and pair.relation == "same" and pair.alone is not Outcome.NEW and not said:
            state = State.DOUBTFUL  # a surer pair of the same two clusters is asked about in its place
        return cls(state, pair, stands)

    def bits(self, words: Words) -> str:
        """The sum of the findings."""
        return words.bits(self.pair.score if self.pair else 0.0)

    def show(self, console: Console, words: Words) -> None:
        """The judgement, and loudly where they are not held for one."""
        told = words("match.merge.bits", bits=self.bits(words))
        console.print(Text.assemble((words("match.outcome"), "bold"), state_text(words, self.state), f" {told}"))
        if why := self._why(words):
            console.print(Text.assemble((words("match.doubtful_because"), "bold"), why))
        if self.state in (State.APART, State.RELATED):
            console.print(Text(words(f"match.merge.warning.{self.state}"), "bold red"))

    def document(self, words: Words) -> dict[str, Any]:
        """The same for machines."""
        return {
            "state": self.state.value,
            "score": round(self.pair.score, 2) if self.pair else None,
            "reason": (self.standing.reason or None) if self.standing else None,
            "why": self._why(words) or None,
        }

    def _why(self, words: Words) -> str:
        if self.standing is None or self.pair is None or not self.standing.reason:
            return ""
        return words.doubt(self.pair, self.standing.reason)
