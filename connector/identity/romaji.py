"""Kana as Latin letters, and Latin letters brought down to what all schools of romanisation share.

Used by `text.py` only. Knows syllables, neither names nor companies.
"""

import re
from typing import Final

_ROWS: Final = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "m": "マミムメモ",
    "r": "ラリルレロ",
    "g": "ガギグゲゴ",
    "z": "ザジズゼゾ",
    "d": "ダヂヅデド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
_SYLLABLES: Final = {
    kana: consonant + vowel for consonant, row in _ROWS.items() for kana, vowel in zip(row, "aiueo", strict=True)
} | {
    "ヤ": "ya",
    "ユ": "yu",
    "ヨ": "yo",
    "ワ": "wa",
    "ヲ": "o",
    "ヰ": "i",
    "ヱ": "e",
    "ン": "n",
    "ヴ": "vu",
    "シ": "shi",
    "チ": "chi",
    "ツ": "tsu",
    "フ": "fu",
    "ジ": "ji",
    "ヂ": "ji",
    "ヅ": "zu",
    "ァ": "a",
    "ィ": "i",
    "ゥ": "u",
    "ェ": "e",
    "ォ": "o",
    "ヮ": "wa",
    "ヵ": "ka",
    "ヶ": "ke",
}
_GLIDES: Final = dict(zip("ャュョ", "auo", strict=True))
_SMALL_VOWELS: Final = dict(zip("ァィゥェォ", "aiueo", strict=True))
_VOWEL: Final = frozenset("aiueo")
_LARGE: Final = "".join(kana for kana in _SYLLABLES if kana not in _SMALL_VOWELS)
_SMALL: Final = "ャュョァィゥェォ"
_USUAL: Final = re.compile(f"(?:[{_LARGE}][{_SMALL}]?ー*)*")
_JOINED: Final = re.compile(f"[{_LARGE}][{_SMALL}]")

_CHARACTERS: Final = re.compile(r"[^a-z]")
_SCHOOLS: Final = tuple(
    (letter, re.compile(pattern), plain)
    for letter, pattern, plain in (
        ("c", r"[tc]ch", "ch"),
        ("s", r"sch|sh(?=[aiueo])|sy(?=[aiueo])", "s"),
        ("c", r"ch(?=[aiueo])|cy(?=[aiueo])", "t"),
        ("t", r"ty(?=[aiueo])", "t"),
        ("t", r"ts(?=u)", "t"),
        ("j", r"jy?(?=[aiueo])", "z"),
        ("z", r"zy(?=[aiueo])|dz", "z"),
        ("d", r"dj|dy(?=[aiueo])", "z"),
        ("y", r"(?<=[kgnhbpmr])y(?=[aiueo])", ""),
        ("f", r"f", "h"),
        ("p", r"ph", "h"),
        ("l", r"l", "r"),
        ("v", r"v", "b"),
        ("m", r"m(?=[bpm])", "n"),
        ("h", r"(?<=[aiueo])h(?=[^aiueo]|$)", ""),
        ("o", r"oo|ou|oh(?=[^aiueo]|$)", "o"),
        ("e", r"ei", "e"),
        ("", r"([a-z])\1+", r"\1"),
    )
)
"""A letter without which the spelling cannot occur, the spelling, and what all schools share."""


def kana_to_romaji(text: str) -> str:
    """Katakana as Hepburn romaji, long marks dropped; everything else as it stands, in lower case."""
    written: list[str] = []
    double = False
    for character in text:
        if character == "ッ":
            double = True
            continue
        if character == "ー":
            continue
        last = written[-1] if written else ""
        if character in _GLIDES and last[-1:] == "i" and len(last) > 1:
            written[-1] = last[:-1] + ("" if last.endswith(("shi", "chi", "ji")) else "y") + _GLIDES[character]
        elif character in _SMALL_VOWELS and len(last) > 1 and last[-1] in _VOWEL:
            written[-1] = last[:-1] + _SMALL_VOWELS[character]
        else:
            syllable = _SYLLABLES.get(character, character.lower())
            written.append(syllable[0] + syllable if double and syllable[:1] not in _VOWEL else syllable)
        double = False
    return "".join(written)


def skeleton_of_romaji(text: str) -> str:
    """Lower-case letters in which shi/si, chi/ti, tsu/tu, fu/hu, ja/zya, nb/mb, oo/ou and l/r are one. Idempotent."""
    letters = _CHARACTERS.sub("", text.lower())
    while True:
        before = letters
        for letter, pattern, plain in _SCHOOLS:
            if letter in letters:
                letters = pattern.sub(plain, letters)
        if letters == before:
            return letters


_SKELETONS: Final = {
    kana: skeleton_of_romaji(kana_to_romaji(kana))
    for kana in (*_SYLLABLES, "ー", *(large + small for large in _LARGE for small in _SMALL))
}
_ALONE: Final = str.maketrans({kana: skeleton for kana, skeleton in _SKELETONS.items() if len(kana) == 1})


def skeleton_of_kana(text: str) -> str:
    """`skeleton_of_romaji` of katakana and whatever else stands between."""
    if _USUAL.fullmatch(text):
        # Each syllable by itself, with the schools' differences gone from the start.
        return skeleton_of_romaji(_JOINED.sub(_skeleton, text).translate(_ALONE))
    return skeleton_of_romaji(kana_to_romaji(text))


def _skeleton(hit: re.Match[str]) -> str:
    return _SKELETONS[hit.group()]
