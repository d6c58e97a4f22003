"""A company record, normalised once, and the keys under which an index or a store finds it again.

Used by the matcher and by whoever keeps keys. Knows one record at a time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from connector.identity.address import Address, address
from connector.identity.company_name import CompanyName, company_name
from connector.identity.corporate_number import corporate_number
from connector.identity.letters import kana_as_letters
from connector.identity.phone import free_or_navigated, phones
from connector.identity.records import Company
from connector.identity.text import base, folded, has_ideographs, katakana, romaji_key, sounds
from connector.identity.web import company_domain

UNVOICED: Final = str.maketrans(
    "ガギグゲゴザジズゼゾダデドバビブベボパピプペポ", "カキクケコサシスセソタテトハヒフヘホハヒフヘホ"
)
_KANA_FORM: Final = re.compile(r"(?:カブシキ|ユウゲン|ゴウドウ|ゴウシ|ゴウメイ)[カガ]イ?シ[ャヤ]")
_VOWELS: Final = re.compile(r"[aiueoy]")
_TELLING_CONSONANTS: Final = 4
_BETWEEN: Final = re.compile(r"[\s・]")
_SEVERAL: Final = re.compile(r"[、;；/／\n]")
_DIGITS: Final = re.compile(r"\D")
_SEVEN_DIGITS: Final = re.compile(r"[0-9]{7}")
_READ: Final = 500
"""Characters of a value that are read; what is longer is no address, number or web site."""


@dataclass(frozen=True, slots=True)
class NormalisedCompany:
    """What is compared. Empty texts and tuples stand for what the record does not have.

    `english` and `kana` are skeletons without legal form; `sounds` are the name's in Latin letters, `bones` consonants
    and digits of it, one for every spelling of foreign words; `phones` are E.164, and only those of one firm.
    """

    ref: str
    name: CompanyName
    kana: str
    english: str
    sounds: tuple[str, ...]
    bones: frozenset[str]
    formers: tuple[CompanyName, ...]
    number: str
    domain: str
    phones: frozenset[str]
    address: Address
    postal_code: str
    parents: tuple[str, ...]


def normalise_companies(companies: Sequence[Company]) -> list[NormalisedCompany]:
    """The records in their compared form. Never fails: what cannot be read counts as unknown.

    Field by field: what one rule needs stays at hand in the processor, which makes many records a third faster.
    """
    names = [company_name(one.name) for one in companies]
    typed = [company_kana(one.name_kana) for one in companies]
    written = list(map(kana_as_letters, typed))
    kana = list(map(sounds, written))
    english = [english_key(one.name_english) for one in companies]
    cores = ["" if name.nameless or has_ideographs(name.core) else _spelled(name.core) for name in names]
    spoken = list(map(kana_as_letters, cores))
    # Kana as written first: キョ is kyo, and kiyo only where somebody had no small letters.
    heard = [
        _heard(*texts)
        for texts in zip(written, kana, english, spoken, map(_read_out, typed), map(_read_out, cores), strict=True)
    ]
    places = [address(one.address[:_READ]) for one in companies]
    return [
        NormalisedCompany(
            ref=one.ref,
            name=names[at],
            kana=kana[at],
            english=english[at],
            sounds=heard[at],
            bones=_bones(heard[at], names[at]),
            formers=former_names(one, names[at]),
            number=(corporate_number(one.corporate_number) or "") if one.corporate_number else "",
            domain=company_domain(one.website[:_READ]) or company_domain(one.mail[:_READ]),
            phones=company_phones(one.phone[:_READ]) if one.phone else frozenset(),
            address=places[at],
            postal_code=_postal_code(one.postal_code[:_READ]),
            parents=one.parents,
        )
        for at, one in enumerate(companies)
    ]


def normalise_company(company: Company) -> NormalisedCompany:
    """One record in its compared form."""
    return normalise_companies((company,))[0]


def company_phones(text: str) -> frozenset[str]:
    """The numbers that belong to one firm: no mobile and no toll-free ones."""
    return frozenset(found.number for found in phones(text) if not found.mobile and not free_or_navigated(found.number))


def company_kana(text: str) -> str:
    """A company's kana name as it is written, without its legal form."""
    if not text:
        return ""
    written = _spelled(text)
    return _KANA_FORM.sub("", written) or written


def _spelled(text: str) -> str:
    """As it is pronounced: nothing between."""
    return _BETWEEN.sub("", katakana(folded(text)))


def _read_out(kana: str) -> str:
    """The name as a word, beside it as initials (ケイアイ: Keiai, and KI); three and more are initials for sure."""
    letters = kana_as_letters(kana)
    return "" if letters == kana or (letters.isascii() and len(letters) > 2) else kana


def english_key(text: str) -> str:
    """The letters of an English or romanised company name without its legal form."""
    return company_name(text).exact if text else ""


def scripts(company: NormalisedCompany) -> list[str]:
    """Sounds in kana and Latin letters: what a name in another script is found by."""
    return [*(key for key in company.sounds if len(key) > 2), *(f"{key}-" for key in sorted(company.bones))]


def former_names(company: Company, name: CompanyName) -> tuple[CompanyName, ...]:
    """What the firm was called before, by fields of its own or by a note in its name; `raw` is what stands there."""
    if not company.former_names and not name.former:
        return ()
    told = (*company.former_names, *((name.former,) if name.former else ()))
    names = (company_name(one) for text in told for one in _SEVERAL.split(text[:_READ]) if one.strip())
    return tuple(name for name in names if not name.nameless)


def _postal_code(text: str) -> str:
    digits = text if _SEVEN_DIGITS.fullmatch(text) else _DIGITS.sub("", base(text))
    return digits if len(digits) == 7 else ""


def _heard(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for text in texts if text and (key := romaji_key(text))))


def _bones(heard: tuple[str, ...], name: CompanyName) -> frozenset[str]:
    if not heard:
        return frozenset()
    digits = "" if name.exact.isalpha() else _DIGITS.sub("", name.exact)
    return frozenset(key for sound in heard if len(key := consonants(sound) + digits) >= _TELLING_CONSONANTS)


def consonants(romaji: str) -> str:
    """What is left of a romaji skeleton in every spelling of a foreign word (mobile, mobairu → mbr)."""
    return _VOWELS.sub("", romaji.replace("c", "k").replace("q", "k").replace("x", "ks"))


def grams(name: str) -> list[str]:
    """Pieces of a name by which similar ones are found: two characters of 漢字, three of kana and letters."""
    name = name.translate(UNVOICED)
    if len(name) < 3:
        return [name]
    pieces = []
    for at in range(len(name) - 1):
        two = name[at : at + 2]
        if two.isascii() or ("ァ" <= two[0] <= "ヺ" and "ァ" <= two[1] <= "ヺ"):
            pieces.append(name[at : at + 3])
        else:
            pieces.append(two)
    return list(dict.fromkeys(piece for piece in pieces if len(piece) > 1))
