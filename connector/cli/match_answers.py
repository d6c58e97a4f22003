"""What a person says of two records without overwriting what another one has said meanwhile.

Used by `review`, `say` and `take-back` of `okoshi match`. What stands is read anew where the answer is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from connector.cli.match_desk import Desk, Settled
from connector.cli.match_words import Words
from connector.cli.output import clean
from connector.identity.clusters import Answer, Key
from connector.model.records import Kind
from connector.store import clusters, pairs, verdicts
from connector.store.pairs import State
from connector.store.store import Transaction
from connector.store.verdicts import Verdict


@dataclass(frozen=True)
class Answered:
    """What became of an answer. `before` is what had been said, `now` what stands."""

    kept: bool
    before: Verdict | None
    now: Verdict
    settled: Settled


def answer(  # noqa: PLR0913 - the parts of one answer
    desk: Desk, kind: Kind, key: Key, wanted: Answer, by: str, note: str | None = None, *, replace: bool = False
) -> Answered:
    """Keeps an answer. One that stands is replaced only with `replace`, and by "later" never.

    The same answer again leaves the first as it is, unless who gave it adds a note.
    """
    with desk.answering() as tx:
        before = verdicts.get(tx, *key)
        kept = _may(before, wanted, by, note, replace=replace)
        if kept:
            verdicts.say(tx, kind, *key, wanted, desk.now, by, note)
        now = verdicts.get(tx, *key)
    if now is None:
        raise AssertionError(key)
    return Answered(kept, before, now, desk.settled(kind, [key]))


def _may(before: Verdict | None, wanted: Answer, by: str, note: str | None, *, replace: bool) -> bool:
    if before is None or before.answer is Answer.LATER:
        return True
    if before.answer is wanted:
        return replace or (before.by == by and note is not None)
    return replace and wanted is not Answer.LATER


def take_back(desk: Desk, kind: Kind, key: Key) -> tuple[Verdict | None, Settled]:
    """Forgets whatever was said of the two. Returns what it was."""
    with desk.answering() as tx:
        gone = verdicts.get(tx, *key)
        verdicts.take_back(tx, *key)
    return gone, desk.settled(kind, [key])


def undo(desk: Desk, given: Verdict, before: Verdict | None) -> tuple[Verdict | None, Settled]:
    """Puts `before` back in the place of `given` if that still stands. Returns what stands there otherwise."""
    with desk.answering() as tx:
        now = verdicts.get(tx, *given.key)
        if now != given:
            return now, Settled(in_effect=True)
        verdicts.take_back(tx, *given.key)
        if before is not None:
            verdicts.say(tx, given.kind, *given.key, before.answer, before.at, before.by, before.note)
    return None, desk.settled(given.kind, [given.key])


def state(tx: Transaction, key: Key) -> State:
    """What became of two records, kept as a pair or not."""
    if kept := pairs.get(tx, *key):
        return kept.state
    one, two = key
    return State.LINKED if two in clusters.members(tx, [one])[one] else State.APART


def worded(words: Words, verdict: Verdict) -> dict[str, str]:
    """What fills in a text about an answer."""
    return {
        "answer": words(f"match.answer.{verdict.answer}"),
        "by": clean(verdict.by),
        "at": words.moment(verdict.at),
        "one": verdict.left,
        "two": verdict.right,
    }


def consequences(words: Words, settled: Settled) -> Iterator[str]:
    """What else is to be known of an answer that was kept: which others it overrules, and when it takes effect."""
    for one in settled.overruled:
        yield words("match.overruled", **worded(words, one))
    if not settled.in_effect:
        yield words("match.run_alive")
