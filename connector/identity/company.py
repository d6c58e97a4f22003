"""A company record, normalised once, and the keys under which an index or a store finds it again.

Used by the matcher and by whoever keeps keys. Knows one record at a time.
"""

import re
from dataclasses import dataclass
from typing import Final

from connector.identity.address import Address, address
from connector.identity.company_name import CompanyName, company_name
from connector.identity.corporate_number import corporate_number
from connector.identity.phone import phones
from connector.identity.records import Company
from connector.identity.text import base, folded, katakana, romaji_key, sounds
from connector.identity.web import company_domain

UNVOICED: Final = str.maketrans(
    "ガギグゲゴザジズゼゾダデドバビブベボパピプペポ", "カキクケコサシスセソタテトハヒフヘホハヒフヘホ"
)
_KANA_FORM: Final = re.compile(r"(?:カブシキ|ユウゲン|ゴウドウ|ゴウシ|ゴウメイ)[カガ]イ?シ[ャヤ]")
_VOWELS: Final = re.compile(r"[aiueoy]")
_TELLING_CONSONANTS: Final = 4
_BETWEEN: Final = re.compile(r"[\s・]")
_DIGITS: Final = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class NormalisedCompany:
    """What is compared. Empty texts and tuples stand for what the record does not have.

    `english` and `kana` are skeletons without legal form; `phones` are E.164 and only those that belong to one firm.
    """

    ref: str
    name: CompanyName
    kana: str
    english: str
    formers: tuple[CompanyName, ...]
    number: str
    domain: str
    phones: frozenset[str]
    address: Address
    postal_code: str
    parents: tuple[str, ...]


def normalise_company(company: Company) -> NormalisedCompany:
    """The record in its compared form. Never fails: what cannot be read counts as unknown."""
    name = company_name(company.name)
    formers = tuple(map(company_name, (*company.former_names, *((name.former,) if name.former else ()))))
    postal_code = _DIGITS.sub("", base(company.postal_code)) if company.postal_code else ""
    return NormalisedCompany(
        ref=company.ref,
        name=name,
        kana=company_kana(company.name_kana),
        english=english_key(company.name_english),
        formers=formers,
        number=(corporate_number(company.corporate_number) or "") if company.corporate_number else "",
        domain=company_domain(company.website) or company_domain(company.mail),
        phones=frozenset(phone.number for phone in phones(company.phone) if not phone.mobile),
        address=address(company.address),
        postal_code=postal_code if len(postal_code) == 7 else "",
        parents=company.parents,
    )  # fmt: skip


def company_kana(text: str) -> str:
    """The sounds of a company's kana name without its legal form."""
    if not text:
        return ""
    written = _BETWEEN.sub("", katakana(folded(text)))
    return sounds(_KANA_FORM.sub("", written) or written)


def english_key(text: str) -> str:
    """The letters of an English or romanised company name without its legal form."""
    return company_name(text).exact if text else ""


def exact_keys(company: NormalisedCompany) -> list[str]:
    """Keys under which the same company is surely found, the strongest first."""
    keys = [f"number:{company.number}"] if company.number else []
    keys += [f"name:{name.sound}" for name in (company.name, *company.formers)]
    if company.name.stem != company.name.sound:
        keys.append(f"stem:{company.name.stem}")
    if company.domain:
        keys.append(f"domain:{company.domain}")
    keys += [f"phone:{phone}" for phone in sorted(company.phones)]
    if spot := company.address.spot_key:
        keys.append(f"spot:{spot}")
    keys += [f"script:{key}" for key in scripts(company)]
    return list(dict.fromkeys(keys))


def family_keys(company: NormalisedCompany) -> list[str]:
    """Keys under which firms of the same group are found: of `exact_keys`, with the name's stem."""
    stem = company.name.stem
    return [f"stem:{stem}", f"name:{stem}"]


def scripts(company: NormalisedCompany) -> list[str]:
    """Sounds in kana and Latin letters: what a name in another script is found by."""
    texts = (company.kana, company.english, company.name.core if company.name.romaji else "")
    found = dict.fromkeys(romaji_key(text) for text in texts if text)
    return [*(key for key in found if len(key) > 2), *(f"{key}-" for key in sorted(bones(company)))]


def bones(company: NormalisedCompany) -> frozenset[str]:
    """Consonants and digits of the name in kana or Latin letters: one for every spelling of foreign words."""
    texts = (company.kana, company.english, company.name.core if company.name.romaji else "")
    digits = _DIGITS.sub("", company.name.exact)
    found = {consonants(romaji_key(text)) + digits for text in texts if text}
    return frozenset(key for key in found if len(key) >= _TELLING_CONSONANTS)


def consonants(romaji: str) -> str:
    """What is left of a romaji skeleton in every spelling of a foreign word (mobile, mobairu → mbr)."""
    return _VOWELS.sub("", romaji.replace("c", "k").replace("q", "k").replace("x", "ks"))


def name_and_town(company: NormalisedCompany) -> str:
    """Name and town in one key: it finds the right one among many of the same name. Empty without a town."""
    return f"name+town:{company.name.sound}|{company.address.place}" if company.address.place else ""


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
