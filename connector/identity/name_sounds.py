"""How a name sounds, in Latin letters in which all schools of romanisation and habits of typing are one.

Used by `person_name.py` and `usual_names.py`. Knows letters, no name.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from connector.identity.romaji import kana_to_romaji

_NOT_LETTERS: Final = re.compile(r"[^a-z]")
_SCHOOLS: Final = (
    (re.compile(r"tch"), "cch"),
    (re.compile(r"(?<![sc])hu"), "fu"),
    (re.compile(r"si"), "shi"),
    (re.compile(r"sy"), "sh"),
    (re.compile(r"ti"), "chi"),
    (re.compile(r"[tc]y"), "ch"),
    (re.compile(r"tu"), "tsu"),
    (re.compile(r"(?<=[sc]h)y"), ""),
    (re.compile(r"zi|di|dji"), "ji"),
    (re.compile(r"zy|jy|dy"), "j"),
    (re.compile(r"du|dzu"), "zu"),
    (re.compile(r"m(?=[bpm])"), "n"),
    (re.compile(r"oh(?=[^aiueoy]|$)"), "o"),
    (re.compile(r"o[ou]+"), "o"),
    (re.compile(r"uu+|uh(?=[^aiueoy]|$)"), "u"),
)
_ODD: Final = re.compile("|".join(pattern.pattern for pattern, _ in _SCHOOLS))
"""Finds nothing in most names, which saves them the search for each."""

_SYLLABLES: Final = re.compile(
    r"(?:[kgsznhbpmr]?[aiueo]|[dt][aeo]|tsu|fu|(?:sh|ch|j)[aiuo]|y[auo]|wa|[kgnhbpmr]y[auo]|n(?![aiueoy])"
    r"|k(?=k)|s(?=s)|t(?=t)|c(?=c)|p(?=p))+"
)


def sound_of_kana(kana: str) -> str:
    """Katakana as `sound`."""
    return sound_of_latin(kana_to_romaji(kana))


@lru_cache(maxsize=65_536)
def sound_of_latin(text: str) -> str:
    """Latin letters with Hepburn, Kunrei and typing habits made one. Idempotent.

    Ōno, Ohno, Oono → ono; Zyunichi, Jun'ichi → junichi.
    """
    plain = text.lower()
    if not plain.isascii():
        plain = "".join(character for character in unicodedata.normalize("NFD", plain) if character.isascii())
    letters = plain if plain.isalpha() else _NOT_LETTERS.sub("", plain)
    while _ODD.search(letters):
        before = letters
        for pattern, replacement in _SCHOOLS:
            letters = pattern.sub(replacement, letters)
        if letters == before:
            break
    return letters


def has_japanese_syllables(sound: str) -> bool:
    """Whether a name, as `sound_of_latin` gives it, can be a Japanese one."""
    return bool(_SYLLABLES.fullmatch(sound))
