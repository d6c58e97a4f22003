"""A person answers doubtful pairs at a terminal, one after the other.

Used by `okoshi match review`. What was said is kept at once and never asked again.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from connector.cli import match_answers
from connector.cli.match_asked import Asked, Left, Matched
from connector.cli.match_desk import LOCKED, Desk, Settled
from connector.cli.match_records import Known
from connector.cli.match_screen import evidence_table, show_doubt, show_records
from connector.cli.match_standing import Standing, Thresholds, standing
from connector.cli.output import clean
from connector.identity.clusters import Answer
from connector.model.errors import StopSync
from connector.store import pairs
from connector.store.pairs import KeptPair
from connector.store.verdicts import Verdict

UNDO, QUIT = "undo", "quit"
TYPEABLE: Final[Mapping[str, tuple[str, ...]]] = {
    Answer.SAME: ("s", "same", "同", "同じ", "y", "yes", "はい"),
    Answer.DIFFERENT: ("d", "different", "別", "別々", "違う", "n", "no", "いいえ"),
    Answer.LATER: ("l", "later", "後", "後で", "あとで"),
    UNDO: ("u", "undo", "戻す", "戻る"),
    QUIT: ("q", "quit", "exit", "終", "終了"),
}
"""What may be typed, in either language and of any width."""

Ask = Callable[[str], str]


@dataclass(frozen=True)
class Question:
    """A pair as a person is asked about it."""

    kept: KeptPair
    known: Known
    standing: Standing
    left: int


@dataclass(frozen=True)
class Said:
    """An answer of this sitting, and what had been said before."""

    verdict: Verdict
    before: Verdict | None


@dataclass(eq=False)
class Sitting:
    """Somebody answers, pair by pair, until nothing is left, the limit is reached or he stops."""

    desk: Desk
    console: Console
    ask: Ask
    by: str
    asked: Asked
    _said: list[Said] = field(default_factory=list)

    def hold(self) -> int:
        """Asks; answers the exit code."""
        self._tell("match.keys")
        try:
            self._go_on()
        except KeyboardInterrupt:
            self.console.print()
            self._tell("match.kept_so_far")
            self._sum_up()
            raise
        self._sum_up()
        return 0

    def _go_on(self) -> None:
        while self.asked.limit is None or len(self._said) < self.asked.limit:
            question = self._next()
            if question is None:
                self._end()
                return
            self._show(question)
            while True:
                meant = self._meant()
                if meant == QUIT:
                    return
                if self._done(question, meant):
                    break

    def _next(self) -> Question | None:
        """The likeliest pair that was not answered in this sitting: an answer may bring others up."""
        said = {one.verdict.key for one in self._said}
        with self.desk.store.read() as tx:
            found = pairs.doubtful(tx, self.asked.kind, len(said) + 1, put_off=self.asked.later)
            kept = next((one for one in found if one.pair.key not in said), None)
            if kept is None:
                return None
            stands = standing(tx, kept.pair, Thresholds.of(self.desk.mappings.identity, kept.kind))
            refs = {*kept.pair.key, *(stands.rival.pair.key if stands.rival else ())}
            # What was put off in this sitting is not asked again in it, even where all that was put off is asked.
            again = self._put_off() if self.asked.later else 0
            return Question(kept, self.desk.known(tx, refs), stands, Left.of(tx, self.asked).asked - again)

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
                typed = self.ask(f"{self.desk.words('match.prompt')} ")
            except EOFError:
                self.console.print()
                return QUIT
            plain = unicodedata.normalize("NFKC", clean(typed)).strip().casefold()
            if meant := next((one for one, typeable in TYPEABLE.items() if plain in typeable), None):
                return meant
            self._tell("match.keys")

    def _done(self, question: Question, meant: str) -> bool:
        """Whether it could be done; while another program is writing it cannot, and the same pair is asked again."""
        try:
            if meant == UNDO:
                self._undo()
            else:
                self._keep(question.kept, Answer(meant))
        except StopSync as busy:
            if busy.code != LOCKED:
                raise
            self._tell("match.busy")
            return False
        return True

    def _keep(self, kept: KeptPair, answer: Answer) -> None:
        answered = match_answers.answer(self.desk, kept.kind, kept.pair.key, answer, self.by)
        if not answered.kept:
            self._tell("match.answered_meanwhile", **self._of(answered.now))
            return
        self._said.append(Said(answered.now, answered.before))
        self._tell(f"match.said.{answer}")
        self._tell_settled(answered.settled)

    def _undo(self) -> None:
        """The last answer is taken back, or replaced by what had been said before, and the pair asked about again."""
        if not self._said:
            self._tell("match.nothing_to_undo")
            return
        last = self._said[-1]
        stands, settled = match_answers.undo(self.desk, last.verdict, last.before)
        self._said.pop()
        if stands is not None:
            self._tell("match.not_undone", **self._of(stands))
            return
        self._tell("match.undone", **self._of(last.verdict))
        self._tell_settled(settled)

    def _end(self) -> None:
        with self.desk.store.read() as tx:
            left, matched = Left.of(tx, self.asked), Matched.of(tx, self.asked.kind)
        for told in left.told(self.desk.words, self.asked, matched, finished=bool(self._said)):
            self.console.print(Text(told, "dim"))

    def _sum_up(self) -> None:
        later = self._put_off()
        self._tell("match.answered", count=f"{len(self._said) - later:,}", later=f"{later:,}")

    def _put_off(self) -> int:
        return sum(one.verdict.answer is Answer.LATER for one in self._said)

    def _tell_settled(self, settled: Settled) -> None:
        for told in match_answers.consequences(self.desk.words, settled):
            self.console.print(Text(told, "dim"))

    def _of(self, verdict: Verdict) -> dict[str, str]:
        return match_answers.worded(self.desk.words, verdict)

    def _tell(self, key: str, **values: str) -> None:
        self.console.print(Text(self.desk.words(key, **values), "dim"))
