"""How far one name agrees with another, as it is written and as it is read: the levels of family, given and whole.

Used by `people_names.py`. Knows two names at a time, neither whose they are nor what a level weighs.
"""

from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA, JaroWinkler

from connector.identity.person_name import NamePart
from connector.identity.transcription import transcribed
from connector.mapping.identity_people import PeopleRules

_TYPO_LENGTH: Final = 4
"""Letters from which on one changed letter of a reading is taken for a typing error."""


def level_of(
    mine: NamePart, theirs: NamePart, my_reading: NamePart, their_reading: NamePart, rules: PeopleRules
) -> tuple[str | None, str]:
    """How far one name agrees, with its reading where that is known, and the value on which both agree."""
    if not mine or not theirs:
        if my_reading and their_reading:
            mine, theirs = mine or my_reading, theirs or their_reading
        else:
            return None, ""
    return _compared(mine, theirs, my_reading, their_reading, rules.close, rules.similar)


@lru_cache(maxsize=262_144)
def _compared(
    mine: NamePart, theirs: NamePart, my_reading: NamePart, their_reading: NamePart, close: float, similar: float
) -> tuple[str | None, str]:
    written = _written(mine, theirs, close, similar)
    read = _read(mine if mine.sound else my_reading, theirs if theirs.sound else their_reading)
    if written in ("same", "variant"):
        told_apart = read == "differs" and bool(my_reading and their_reading)
        return ("other_reading" if told_apart else written), mine.loose
    if read == "same":
        both = mine.ideographs and theirs.ideographs
        return ("homophone", "") if both else ("reading", mine.sound or my_reading.sound)
    if read == "transcribed":
        return "reading", ""
    if read == "alike":
        return "similar", ""
    # 武 and 隆 do not become one name because タケシ and タカシ look alike.
    mistyped = written == "differs" and not mine.ideographs and read in ("close", "initial")
    better = written is None or mistyped
    return (read if better else written), ""


def _written(mine: NamePart, theirs: NamePart, close: float, similar: float) -> str | None:
    """How far the characters agree, or `None` if they are of different scripts."""
    if mine.written == theirs.written:
        return "initial" if len(mine.written) == 1 and mine.written.isascii() else "same"
    if mine.ideographs != theirs.ideographs or bool(mine.kana) != bool(theirs.kana):
        return None
    if mine.loose == theirs.loose:
        return "variant"
    return _ideographs(mine.loose, theirs.loose) if mine.ideographs else _letters(mine, theirs, close, similar)


def _ideographs(one: str, two: str) -> str:
    """Of three characters one may be mistyped; of two, one that differs makes another name."""
    return "close" if min(len(one), len(two)) > 2 and OSA.distance(one, two) == 1 else "differs"


def _letters(mine: NamePart, theirs: NamePart, close: float, similar: float) -> str:
    one, two = mine.loose, theirs.loose
    if len(one) == 1 or len(two) == 1:
        return "initial" if one[:1] == two[:1] and not mine.kana else "differs"
    if mine.first == theirs.first and mine.first and one != two:
        # John and John Fitzgerald: only one of them is written with all names.
        return "close"
    similarity = JaroWinkler.similarity(one, two, score_cutoff=similar)
    if similarity >= close:
        return "close"
    return "similar" if similarity else "differs"


def _read(mine: NamePart, theirs: NamePart) -> str | None:
    """How far the readings agree: `same`, `alike` (kana that Latin letters cannot tell apart), `close` …, or `None`.

    `transcribed`: kana spell a name from abroad as Japanese do.
    """
    if not mine.sound or not theirs.sound:
        return None
    if mine.kana and theirs.kana and mine.kana == theirs.kana:
        return "same"
    if mine.sound == theirs.sound and len(mine.sound) > 1:
        # オノ and オオノ are two names, ユウコ and ユーコ one; Latin letters tell neither apart.
        apart = mine.kana and theirs.kana and "ー" not in mine.kana + theirs.kana
        return "alike" if apart else "same"
    short, long = sorted((mine.sound, theirs.sound), key=len)
    if len(short) == 1:
        # K and K are as many people as K and Kenji.
        return "initial" if long.startswith(short) else "differs"
    if told := _transcribed(mine, theirs):
        return told
    return "close" if len(short) >= _TYPO_LENGTH and OSA.distance(short, long) == 1 else "differs"


def _transcribed(mine: NamePart, theirs: NamePart) -> str:
    if bool(mine.kana) == bool(theirs.kana):
        return ""
    latin, kana = (theirs, mine) if mine.kana else (mine, theirs)
    told = transcribed(latin.written, kana.kana)
    return "transcribed" if told == "same" else told
