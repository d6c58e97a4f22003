"""Kana that stand where a 漢字 of the same looks belongs, and the other way round: ニ宮, 健ー, 力トウ.

Used by `person_name.py` and `company_name.py`. Scanned cards are full of them. Knows characters, no name.
"""

import re
from typing import Final

_KANA: Final = "ニカロハエタトーチオ"
_IDEOGRAPHS: Final = "二力口八工夕卜一千才"
_AS_IDEOGRAPH: Final = str.maketrans(_KANA, _IDEOGRAPHS)
AS_KANA: Final = str.maketrans(_IDEOGRAPHS, _KANA)
"""For `str.translate`: 漢字 that a card scanner takes for katakana. Which of them are meant, their neighbours tell."""
_ALONE: Final = re.compile(
    r"(?<![ぁ-ゖァ-ヺー])[ニカロハエタト](?=[々一-鿿])|(?<=[々一-鿿])[ニカロハエタト](?![ぁ-ゖァ-ヺー])|^ー|(?<=[々一-鿿])ー"
)
"""One kana beside a 漢字 and no other kana; a long mark that has nothing to make long."""
_AMONG_KANA: Final = re.compile(r"[力口工夕卜]|(?<=[ァ-ヺー])[二八一](?=[ァ-ヺー])")
_MOSTLY_KANA: Final = re.compile(
    r"[ァ-ヺー力口工夕卜二八一]*[ァ-ヺ]{2}[ァ-ヺー力口工夕卜二八一]*|[力口工夕卜][ァ-ヺー]|[ァ-ヺ](?:[力口工夕卜]|[二八一][ァ-ヺ])"
)


def misread(name: str) -> str:
    """The name, in which a 漢字 stands, in the characters that it looks like."""
    if _MOSTLY_KANA.fullmatch(name):
        return _AMONG_KANA.sub(lambda hit: hit[0].translate(AS_KANA), name)
    return _ALONE.sub(lambda hit: hit[0].translate(_AS_IDEOGRAPH), name)
