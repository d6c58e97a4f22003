"""Invents persons at a company: name in kanji and kana, mail address, telephone; used for both systems.

It must not know the vendors' fields.
"""

from dataclasses import dataclass
from random import Random

from connector.sandbox.company.vocabulary import DEPARTMENTS, GIVEN_NAMES, SURNAMES, TITLES

_FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


@dataclass(frozen=True)
class Person:
    last_name: str
    first_name: str
    kana: str
    email: str | None
    phone: str
    mobile: str | None
    title: str | None
    department: str | None


def invent_person(rng: Random, domain: str, area_code: str, taken: set[str]) -> Person:
    """One person whose mail address is not in `taken`, which then holds it."""
    surname, given = rng.choice(SURNAMES), rng.choice(GIVEN_NAMES)
    email: str | None = None
    if rng.random() < 0.94:
        email = _email(rng, surname[2], given[2], domain)
        while email in taken:
            email = f"{surname[2]}.{given[2]}{rng.randint(2, 999)}@{domain}"
        taken.add(email)
    return Person(
        last_name=surname[0],
        first_name=given[0],
        kana=f"{surname[1]} {given[1]}",
        email=email,
        phone=phone(rng, area_code),
        mobile=f"090-00{rng.randint(0, 99):02d}-{rng.randint(0, 9999):04d}" if rng.random() < 0.3 else None,
        title=rng.choice(TITLES),
        department=rng.choice(DEPARTMENTS),
    )


def phone(rng: Random, area_code: str) -> str:
    """A number of its own, in one of the usual spellings."""
    return dialled(rng, line(rng, area_code))


def line(rng: Random, area_code: str) -> str:
    """A number in a range that is not assigned: exchanges that begin with 0."""
    exchange = f"0{rng.randint(0, 999):03d}"[: 6 - len(area_code)]
    return f"{area_code}-{exchange}-{rng.randint(0, 9999):04d}"


def dialled(rng: Random, number: str) -> str:
    """The number as some person once typed it."""
    roll = rng.random()
    if roll < 0.6:
        return number
    if roll < 0.7:
        return number.translate(_FULL_WIDTH)
    if roll < 0.8:
        return f"{number}（代）"
    if roll < 0.87:
        return number.replace("-", "")
    if roll < 0.94:
        return f"+81-{number[1:]}"
    return f"{number} 内線{rng.randint(100, 999)}"


def _email(rng: Random, surname: str, given: str, domain: str) -> str:
    roll = rng.random()
    if roll < 0.03:
        return f"{surname}.{given}{rng.randint(1, 999_999)}@freemail.test"
    if roll < 0.3:
        return f"{surname}@{domain}"
    if roll < 0.6:
        return f"{given}.{surname}@{domain}"
    if roll < 0.8:
        return f"{given[0]}-{surname}@{domain}"
    return f"{surname}_{given[0]}@{domain}"
