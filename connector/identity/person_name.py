"""Person names: family and given name in 漢字, かな and Latin letters, each in the forms by which they are compared.

Used by `people.py`. Asks the common names only which of two texts is the family's; who bears a name is decided later.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from connector.identity import usual_names
from connector.identity.name_lookalikes import misread
from connector.identity.name_sounds import sound_of_kana, sound_of_latin
from connector.identity.person_notes import cleaned, closed, may_be_no_given_name, somebody
from connector.identity.records import Individual
from connector.identity.text import folded, has_ideographs, is_kana, katakana, loosely_folded
from connector.identity.variants import LOOSE_VARIANTS, VARIANTS

_PLAIN: Final = re.compile("[々一-鿿]+")
"""漢字 that nothing but the tables of variants changes."""
_DOTS: Final = re.compile("[・･=＝゠]")
_VOICED_TWINS: Final = str.maketrans("ヅヂヲヰヱ", "ズジオイエ")


@dataclass(frozen=True, slots=True)
class NamePart:
    """A family or given name, or both in one. Empty texts where it is not known.

    `written` is what stands there, folded; `loose` the same with doubtful variants made one; `kana` the reading as
    katakana; `sound` the reading in Latin letters, in which all schools of romanisation are one and long o and u short;
    `first` the first word of a name in Latin letters.
    """

    written: str = ""
    loose: str = ""
    kana: str = ""
    sound: str = ""
    ideographs: bool = False
    first: str = ""

    def __hash__(self) -> int:
        return hash(self.written)

    def __bool__(self) -> bool:
        return bool(self.written or self.sound)


NOTHING: Final = NamePart()


@dataclass(frozen=True, slots=True)
class PersonName:
    """The two parts where they are known apart, and always the whole. `reading_*` come from fields of their own.

    Fields of kana are kept beside the written ones, for people swap the written names and leave the kana alone.
    """

    family: NamePart = NOTHING
    given: NamePart = NOTHING
    whole: NamePart = NOTHING
    reading_family: NamePart = NOTHING
    reading_given: NamePart = NOTHING
    whole_reading: NamePart = NOTHING
    words: tuple[str, ...] = ()

    @property
    def split(self) -> bool:
        """Whether family and given name are known apart."""
        return bool(self.family and self.given)


def person_name(person: Individual) -> PersonName:
    """The names of a record, from whichever of its fields they are in. What stands for no name is none."""
    family, given = _apart(person.family, person.given, person.full_name)
    written, given_part = part(family), part(given)
    family_kana, given_kana = "", ""
    if person.family_kana or person.given_kana or person.kana:
        family_kana, given_kana = _apart(person.family_kana, person.given_kana, person.kana)
    whole = _joined(family, given)
    read = (family_kana or not family) and (given_kana or not given)
    return PersonName(
        family=written,
        given=given_part,
        whole=part(whole) if given and family else written or given_part,
        reading_family=part(family_kana),
        reading_given=part(given_kana),
        whole_reading=part(_joined(family_kana, given_kana)) if read else NOTHING,
        words=_words(whole),
    )


def _joined(family: str, given: str) -> str:
    return f"{family} {given}".strip()


@lru_cache(maxsize=65_536)
def _words(whole: str) -> tuple[str, ...]:
    """Of a name of three words and more in Latin letters all of them, for people part and order them in many ways."""
    return tuple(sorted(whole.lower().replace(".", "").split())) if whole.isascii() and whole.count(" ") > 1 else ()


def _apart(family: str, given: str, full: str) -> tuple[str, str]:
    """(family, given). A whole name stays in the first where nothing parts it."""
    typed = family or given or full
    family, given = cleaned(family), _given(cleaned(given))
    if family and given:
        return _untwinned(family, given)
    whole = cleaned(full)
    if given and not whole:
        return family, given
    return _in_order(_parted(max(family or given, whole, key=len)), typed)


def _untwinned(family: str, given: str) -> tuple[str, str]:
    """One of the fields may hold the whole name, or both the same part of it."""
    if family == given or _one_in_two_scripts(family, given):
        return _parted(given if has_ideographs(given) else family)
    for one, whole in ((given, family), (family, given)):
        rest = whole.removesuffix(one) if one is given else whole.removeprefix(one)
        if rest != whole and (rest.strip() != rest or (len(one) > 1 and len(rest) > 1 and not whole.isascii())):
            return (rest.strip(), one) if one is given else (one, rest.strip())
    return family, given


def _one_in_two_scripts(family: str, given: str) -> bool:
    """Whether one of the two is how the other, a family name, is usually read (佐藤 サトウ)."""
    one, two = part(family), part(given)
    unread, told = (one, two) if one.ideographs else (two, one)
    if not unread.ideographs:
        return bool(one.kana) != bool(two.kana) and one.sound == two.sound
    return bool(told.sound) and told.sound in usual_names.readings("family", unread.loose)


def _given(name: str) -> str:
    """The given name; empty for a title or a form of address that stands in its place (医師, 奥様, CEO)."""
    titled = may_be_no_given_name(name) and not usual_names.share("given", part(name).loose)
    return "" if titled else name


def _parted(text: str) -> tuple[str, str]:
    if "," in text:
        first, _, rest = text.partition(",")
        return first.strip(), rest.strip()
    words = text.split(" ")
    if len(words) < 2:
        return text, ""
    if has_ideographs(text) or is_kana(text):
        words = _in_one_script(words)
        if len(words) > 2 and max(map(len, words)) == 1:
            return "".join(words), ""
        return somebody(words[0]), _given(somebody("".join(words[1:])))
    words = [word for word in words if somebody(word)] or [""]
    # "TANAKA Taro", "Taro TANAKA": capitals mark the family name; else Latin letters put it last.
    capitals = words[0].isupper() and len(words[0].rstrip(".")) > 1 and not words[-1].isupper()
    if capitals or _only_first_is_family(words[0], words[-1]):
        return words[0], " ".join(words[1:])
    return words[-1], " ".join(words[:-1])


def _in_order(parts: tuple[str, str], typed: str) -> tuple[str, str]:
    """The parts of a name in kana between dots (ジョン・スミス): the family last, unless it is one of Japan."""
    if not _DOTS.search(typed):
        return parts
    words = [word for word in _DOTS.split(katakana(typed)) if word.strip()]
    if len(words) < 2 or not (parts[0] and parts[1] and is_kana(typed)) or usual_names.share("family", parts[0]):
        return parts
    return cleaned(words[-1]), cleaned("".join(words[:-1]))


def _in_one_script(words: list[str]) -> list[str]:
    """Those in 漢字 where they are a whole name and the others repeat it (田中 一郎 Ichiro Tanaka)."""
    written = [word for word in words if has_ideographs(word)]
    whole = len(written) > 1 or (written and usual_names.may_be_whole(part(written[0]).loose))
    return written if whole and len(words) - len(written) > 1 else words


def _only_first_is_family(first: str, last: str) -> bool:
    """Whether the first of two words in Latin letters is a common family name of Japan and the last is none."""
    share = usual_names.share("family", first)
    return share > usual_names.share("given", first) and not usual_names.share("family", last)


@lru_cache(maxsize=262_144)
def part(text: str) -> NamePart:
    """A name in its forms. Its reading is known where it is written in kana or Latin letters."""
    if not text:
        return NOTHING
    if _PLAIN.fullmatch(text):
        written = text.translate(VARIANTS)
        return NamePart(written=written, loose=written.translate(LOOSE_VARIANTS), ideographs=True)
    # Folded again without its gaps: what follows a gap can be a mark that belongs to the letter before it.
    written = closed(folded(closed(folded(text))))
    if has_ideographs(written):
        written = misread(written)
    if has_ideographs(written):
        return NamePart(written=written, loose=katakana(loosely_folded(written)), ideographs=True)
    kana = katakana(written)
    if is_kana(kana):
        kana = kana.translate(_VOICED_TWINS).replace("・", "")
        return NamePart(written=kana, loose=kana, kana=kana, sound=sound_of_kana(kana))
    first = folded(closed(text.split(" ", 1)[0]))
    return NamePart(written=written, loose=written, sound=sound_of_latin(written), first=first)
