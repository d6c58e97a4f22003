"""Invents companies and spells them as untidily as people do; used for customers in both systems.

The n-th company of a seed is always the same one, whatever the scale. It must not know the vendors' fields.
"""

import math
from dataclasses import dataclass
from random import Random

from connector.sandbox.company.vocabulary import (
    BRANCHES,
    BUSINESSES,
    KANA_HEADS,
    KANA_TAILS,
    PLACES,
    STEM_HEADS,
    STEM_TAILS,
)

_STEMS = len(STEM_HEADS) * len(STEM_TAILS) + len(KANA_HEADS) * len(KANA_TAILS)
_COMBINATIONS = _STEMS * len(BUSINESSES)
_STRIDE = 7_919  # coprime to the number of combinations: neighbours differ and nothing repeats early
_HOMONYM_EVERY = 24
_FORMS = ("株式会社", "株式会社", "株式会社", "株式会社", "有限会社", "合同会社")
_SHORT_FORMS = {
    "株式会社": ("㈱", "(株)", "（株）", "株式会社"),
    "有限会社": ("㈲", "(有)", "（有）", "有限会社"),
    "合同会社": ("(同)", "合同会社", "（同）", "合同会社"),
}
_OLD_CHARACTERS = str.maketrans("高崎浜沢桜国島斎", "髙﨑濱澤櫻國嶋齋")
_FULL_LATIN = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_KANA_FULL = (
    "ァアィイゥウェエォオカキクケコサシスセソタチッツテトナニヌネノハヒフヘホマミムメモャヤュユョヨラリルレロワヲンー・"
)
_KANA_HALF = "ｧｱｨｲｩｳｪｴｫｵｶｷｸｹｺｻｼｽｾｿﾀﾁｯﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓｬﾔｭﾕｮﾖﾗﾘﾙﾚﾛﾜｦﾝｰ･"
_HALF_KANA = str.maketrans(
    {
        **dict(zip(_KANA_FULL, _KANA_HALF, strict=True)),
        **{
            full: half + "ﾞ"
            for full, half in zip("ガギグゲゴザジズゼゾダヂヅデドバビブベボヴ", "ｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎｳ", strict=True)
        },
        **{full: half + "ﾟ" for full, half in zip("パピプペポ", "ﾊﾋﾌﾍﾎ", strict=True)},
    }
)


@dataclass(frozen=True)
class Address:
    state: str
    city: str
    street: str
    postal_code: str
    area_code: str = "03"


@dataclass(frozen=True)
class Company:
    """One real-world company: `core` is its name without the legal form."""

    core: str
    form: str
    form_first: bool
    kana: str
    domain: str
    address: Address
    corporate_number: str | None
    business: str = ""
    romaji: str = ""

    @property
    def english(self) -> str | None:
        """As the firm writes itself abroad; `None` where its sound is not known."""
        ending = {"株式会社": " Co., Ltd.", "有限会社": " Ltd.", "合同会社": " LLC"}.get(self.form, "")
        return f"{self.romaji.title()}{ending}" if self.romaji else None

    @property
    def formal(self) -> str:
        return f"{self.form}{self.core}" if self.form_first else f"{self.core}{self.form}"


def invent(seed: int, number: int) -> Company:
    """The number-th invented company; every 24th shares its core name with its predecessor but is another firm."""
    homonym = number % _HOMONYM_EVERY == _HOMONYM_EVERY - 1
    core, kana, domain, business = _core(seed, number - 1 if homonym else number)
    romaji = domain.replace("-", " ")
    rng = Random(f"{seed}:company:{number}")
    form, form_first = rng.choice(_FORMS), rng.random() < 0.6
    if homonym:
        form, form_first, domain = "有限会社", True, f"{domain}-{rng.choice(('east', 'west', 'group', 'jp'))}"
    lap = number // _COMBINATIONS
    return Company(
        core=core,
        form=form,
        form_first=form_first,
        kana=kana,
        domain=f"{domain}{lap or ''}.example",
        address=invent_address(rng),
        corporate_number=corporate_number(seed, number),
        business=business,
        romaji=romaji,
    )


def invent_address(rng: Random) -> Address:
    state, city, street, postal, area = rng.choice(PLACES)
    block = f"{rng.randint(1, 9)}-{rng.randint(1, 30)}-{rng.randint(1, 20)}"
    return Address(state, city, f"{street}{block}", f"{postal}-{rng.randint(0, 9999):04d}", area)


def corporate_number(seed: int, number: int) -> str:
    """A 法人番号 with a right check digit and a registry office (99xx) that does not exist."""
    base = f"99{seed % 100:02d}{number:08d}"
    weighted = sum(int(digit) * (1 if place % 2 == 0 else 2) for place, digit in enumerate(reversed(base)))
    return f"{9 - weighted % 9}{base}"


def spell(rng: Random, company: Company) -> str:
    """The company as some person once typed it."""
    roll = rng.random()
    if roll < 0.3:
        return company.formal
    name = _with_form(rng, company)
    if roll < 0.62:
        return name
    if roll < 0.72:
        return f"{name}{rng.choice((' ', '　', ''))}{rng.choice(BRANCHES)}"
    if roll < 0.78:
        return half_width(name)
    return company.core if roll >= 0.93 else _garbled(rng, name, roll)


def half_width(name: str) -> str:
    """Katakana as old systems wrote it."""
    return name.translate(_HALF_KANA)


def old_characters(name: str) -> str:
    """髙 for 高 and the like."""
    return name.translate(_OLD_CHARACTERS)


def _garbled(rng: Random, name: str, roll: float) -> str:
    if roll < 0.84:
        return old_characters(name)
    if roll < 0.89:
        return name + rng.choice((" ", "　", " 御中", "様"))
    return name.translate(_FULL_LATIN)


def _with_form(rng: Random, company: Company) -> str:
    if not company.form:
        return company.core
    short = rng.choice(_SHORT_FORMS.get(company.form, (company.form, company.form)))
    space = rng.choice(("", "", " ", "　"))
    return f"{short}{space}{company.core}" if company.form_first else f"{company.core}{space}{short}"


def _core(seed: int, number: int) -> tuple[str, str, str, str]:
    place = (number * _STRIDE + seed * 613) % _COMBINATIONS
    stem, business_place = divmod(place, len(BUSINESSES))
    business = BUSINESSES[business_place]
    kanji_stems = len(STEM_HEADS) * len(STEM_TAILS)
    if stem < kanji_stems:
        head, tail = STEM_HEADS[stem % len(STEM_HEADS)], STEM_TAILS[stem // len(STEM_HEADS)]
    else:
        stem -= kanji_stems
        head, tail = KANA_HEADS[stem % len(KANA_HEADS)], KANA_TAILS[stem // len(KANA_HEADS)]
    written, kana, romaji = (f"{first}{second}" for first, second in zip(head, tail, strict=True))
    return f"{written}{business[0]}", f"{kana}{business[1]}", f"{romaji}-{business[2]}", business[0]


if math.gcd(_STRIDE, _COMBINATIONS) != 1:
    raise ValueError("The word lists changed: choose a stride that is coprime to the number of combinations.")
