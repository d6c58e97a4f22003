"""What keeps two persons from being linked though the weights would do it, or brings them before a person all the same.

Used by `people_match.py`. Looks at what findings leave out: how the mailboxes are made, who stands in a field.
"""

import re
from typing import Final

from rapidfuzz.distance import OSA

from connector.identity.name_origins import Origin
from connector.identity.people import NormalisedPerson
from connector.identity.people_readings import former_family, nearly_read, two_readings
from connector.mapping.identity_people import PeopleRules

_NOBODY_ELSES: Final = frozenset(("mail.own", "mobile.same"))
"""Both together, though the given name is abbreviated or mistyped."""
_BIRTH_ORDER: Final = frozenset("一二三四五六七八九十太次")
"""健太郎 and 健次郎 are brothers and may share mailbox and mobile; 太朗 and 太郎 are one, mistyped."""
_AGREED: Final = ("same", "variant", "reading", "spelled")
_OTHER_FIRM: Final = frozenset(("company.differs", "company.other_ref", "company.part"))
_NO_DIGIT: Final = re.compile(r"\D")
_WHOLE_NUMBER: Final = 10
"""Digits of a Japanese number without its country."""


def doubt(left: NormalisedPerson, right: NormalisedPerson, names: set[str], rules: PeopleRules) -> str:
    """The key of the sentence that says why the two may be two, where names are Japanese; else the empty text."""
    if rules.usual_names != "japan":
        return ""
    alone = names.isdisjoint(rules.more_than_name_and_firm)
    doubts = {
        "identity.two_in_one_field": left.several or right.several,
        "identity.nearly_one_name": _nearly_one_name(left, right, names),
        "identity.unusual_reading": read_otherwise(left, right, names)
        or "family.similar" in names
        or _unread_abroad(left, right, names)
        or (_given_unknown(names) and two_readings(left, right)),
        "identity.maybe_namesakes": "given.other_reading" in names,
        "identity.two_mailboxes": alone and "mail.other" in names and _two_mailboxes(left, right),
    }
    return next((reason for reason, holds in doubts.items() if holds), "")


def are_japanese(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether both have a Japanese name, of which one may leave it open (kana, a few letters)."""
    return Origin.FOREIGN not in (left.origin, right.origin) and Origin.JAPANESE in (left.origin, right.origin)


def read_otherwise(left: NormalisedPerson, right: NormalisedPerson, names: set[str]) -> bool:
    """Whether the given name is read as such a name seldom is, and not all else tells that it is one person's."""
    return "given.unusual" in names and not (_nobody_elses(names) and nearly_read(left, right))


def _unread_abroad(left: NormalisedPerson, right: NormalisedPerson, names: set[str]) -> bool:
    """Whether given names stand in two scripts (明, Ming) that nothing here reads: relatives share the family name."""
    if Origin.FOREIGN not in (left.origin, right.origin) or not _given_unknown(names):
        return False
    return all(
        each.name.split or (each.name.whole.ideographs and len(each.name.whole.loose) > 1) for each in (left, right)
    )


def _given_unknown(names: set[str]) -> bool:
    """Whether nothing was found by which the given names, or the whole ones, compare."""
    return not any(name.startswith(("given.", "whole.")) for name in names)


def _nobody_elses(names: set[str]) -> bool:
    """Whether mailbox and mobile are one person's, whose family name is not read as another's."""
    return names >= _NOBODY_ELSES and "family.similar" not in names


def may_be_one(left: NormalisedPerson, right: NormalisedPerson, names: set[str]) -> bool:
    """Whether a person should see the two however little they weigh.

    One full name with nearly one mailbox or number, or a foreign one in one firm, or one given name in one firm with a
    maiden name.
    """
    if _in_one_firm(names) and _named_alike(names) and not are_japanese(left, right):
        return True
    if fully_named(names):
        return _mails_alike(left, right) or _numbers_typed_alike(left, right)
    return _given_and_firm(names) and (_married(left, right) or _married(right, left))


def _named_alike(names: set[str]) -> bool:
    """Whether family and given name, or both in one, are at least similar."""
    if names & {"whole.differs", "family.differs", "given.differs"}:
        return False
    fields = {name.partition(".")[0] for name in names}
    return "whole" in fields or fields >= {"family", "given"}


def _given_and_firm(names: set[str]) -> bool:
    """Whether the given name and the company agree."""
    return any(f"given.{good}" in names for good in _AGREED) and _in_one_firm(names)


def _in_one_firm(names: set[str]) -> bool:
    return any(name.startswith("company.") and name not in _OTHER_FIRM for name in names)


def _married(now: NormalisedPerson, before: NormalisedPerson) -> bool:
    """Whether the one has in brackets the family name of the other."""
    former = former_family(now)
    return bool(former) and former == before.name.family.loose


def _nearly_one_name(left: NormalisedPerson, right: NormalisedPerson, names: set[str]) -> bool:
    """Whether one 漢字 tells the given names apart: few mistype it, and brothers have it in common."""
    if "given.close" in names:
        one, two = left.name.given, right.name.given
    elif "whole.close" in names:
        one, two = left.name.whole, right.name.whole
    else:
        return False
    if not (one.ideographs and two.ideographs):
        return False
    return not _nobody_elses(names) or not _BIRTH_ORDER.isdisjoint(set(one.loose) ^ set(two.loose))


def _two_mailboxes(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether both have a private mailbox, or one of a firm, of another make: people keep the habit (masaru45.toda).

    One private and one of the firm is as it should be.
    """
    one, two = left.mail, right.mail
    if one is None or two is None or one.role or two.role:
        return False
    return bool(left.domain) == bool(right.domain) and sorted(one.words) != sorted(two.words)


def fully_named(names: set[str]) -> bool:
    """Whether family and given name agree."""
    return any(f"whole.{good}" in names for good in _AGREED) or all(
        any(f"{field}.{good}" in names for good in _AGREED) for field in ("family", "given")
    )


def _mails_alike(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether the two mailboxes of one firm may be one, mistyped, under a subdomain or by another scheme (t.yamada)."""
    one, two = left.mail, right.mail
    if one is None or two is None or one.role or two.role or not left.domain or left.domain != right.domain:
        return False
    if OSA.distance(one.local, two.local) <= 2 or sorted("".join(one.words)) == sorted("".join(two.words)):
        return True
    pairs = list(zip(sorted(one.words), sorted(two.words), strict=False))
    abbreviated = all(mine.startswith(other) or other.startswith(mine) for mine, other in pairs)
    return bool(pairs) and len(one.words) == len(two.words) and abbreviated


def _numbers_typed_alike(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether the same number is typed in both, even one that proves nothing since many make it up (090-1234-5678)."""
    one, two = ({_NO_DIGIT.sub("", number) for number in (each.raw.phone, each.raw.mobile)} for each in (left, right))
    return any(len(number) >= _WHOLE_NUMBER and len(set(number)) > 2 for number in one & two)
