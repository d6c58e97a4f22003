"""Company names in Latin letters, kana and 漢字: whether two can be compared character by character.

Used by the comparison and by gists. Knows characters, no readings.
"""

import re
from typing import Final

from connector.identity.text import base, folded_base, has_ideographs, has_latin, katakana

_KANA: Final = re.compile("[ぁ-ゖァ-ヺ]")
_KANA_ONLY: Final = re.compile("[ァ-ヺ]+")
_KANJI_ONLY: Final = re.compile(r"[々〆〇㐀-鿿\uac00-\ud7a3\ue000-\ufaff\U00020000-\U0003ffff]+")
_LONGEST_READING: Final = 4
"""Kana for one 漢字; the least is one."""
_SHORT: Final = 4
"""Kana up to which a long mark more or less makes another word of a name."""
_KANA_AND_MARK: Final = re.compile("[ァ-ヺー]+")
_VOWELS: Final = frozenset("アイウエオ")
_OF_OLD_SPELLING: Final = frozenset(zip("ャュョァィゥェォ", "ヤユヨアイウエオ", strict=True))
"""Small letters that firms registered long ago write large (キヤノン, シヤチハタ, 富士フイルム); not ッ."""
_LONG_AT_END: Final = re.compile("ー+(?![ァ-ヺー])")


def in_one_script(left: str, right: str) -> bool:
    """Whether two names are written in the same of Latin letters, kana and 漢字."""
    return _scripts(left) == _scripts(right)


def uncomparable(left: str, right: str) -> bool:
    """Whether two names, in katakana where they are in kana, may be one in two scripts though not alike."""
    return left.isascii() != right.isascii() or _may_be_read(left, right) or _may_be_read(right, left)


def long_mark_left_out(left: str, right: str) -> bool:
    """Whether two short names that sound alike differ by a ー within a word, a vowel or a small letter.

    (エール and エル, オオノ and オノ, マツダ and マッダ.) At the end of a word a ー is a matter of style (サーバ),
    the vowel may stand for it (オーノ), and in a long name (サーバーワークス) all of it is. キヤノン is read キャノン.
    """
    ours, theirs = _long_within(left), _long_within(right)
    if ours == theirs or min(len(ours.replace("ー", "")), len(theirs.replace("ー", ""))) > _SHORT:
        return False
    if ours.replace("ー", "") == theirs.replace("ー", ""):
        return True
    kana = _KANA_AND_MARK.fullmatch(ours) and _KANA_AND_MARK.fullmatch(theirs)
    return bool(kana) and not (len(ours) == len(theirs) and all(map(_one_length, ours, theirs)))


def _one_length(one: str, other: str) -> bool:
    if one == other or (one, other) in _OF_OLD_SPELLING or (other, one) in _OF_OLD_SPELLING:
        return True
    return "ー" in (one, other) and bool({one, other} & _VOWELS)


def _scripts(name: str) -> tuple[bool, bool, bool]:
    return has_latin(name), bool(_KANA.search(name)), has_ideographs(name)


def _may_be_read(kanji: str, kana: str) -> bool:
    """Whether the one may be the other in 漢字, save for a common end (桜商事, さくら商事)."""
    if len(kanji) > len(kana) or not "ァ" <= kana[:1] <= "ヺ":
        return False  # as nearly all
    while kanji and kana and kanji[-1] == kana[-1]:
        kanji, kana = kanji[:-1], kana[:-1]
    return len(kana) <= _LONGEST_READING * len(kanji) and bool(
        _KANJI_ONLY.fullmatch(kanji) and _KANA_ONLY.fullmatch(kana)
    )


def _long_within(name: str) -> str:
    return "".join(_LONG_AT_END.sub("", katakana(folded_base(base(name)))).split())
