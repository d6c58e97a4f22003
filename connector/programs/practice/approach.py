"""アプローチする担当者: which person of the customer a lost deal names, and the case seen with that person in front.

The program of lost deals asks here. A name that fits nobody, or several people, is nobody: 人物未特定.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from connector.identity.text import katakana, loosely_folded
from connector.mapping.practice import folded
from connector.model.case import Case, Participant
from connector.model.records import Person, Ref
from connector.programs.practice.settings import Settings
from connector.programs.practice.view import is_ours

How = Literal["look_up", "text", "primary", "unresolved", "outdated"]


class NameRules(Settings):
    """What people write behind a name that is none of it."""

    honorifics: tuple[str, ...] = ("様", "さま", "さん", "氏", "殿", "先生")
    titles: tuple[str, ...] = (
        "代表取締役", "取締役", "社長", "専務", "常務", "本部長", "事業部長", "部長", "次長", "室長", "課長", "係長",
        "主任", "マネージャー", "リーダー",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Approached:
    """Whom to approach, and how that was found out: `look_up`, `text`, the `primary` contact, or `unresolved`.

    `outdated`: Okoshi filled the look-up from a text that names somebody else by now. `typed` is the text, if any.
    """

    person: Participant | None
    how: How
    typed: str | None = None


def approached(case: Case, rules: NameRules) -> Approached:
    """The look-up first, then the text; the primary contact only where nobody has written anything."""
    deal = case.opportunity
    people = (*case.participants, *case.colleagues)
    typed = deal.approach_contact if folded(deal.approach_contact or "") else None
    if deal.approach_person is not None:
        named = next((p for p in people if deal.approach_person in {r.ref for r in p.records}), None)
        if named and typed and is_ours(case, deal, "approach_person") and _meant(typed, people, rules) is not named:
            return Approached(None, "outdated", typed)
        return Approached(named, "look_up" if named else "unresolved", typed)
    if typed is None:
        return Approached(case.primary, "primary" if case.primary else "unresolved")
    meant = _meant(typed, people, rules)
    return Approached(meant, "text" if meant else "unresolved", typed)


def in_front(case: Case, one: Approached) -> Case:
    """The case with the approached person as its primary contact, or with none: consent and phone are that person's."""
    others = [replace(p, is_primary=False) for p in case.participants if p is not one.person]
    ahead = [replace(one.person, is_primary=True)] if one.person else []
    return replace(case, participants=(*ahead, *others))


def contact_ref(case: Case, person: Participant) -> Ref | None:
    """The person's record in the deal's own system that a task or a look-up can name; a lead that became one last."""
    here = [record for record in person.records if record.ref.system == case.ref.system]
    return (
        min(here, key=lambda record: (record.became is not None, record.lead_status is not None)).ref if here else None
    )


def _meant(typed: str, people: Iterable[Participant], rules: NameRules) -> Participant | None:
    """The one person whose whole name, or else whose family name alone, is what was typed.

    As it stands first; only where it fits nobody so, with variant characters (髙橋/高橋) and ひらがな made one.
    """
    everybody = list(people)
    for spelt in (str, _spelt):
        for names_of in (_whole_names, _family_names):
            for name in _readings(typed, rules):
                found = [p for p in everybody if any(spelt(name) in map(spelt, names_of(r)) for r in p.records)]
                if found:
                    return found[0] if len(found) == 1 else None
    return None


def _spelt(name: str) -> str:
    return katakana(loosely_folded(name))


def _readings(typed: str, rules: NameRules) -> Iterator[str]:
    """The text as a name; then, where more stands in front (a department), what directly precedes an honorific."""
    yield _bare(folded(typed), rules)
    words = [word for word in re.split(r"[\s、,,/・;;]+", typed) if word]
    addressed = [n for n, word in enumerate(words) if folded(word).endswith(rules.honorifics)]
    if len(addressed) == 1:
        last = addressed[0]
        for first in range(max(0, last - 1), last + 1):
            yield _bare(folded("".join(words[first : last + 1])), rules)


def _bare(name: str, rules: NameRules) -> str:
    """Without honorifics and titles behind the name, and what stands in brackets."""
    name = re.sub(r"\(.*?\)", "", name)
    endings = sorted((folded(ending) for ending in (*rules.honorifics, *rules.titles)), key=len, reverse=True)
    while ending := next((one for one in endings if name.endswith(one) and len(name) > len(one)), None):
        name = name.removesuffix(ending)
    return name


def _whole_names(record: Person) -> set[str]:
    parts = (
        record.name,
        _joined(record.family_name, record.given_name),
        _joined(record.given_name, record.family_name),
        _joined(record.family_name_kana, record.given_name_kana),
    )
    return {folded(name) for name in parts if name} - {""}


def _family_names(record: Person) -> set[str]:
    return {folded(name) for name in (record.family_name, record.family_name_kana) if name} - {""}


def _joined(first: str | None, second: str | None) -> str | None:
    return first + second if first and second else None
