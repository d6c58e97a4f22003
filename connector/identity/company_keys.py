"""The keys under which a company is found again: equal fields first, then names that are nearly the same.

Kept by the store, a row each, and made by `companies.py`. Two companies are candidates when they share one, so both
sides make them alike: about eleven of a record. Knows one record at a time.
"""

from enum import IntFlag
from typing import Final

from connector.identity.company import UNVOICED, NormalisedCompany, scripts

NAME: Final = "name:"
"""How the keys of whole names begin."""


class Shared(IntFlag):
    """What two companies have in common that share a key."""

    NAME = 1
    NUMBER = 2
    DOMAIN = 4
    PHONE = 8
    SOUND = 16
    BONES = 32


_SHARED: Final = {
    "num": Shared.NUMBER.value,
    "nam": Shared.NAME.value,
    "dom": Shared.DOMAIN.value,
    "pho": Shared.PHONE.value,
    "scr": Shared.SOUND.value,
}
"""By the first letters of the keys, which are enough to tell their kinds apart."""

_SOUND: Final = Shared.SOUND.value
_BONES: Final = Shared.BONES.value
_OF_BONES: Final = "-"

_HEADS: Final = (2, 3, 4, 6, 8)
_TAILS: Final = (3, 4, 6, 8)
"""Lengths of a name's beginnings and ends that are keys. One wrong, lost or added character spares one of them; a name
that goes on (アクメ精機 → アクメ精機工業) has the shorter one whole. What is common is crowded, and brings nobody."""


def company_keys(company: NormalisedCompany) -> list[str]:
    """Every key of the company, the surest first, each once."""
    keys = [f"number:{company.number}"] if company.number else []
    named = not company.name.nameless
    if named:
        keys += _names(company)
    if company.domain:
        keys.append(f"domain:{company.domain}")
    keys += [f"phone:{phone}" for phone in sorted(company.phones)]
    if spot := company.address.spot_key:
        keys.append(f"spot:{spot}")
    if company.address.place and named:
        keys.append(f"name+town:{company.name.sound}|{company.address.place}")
    if named:
        keys += [f"script:{key}" for key in scripts(company)] + near_keys(company.name.loose)
    return list(dict.fromkeys(keys))


def shared_by(key: str) -> int:
    """What those that share the key have in common (`Shared`); nothing of spots and pieces of names: gists tell."""
    shared = _SHARED.get(key[:3], 0)
    return _BONES if shared == _SOUND and key.endswith(_OF_BONES) else shared


def near_keys(loose: str) -> list[str]:
    """Beginnings and ends of a name, カ for ガ; a short name is one whole."""
    name = loose.translate(UNVOICED)
    keys = [f"head:{name[:length]}" for length in _HEADS if length < len(name)]
    keys += [f"tail:{name[-length:]}" for length in _TAILS if length < len(name)]
    return [*keys, f"head:{name}", f"tail:{name}"] if 1 < len(name) <= _HEADS[-1] else keys


def _names(company: NormalisedCompany) -> list[str]:
    """The names that it bears or bore, and what is left of its own without words like ホールディングス."""
    names = [name.sound for name in (company.name, *company.formers)]
    return [f"{NAME}{name}" for name in dict.fromkeys((*names, company.name.stem))]
