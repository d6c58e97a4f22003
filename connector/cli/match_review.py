"""`okoshi match review`: the doubtful pairs, one after the other, the likeliest first, and what a person says of them.

At a terminal it asks; elsewhere it lists what there is to answer. What was said is kept at once and never asked again.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from connector.cli.match_desk import Desk, kind_of, opened, person
from connector.cli.match_documents import kept_document
from connector.cli.match_records import Known
from connector.cli.match_screen import doubtful_table, evidence_table, show_doubt, show_records
from connector.cli.match_standing import Standing, Thresholds, standing
from connector.cli.options import Common, Flag, Json
from connector.cli.output import clean, screen, write_json
from connector.identity.clusters import Answer, Key
from connector.model.records import Kind
from connector.store import pairs, verdicts
from connector.store.pairs import KeptPair, State
from connector.store.store import Transaction
from connector.store.verdicts import Verdict

SHOWN_ROWS = 50
UNDO, QUIT = "undo", "quit"
TYPEABLE: Final[Mapping[str, tuple[str, ...]]] = {
    Answer.SAME: ("s", "same", "同", "同じ", "y", "yes", "はい"),
    Answer.DIFFERENT: ("d", "different", "別", "別々", "違う", "n", "no", "いいえ"),
    Answer.LATER: ("l", "later", "後", "後で", "あとで"),
    UNDO: ("u", "undo", "戻す", "戻る"),
    QUIT: ("q", "quit", "exit", "終", "終了"),
}
"""What may be typed, in either language."""

Ask = Callable[[str], str]


def review(
    *,
    kind: Literal["account", "person"] | None = None,
    limit: int | None = None,
    later: Flag = False,
    by: str | None = None,
    json: Json = False,
    common: Common | None = None,
) -> int:
    """Answer whether doubtful pairs are one, the likeliest first; without a terminal, list them.

    Parameters
    ----------
    kind
        Companies or people only.
    limit
        So many pairs at most.
    later
        Also those that were put off.
    by
        Who answers (default: the user of this machine).
    """
    with opened(common) as desk:
        asked = Asked(kind_of(kind), limit, later=later)
        if not json and sys.stdin.isatty() and sys.stdout.isatty():
            return Sitting(desk, screen(), input, person(by), asked).hold()
        return _listed(desk, asked, json=json)


@dataclass(frozen=True)
class Asked:
    """Which pairs somebody wants to see."""

    kind: Kind | None = None
    limit: int | None = None
    later: bool = field(default=False, kw_only=True)

    def left(self, tx: Transaction) -> int:
        """How many are doubtful in all."""
        counts = pairs.count(tx).items()
        return sum(count for (kind, state), count in counts if state is State.DOUBTFUL and self.kind in (None, kind))


def _listed(desk: Desk, asked: Asked, *, json: bool) -> int:
    words = desk.words
    with desk.store.read() as tx:
        found = pairs.doubtful(tx, asked.kind, asked.limit or SHOWN_ROWS, put_off=asked.later)
        left = asked.left(tx)
        known = desk.known(tx, {ref for kept in found for ref in kept.pair.key})
        stands = [standing(tx, kept.pair, Thresholds.of(desk.mappings.identity, kept.kind)) for kept in found]
    if json:
        documents = [kept_document(words, kept, known, stand) for kept, stand in zip(found, stands, strict=True)]
        write_json({"doubtful": left, "pairs": documents})
        return 0
    console = screen()
    if not found:
        console.print(Text(words("match.none")))
        return 0
    console.print(doubtful_table(words, list(zip(found, stands, strict=True)), known))
    if left > len(found):
        console.print(Text(words("match.more", count=f"{left - len(found):,}"), "dim"))
    console.print(Text(words("match.how_to_answer"), "dim"))
    return 0


@dataclass(frozen=True)
class Question:
    """A pair as a person is asked about it."""

    kept: KeptPair
    known: Known
    standing: Standing
    left: int

    @property
    def key(self) -> Key:
        """Both refs, in order."""
        return self.kept.pair.key


@dataclass(eq=False)
class Sitting:
    """Somebody answers, pair by pair, until nothing is left, the limit is reached or he stops."""

    desk: Desk
    console: Console
    ask: Ask
    by: str
    asked: Asked
    _said: list[tuple[KeptPair, Verdict | None]] = field(default_factory=list)
    """What was answered, each with what had been said before."""

    def hold(self) -> int:
        """Asks; answers the exit code."""
        self._tell("match.keys")
        while self.asked.limit is None or len(self._said) < self.asked.limit:
            question = self._next()
            if question is None:
                self._tell("match.finished" if self._said else "match.none")
                break
            self._show(question)
            meant = self._meant()
            if meant == QUIT:
                break
            if meant == UNDO:
                self._undo()
            else:
                self._keep(question.kept, Answer(meant))
        self._tell("match.answered", count=f"{len(self._said):,}")
        return 0

    def _next(self) -> Question | None:
        """The likeliest pair that was not answered in this sitting: an answer may bring others up."""
        said = {kept.pair.key for kept, _ in self._said}
        with self.desk.store.read() as tx:
            found = pairs.doubtful(tx, self.asked.kind, len(said) + 1, put_off=self.asked.later)
            kept = next((one for one in found if one.pair.key not in said), None)
            if kept is None:
                return None
            stands = standing(tx, kept.pair, Thresholds.of(self.desk.mappings.identity, kept.kind))
            refs = {*kept.pair.key, *(stands.rival.pair.key if stands.rival else ())}
            return Question(kept, self.desk.known(tx, refs), stands, self.asked.left(tx))

    def _show(self, question: Question) -> None:
        words, console, pair = self.desk.words, self.console, question.kept.pair
        title = words(f"match.question.{question.kept.kind}", left=f"{question.left:,}")
        console.print()
        console.print(Rule(Text(title, "bold"), align="left", characters="-"))
        one, two = question.known[pair.left], question.known[pair.right]
        show_records(console, words, one, two)
        show_doubt(console, words, pair, question.standing, question.known)
        console.print(evidence_table(words, pair.evidence, one, two))

    def _meant(self) -> str:
        """What was meant; asks again until it is clear. No more input is the end."""
        while True:
            try:
                typed = clean(self.ask(f"{self.desk.words('match.prompt')} ")).casefold()
            except EOFError:
                return QUIT
            if meant := next((one for one, typeable in TYPEABLE.items() if typed in typeable), None):
                return meant
            self._tell("match.keys")

    def _keep(self, kept: KeptPair, answer: Answer) -> None:
        with self.desk.store.read() as tx:
            before = verdicts.get(tx, *kept.pair.key)
        in_effect = self.desk.say(kept.kind, {kept.pair.key: answer}, self.by)
        self._said.append((kept, before))
        self._tell(f"match.said.{answer}")
        if not in_effect:
            self._tell("match.run_alive")

    def _undo(self) -> None:
        """The last answer is taken back, or replaced by what had been said before, and the pair asked about again."""
        if not self._said:
            self._tell("match.nothing_to_undo")
            return
        kept, before = self._said.pop()
        if before is None:
            self.desk.take_back(kept.kind, kept.pair.key)
        else:
            self.desk.say(kept.kind, {kept.pair.key: before.answer}, before.by, before.note)
        self._tell("match.undone")

    def _tell(self, key: str, **values: str) -> None:
        self.console.print(Text(self.desk.words(key, **values), "dim"))
