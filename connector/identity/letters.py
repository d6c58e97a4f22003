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
_SPELLINGS: Final = (
    ("エッチ", "エイチ"),
    ("エツチ", "エイチ"),
    ("ヴイ", "ブイ"),
    ("ヴィー", "ブイ"),
    ("ゼツト", "ゼット"),
)
_INITIALS: Final = re.compile(r"(?<![a-z])[a-z]{1,5}(?![a-z])")


def letters_as_kana(text: str) -> str:
    """Runs of one to five lower-case letters spelled out; longer runs are words and stay."""
    for spelling, usual in _SPELLINGS:
        text = text.replace(spelling, usual)
    return _INITIALS.sub(lambda run: "".join(_NAMES[letter] for letter in run.group()), text)
