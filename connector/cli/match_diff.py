"""Two values side by side with the characters that differ marked, so that it is seen without colour as well.

Used by the pages of `okoshi match`. Knows no field and no record.
"""

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Final

from rapidfuzz.distance import Indel, Levenshtein
from rich.text import Text

from connector.cli.output import clean

BRACKETS: Final = (("[", "]"), ("{", "}"), ("<", ">"), ("«", "»"))
"""The first of these that neither value holds stands around what differs."""

MARKED: Final = "bold underline"
MOSTLY_OTHER: Final = 0.4
"""Share of common characters below which single marks would only confuse: the whole value is marked."""

AGREEING_LETTERS: Final = 3
"""Letters of the alphabet that say something where they stand between others that differ."""

_SPACES: Final = {" ": "␣", "\u3000": "□"}
_UNSEEN: Final = frozenset({"Cf", "Mn", "Me", "Zs", "Zl", "Zp"})


def marked(left: object, right: object) -> tuple[Text, Text]:
    """Both values as harmless text. Nothing is marked where one is blank, nor what differs in width alone (Ａ, A)."""
    one, two = clean(left), clean(right)
    if not one or not two or one == two:
        return Text(one), Text(two)
    opening, closing = next((pair for pair in BRACKETS if set(pair).isdisjoint(one + two)), BRACKETS[0])
    ours, theirs = Text(), Text()
    for differs, mine, yours in _runs(one, two):
        for side, part in ((ours, mine), (theirs, yours)):
            if differs and part:
                side.append(f"{opening}{_visible(part)}{closing}", MARKED)
            else:
                side.append(part)
    return ours, theirs


def _runs(one: str, two: str) -> Iterator[tuple[bool, str, str]]:
    """(differs, left part, right part) from beginning to end, two that differ never in a row."""
    ours, theirs = _widthless(one), _widthless(two)
    if Indel.normalized_similarity(ours, theirs) < MOSTLY_OTHER:
        yield True, one, two
        return
    steps = list(Levenshtein.opcodes(ours, theirs))
    parts = [(one[step.src_start : step.src_end], two[step.dest_start : step.dest_end]) for step in steps]
    differing = [
        step.tag != "equal" or (0 < place < len(steps) - 1 and _by_chance(part[0]))
        for place, (step, part) in enumerate(zip(steps, parts, strict=True))
    ]
    for differs, run in groupby(zip(differing, parts, strict=True), key=itemgetter(0)):
        together = [part for _, part in run]
        yield differs, "".join(mine for mine, _ in together), "".join(yours for _, yours in together)


def _by_chance(part: str) -> bool:
    """A letter or two of the alphabet amid others are no agreement; a Chinese character is."""
    return len(part) < AGREEING_LETTERS and part.isascii() and part.isalpha()


def _widthless(value: str) -> list[str]:
    """Each character as it is without its width."""
    return [unicodedata.normalize("NFKC", character) for character in value]


def _visible(part: str) -> str:
    """Spaces and characters without a shape of their own would be brackets around nothing."""
    return "".join(_SPACES.get(c, f"U+{ord(c):04X}" if unicodedata.category(c) in _UNSEEN else c) for c in part)
