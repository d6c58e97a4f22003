"""`okoshi match say`, `take-back` and `split`: a person's answers without a terminal.

Changes nothing but the store, and reaches no vendor.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal
from unicodedata import normalize

from cyclopts import Parameter
from rich.text import Text

from connector.cli import match_answers
from connector.cli.match_answers import Answered
from connector.cli.match_desk import Desk, Signed, opened, person
from connector.cli.match_documents import Document, verdict_document
from connector.cli.match_screen import named
from connector.cli.match_words import is_merge
from connector.cli.options import Common, Flag, Json
from connector.cli.output import clean, screen, talking, typed, write_json
from connector.identity.clusters import Answer, Key, key_of
from connector.model.errors import WrongUse
from connector.store import clusters, verdicts
from connector.store.pairs import State
from connector.store.verdicts import Verdict

YES = frozenset({"y", "yes", "はい"})


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Saying(Signed):
    """Who answers, why, and whether in the place of another answer."""

    replace: Flag = False
    """Also where a person said otherwise: this answer takes the place of that one."""


def say(
    one: str,
    two: str,
    answer: Literal["same", "different", "later"],
    /,
    *,
    saying: Saying | None = None,
    json: Json = False,
    common: Common | None = None,
) -> int:
    """Say of two records that they are the same, different, or to be judged later. It is never overruled.

    Parameters
    ----------
    one
        A record: its reference (salesforce:Account:001…), its id, or the address of its page.
    two
        The other one, of the same kind.
    answer
        What they are.
    """
    saying = saying or Saying()
    with opened(common) as desk:
        with desk.store.read() as tx:
            kind, key = desk.pair(tx, one, two)
        wanted, by = Answer(answer), person(saying.by)
        answered = match_answers.answer(desk, kind, key, wanted, by, saying.note, replace=saying.replace)
        if answered.now.answer is not wanted:
            raise _answered_already(desk, answered.now, wanted)
        if json:
            write_json(_said_document(answered))
            return 0
        for told in _said(desk, answered):
            screen().print(Text(told))
    return 0


def _answered_already(desk: Desk, stands: Verdict, wanted: Answer) -> WrongUse:
    told = f"Somebody said “{stands.answer}” of {stands.left} and {stands.right}; `okoshi match explain` tells who."
    details = match_answers.worded(desk.words, stands)
    if wanted is Answer.LATER:
        return WrongUse(f"{told} “later” does not replace that.", code="answered_for_good", details=details)
    return WrongUse(f"{told} To replace it, add --replace.", code="answered_already", details=details)


def _said_document(answered: Answered) -> Document:
    """`answer` and `by` are what stands now, `replaced` is what stood before if it does no more."""
    before, now = answered.before, answered.now
    return {
        "pairs": [list(now.key)],
        "answer": now.answer.value,
        "by": now.by,
        "kept": answered.kept,
        "replaced": verdict_document(before) if before and answered.kept else None,
        "overruled": [verdict_document(one, overruled=True) for one in answered.settled.overruled],
        "in_effect": answered.settled.in_effect,
    }


def _said(desk: Desk, answered: Answered) -> Iterator[str]:
    words, before, now = desk.words, answered.before, answered.now
    with desk.store.read() as tx:
        state = match_answers.state(tx, now.key)
    if not answered.kept:
        yield words("match.said.already", **match_answers.worded(words, now))
    elif now.answer is Answer.LATER and state is not State.DOUBTFUL:
        yield words("match.said.later_unasked", state=words(f"match.state.{state}"))
    else:
        yield words(f"match.said.{now.answer}")
    if answered.kept and before and before.answer is not Answer.LATER:
        yield words("match.said.replaced", **match_answers.worded(words, before))
    yield from match_answers.consequences(words, answered.settled)


def take_back(one: str, two: str, /, *, json: Json = False, common: Common | None = None) -> int:
    """Take back what was said of two records; the evidence decides again.

    Parameters
    ----------
    one
        A record: its reference, its id, or the address of its page.
    two
        The other one.
    """
    with opened(common) as desk:
        with desk.store.read() as tx:
            kind, key = desk.pair(tx, one, two)
        gone, settled = match_answers.take_back(desk, kind, key)
        if gone is None:
            raise WrongUse(
                f"Nobody has said anything of {key[0]} and {key[1]}; `okoshi match explain` tells what is known.",
                code="nothing_said",
                details={"one": key[0], "two": key[1]},
            )
        if json:
            write_json({"pairs": [list(key)], "taken_back": verdict_document(gone), "in_effect": settled.in_effect})
            return 0
        console = screen()
        console.print(Text(desk.words("match.undone", **match_answers.worded(desk.words, gone))))
        for told in match_answers.consequences(desk.words, settled):
            console.print(Text(told, "dim"))
    return 0


def split(
    record: str,
    /,
    *,
    signed: Signed | None = None,
    yes: Flag = False,
    json: Json = False,
    common: Common | None = None,
) -> int:
    """Take a record out of its cluster: it is said to be different from every other living one there.

    Parameters
    ----------
    record
        The record: its reference, its id, or the address of its page.
    yes
        Do not ask first.
    """
    signed = signed or Signed()
    with opened(common) as desk:
        with desk.store.read() as tx:
            ref = desk.ref(tx, record)
            group = clusters.members(tx, [str(ref)])[str(ref)]
            known, answers = desk.known(tx, group), verdicts.of(tx, [str(ref)])
        merged = {one for key, said in answers.items() if is_merge(said.note) for one in key if one in group}
        # What was merged into a record in the vendor goes with it, whatever is said of the two.
        others = sorted(one for one in group if one != str(ref) and one in known and not known[one].record.deleted)
        if not others:
            code = "nothing_to_split" if len(group) == 1 else "only_gone_to_split"
            message = f"{ref} is linked with no other record; there is nothing to take it out of."
            raise WrongUse(
                message if len(group) == 1 else f"{message} (Merged ones stay with it.)",
                code=code,
                details={"one": ref},
            )
        console = talking(json=json)
        console.print(Text(desk.words("match.split", count=f"{len(others):,}"), "bold"))
        for one in (str(ref), *others):
            console.print(Text.assemble("- " if one == str(ref) else "  ", named(known, one)))
        keys = [key_of(str(ref), other) for other in others]
        for key in keys:
            if key in answers and answers[key].answer is Answer.SAME:
                console.print(
                    Text(desk.words("match.split_replaces", **match_answers.worded(desk.words, answers[key])))
                )
        for one in sorted(merged.intersection(others)):
            console.print(Text(desk.words("match.split.merged", name=clean(known.name(one)), ref=one), "bold red"))
        nobody = WrongUse("Nobody is there to agree; add --yes.", code="nobody_agrees")
        if not yes and normalize("NFKC", typed(desk.words("match.agree"), nobody)).casefold() not in YES:
            console.print(Text(desk.words("match.left_as_it_is"), "dim"))
            return 0
        in_effect = desk.say(desk.kind(ref), dict.fromkeys(keys, Answer.DIFFERENT), person(signed.by), signed.note)
        beside = {"merged_in_vendor": sorted(merged.intersection(others))}
        _tell(desk, keys, "match.said.different", in_effect=in_effect, json=json, beside=beside)
    return 0


def _tell(
    desk: Desk,
    keys: Sequence[Key],
    told: str,
    *,
    in_effect: bool,
    json: bool,
    beside: Mapping[str, object] = MappingProxyType({}),
) -> None:
    if json:
        write_json({"pairs": [list(key) for key in keys], "in_effect": in_effect, **beside})
        return
    console = screen()
    console.print(Text(desk.words(told)))
    if not in_effect:
        console.print(Text(desk.words("match.run_alive"), "dim"))
