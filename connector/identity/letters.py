"""Latin letters as Japanese spell them out: NTT is エヌ・ティ・ティ.

Used for the sound of company names. Knows the alphabet only.
"""

import re
from typing import Final

_NAMES: Final = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        [
            "エー",
            "ビー",
            "シー",
            "ディー",
            "イー",
            "エフ",
            "ジー",
            "エイチ",
            "アイ",
            "ジェー",
            "ケー",
            "エル",
            "エム",
            "エヌ",
            "オー",
            "ピー",
            "キュー",
            "アール",
            "エス",
            "ティー",
            "ユー",
            "ブイ",
            "ダブリュー",
            "エックス",
            "ワイ",
            "ゼット",
        ],
        strict=True,
    )
)
_SPELLED: Final = {
    "a": "エ[ーイィ](?![チッツ])",
    "b": "ビ(?:ー|ィー?|イ(?!ー))",
    "c": "シ(?:ー|ィー?|イ(?!ー))",
    "d": "(?:ディ|デイ)(?:ー|イ(?!ー))?",
    "e": "イ[ーイ]",
    "f": "エフ",
    "g": "ジ(?:ー|ィー?|イ(?!ー))",
    "h": "エ[イィッツ]チ",
    "i": "アイ",
    "j": "(?:ジェ|ジエ)(?:[ーィ]|イ(?!ー))?",
    "k": "ケ(?:ー|ィー?|イ(?!ー))",
    "l": "エル",
    "m": "エム",
    "n": "エヌ",
    "o": "オー",
    "p": "ピ(?:ー|ィー?|イ(?!ー))",
    "q": "キ[ュユ]ー?",
    "r": "アール",
    "s": "エス",
    "t": "(?:ティ|テイ)(?:ー|イ(?!ー))?",
    "u": "ユー",
    "v": "ブ[イィ]|ヴ[イィ]ー?",
    "w": "ダブ[リル][ュユ]ー?",
    "x": "エ[ッツ]クス",
    "y": "ワイ",
    "z": "ゼ[ッツ]ト",
}
_LETTER: Final = re.compile("|".join(f"(?P<{letter}>{spelled})" for letter, spelled in _SPELLED.items()))
_RUN: Final = re.compile(f"(?:{'|'.join(_SPELLED.values())}){{2,}}")
_INITIALS: Final = re.compile(r"(?<![a-z])[a-z](?![a-z])")


def kana_as_letters(text: str) -> str:
    """Two and more letters that katakana spells out, as letters (エヌティティ → ntt): shortened, TAC were TEC."""
    return _RUN.sub(lambda run: _LETTER.sub(lambda hit: hit.lastgroup or "", run.group()), text)


def letters_as_kana(text: str) -> str:
    """A lower-case letter that stands alone spelled out; longer runs stay."""
    return _INITIALS.sub(lambda letter: _NAMES[letter.group()], text.replace("エツチ", "エイチ"))
