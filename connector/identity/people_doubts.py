"""What keeps two persons from being linked though the weights would do it, or brings them before a person all the same.

Used by `people_match.py`. Looks at what findings leave out: how the mailboxes are made, who stands in a field.
"""

import re
from typing import Final

from rapidfuzz.distance import OSA

from connector.identity.people import NormalisedPerson
from connector.mapping.identity_people import PeopleRules

_NOBODY_ELSES: Final = frozenset(("mail.own", "mobile.same"))
"""Both together, however the name is read or written."""
_AGREED: Final = ("same", "variant", "reading", "spelled")
_NO_DIGIT: Final = re.compile(r"\D")
_WHOLE_NUMBER: Final = 10
"""Digits of a Japanese number without its country."""


def doubt(left: NormalisedPerson, right: NormalisedPerson, names: set[str], rules: PeopleRules) -> str:
    """The key of the sentence that says why the two may be two, where names are Japanese; else the empty text."""
    if rules.usual_names != "japan":
        return ""
    alone = names.isdisjoint(rules.more_than_name_and_firm)
    sure = names >= _NOBODY_ELSES
    doubts = {
        "identity.two_in_one_field": left.several or right.several,
        "identity.nearly_one_name": not sure and _nearly_one_name(left, right, names),
        "identity.unusual_reading": read_otherwise(names) or ("family.similar" in names and not sure),
        "identity.maybe_namesakes": "given.other_reading" in names,
        "identity.two_mailboxes": alone and "mail.other" in names and _two_mailboxes(left, right),
    }
    return next((reason for reason, holds in doubts.items() if holds), "")


def read_otherwise(names: set[str]) -> bool:
    """Whether the given name is read as such a name seldom is, and not all else tells that it is one person's."""
    return "given.unusual" in names and not names >= _NOBODY_ELSES


def may_be_one(left: NormalisedPerson, right: NormalisedPerson, names: set[str]) -> bool:
    """Whether a person should see the two however little they weigh: one full name, nearly one mailbox or number."""
    return _fully_named(names) and (_mails_alike(left, right) or _numbers_typed_alike(left, right))


def _nearly_one_name(left: NormalisedPerson, right: NormalisedPerson, names: set[str]) -> bool:
    """Whether one 漢字 tells the given names apart: few mistype it, and brothers have it in common."""
    one, two = left.name, right.name
    if "given.close" in names and one.given.ideographs and two.given.ideographs:
        return True
    return "whole.close" in names and one.whole.ideographs and two.whole.ideographs


def _two_mailboxes(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    """Whether both have a private mailbox, or one of a firm, of another make: people keep the habit (masaru45.toda).

    One private and one of the firm is as it should be.
    """
    one, two = left.mail, right.mail
    if one is None or two is None or one.role or two.role:
        return False
    return bool(left.domain) == bool(right.domain) and sorted(one.words) != sorted(two.words)


def _fully_named(names: set[str]) -> bool:
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
