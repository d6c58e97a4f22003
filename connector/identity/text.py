"""Spellings of one text: width, case, invisible and variant characters, kana, romaji.

Used by the parts that normalise companies and people. Every function is pure and idempotent and takes any text; none
knows what the text means.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from connector.identity.romaji import skeleton_of_kana
from connector.identity.variants import LOOSE_VARIANTS, VARIANTS

INVISIBLE: Final = {
    ord(character): None
    for character in "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c"
    "\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u3164\ufeff\uffa0"
} | dict.fromkeys((*range(65024, 65040), *range(917760, 918000)))
"""Characters that show nothing: soft hyphens, zero widths, direction marks, fillers, variation selectors."""

DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−⁃﹘﹣－─━"), "-")
"""Dashes that people type for a hyphen. The katakana long-vowel mark is not among them: it is a sound."""

APOSTROPHES: Final = dict.fromkeys(map(ord, "‘’‛′`´ʼ＇"), "'")

_TIDY: Final = INVISIBLE | DASHES | APOSTROPHES
_UNTIDY: Final = re.compile(
    # Those beyond the first plane as a range: one by one they make each search ten times as long.
    "[" + "".join(re.escape(chr(code)) for code in _TIDY if code < 0x10000) + "\U000e0100-\U000e01ef]"
)
_NARROW: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_KATAKANA: Final = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_LONG_AFTER_KANA: Final = re.compile(r"(?<=[ァ-ヺー])-+(?![0-9a-zA-Z])|(?<=[ァ-ヺ])-+(?=[ァ-ヺ])")
_CYRILLIC_AND_GREEK: Final = str.maketrans("АВЕКМНОРСТУХаеорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTYXaeopcyxABEZHIKMNOPTYXo")
_IDEOGRAPH: Final = re.compile(r"[々〆〇㐀-鿿\uac00-\ud7a3\ue000-\ufaff\U00020000-\U0003ffff]")
_KANA_ONLY: Final = re.compile(r"[ァ-ヺー・゠\s]+")
_PLAIN_KANA: Final = re.compile(r"[ァ-ヺー]+")
_LATIN: Final = re.compile(r"[A-Za-z]")
_VARIANT: Final = re.compile("[" + "".join(map(chr, VARIANTS)) + "]")

_SAME_SOUND: Final = {
    **dict(zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True)),
    "ヱ": "エ",
    "ヰ": "イ",
    "ヲ": "オ",
    "ヂ": "ジ",
    "ヅ": "ズ",
    "ヴ": "ブ",
    **dict.fromkeys("ー・゠ -", ""),
}
_VA: Final = re.compile("[ヴゔ]([ァィェォぁぃぇぉ])")
_SAME_VA: Final = dict(zip("ァィェォぁぃぇぉ", "バビベボバビベボ", strict=True))
_SOUNDS: Final = {code: _SAME_SOUND.get(chr(large), chr(large)) for code, large in _KATAKANA.items()} | {
    ord(kana): sound for kana, sound in _SAME_SOUND.items()
}
_LENGTHENED: Final = re.compile(
    r"(?<=[アカサタナハマヤラワガザダバパ])ア|(?<=[イキシチニヒミリギジビピ])イ|(?<=[ウクスツヌフムユルグズブプ])ウ"
    r"|(?<=[エケセテネヘメレゲゼデベペ])[エイ]|(?<=[オコソトノホモヨロゴゾドボポ])[オウ]"
)


def base(text: str | None) -> str:
    """The text as it is shown and compared first: NFKC, nothing invisible, one kind of dash, single spaces.

    Case and variant characters stay. 「㈱ アクメ」 → 「(株) アクメ」.
    """
    if not text:
        return ""
    seen = text
    if not text.isascii() and not unicodedata.is_normalized("NFKC", text):
        # Full-width letters and digits first, which are most of what is to be done: NFKC takes five times as long.
        seen = unicodedata.normalize("NFKC", text.translate(_NARROW))
    while _UNTIDY.search(seen):
        # Taking something invisible out can put a letter beside its combining mark: NFKC again.
        seen = unicodedata.normalize("NFKC", seen.translate(_TIDY))
    return " ".join(seen.split())


def folded(text: str | None) -> str:
    """`base` without case, with common variant characters made one (髙 → 高; 斉 and 斎 stay apart)."""
    return folded_base(base(text))


def folded_base(text: str) -> str:
    """`folded` of a text that went through `base`."""
    seen = text.casefold()
    if not seen.isascii():
        seen = seen.translate(VARIANTS) if _VARIANT.search(seen) else seen
        while not unicodedata.is_normalized("NFKC", seen) or seen != seen.casefold():
            before, seen = seen, base(seen).casefold()
            if seen == before:
                return base(seen)  # a letter that falls apart in lower case and comes together again (ΐ, ǰ)
    return seen


def loosely_folded(text: str | None) -> str:
    """`folded` with the variants made one that are often, not always, the same word or name (斉 and 斎, 廣 and 広)."""
    return folded(text).translate(LOOSE_VARIANTS)


def katakana(text: str) -> str:
    """Hiragana as katakana; a hyphen that follows katakana as the long-vowel mark that it stands for."""
    return _LONG_AFTER_KANA.sub("ー", text.translate(_KATAKANA))


def kana_key(text: str | None) -> str:
    """The sounds of a kana text without what people write in two ways: small and long kana, voiced twins, dots, spaces.

    キョクヨウ, きょくよー and キヨクヨウ are one. Characters that are not kana stay.
    """
    return sounds(folded(text))


def sounds(text: str) -> str:
    """`kana_key` of a text that is `folded` already."""
    heard = _heard(text)
    while not unicodedata.is_normalized("NFC", heard):
        # Without what stood between them, a letter and its voicing mark are one letter.
        heard = _heard(unicodedata.normalize("NFC", heard))
    return heard


def _heard(text: str) -> str:
    if "ヴ" in text or "ゔ" in text:
        text = _VA.sub(lambda hit: _SAME_VA[hit.group(1)], text)
    heard = text.translate(_SOUNDS)
    while (shorter := _LENGTHENED.sub("", heard)) != heard:
        heard = shorter
    return heard


def is_kana(text: str) -> bool:
    """Whether the text is kana and nothing else, save dots and spaces."""
    return bool(_KANA_ONLY.fullmatch(katakana(text)))


def has_ideographs(text: str) -> bool:
    """Whether a 漢字 is in the text, or what tells its sound as little here: 外字, Hangul."""
    return bool(_IDEOGRAPH.search(text))


def has_latin(text: str) -> bool:
    """Whether a Latin letter is in the text (widths are the caller's matter: give it `base`)."""
    return bool(_LATIN.search(text))


@lru_cache(maxsize=65_536)
def romaji_key(text: str) -> str:
    """How the text sounds in Latin letters, so coarsely that 渡辺's Watanabe, WATANABE and ワタナベ are one.

    Long vowels, doubled consonants, spaces and the schools of romanisation (si/shi, tu/tsu, nb/mb, l/r) are gone.
    Other characters (漢字) are dropped: give it kana or Latin.
    """
    plain = text if _PLAIN_KANA.fullmatch(text) else katakana(folded(text))
    return skeleton_of_kana(plain)


def lookalikes_to_latin(text: str) -> str:
    """Cyrillic and Greek letters that look Latin, as Latin, in a text that has Latin letters besides."""
    return text.translate(_CYRILLIC_AND_GREEK) if has_latin(text) else text
