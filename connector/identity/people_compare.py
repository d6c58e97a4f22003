"""Compares two persons field by field: how far each agrees, as `Finding`s, without judging what that is worth.

Used by `people_match.py`. Symmetric: the order of the two does not matter. What one of the two lacks gives no finding.
"""

import re
from typing import Final, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from connector.identity.company_name import CompanyName, is_site_of
from connector.identity.mail import Mailbox
from connector.identity.people import NormalisedPerson
from connector.identity.people_names import compare_names
from connector.mapping.identity_people import DIGITS, PeopleRules

CONTAINED: Final = 3
"""Characters that a company's name needs before finding it at either end of another says anything."""
SIMILAR_DIGITS: Final = 6
"""Digits that a number needs before two that differ in it leave it similar."""
DISTINCTIVE: Final = 8
"""Characters from which the part of a mail address before the @ is its owner's own invention."""
INVENTED: Final = 2
"""Digits that one's own invention has at least; a single one is what a provider adds to a name that is taken."""
_DIGIT: Final = re.compile(r"\d")
COMPANY_CLOSE: Final = 85.0
_FORM_REMNANT: Final = re.compile(r"[株式有限合同会社財団一般法人様御中殿]+")


class Finding(NamedTuple):
    """One field's level of agreement. `value` is what agrees, for judging how rare it is; empty if nothing does."""

    field: str
    level: str
    value: str = ""

    @property
    def name(self) -> str:
        """`field.level`, as rules call it."""
        return f"{self.field}.{self.level}"


def findings(left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules) -> list[Finding]:
    """Everything that both sides have, compared."""
    found = [Finding(*told) for told in compare_names(left, right, rules)]
    weighed = rules.fields
    if "mail" in weighed and (mail := _mail(left, right)):
        found.append(Finding("mail", mail))
    if "mobile" in weighed and (mobile := _mobile(left, right)):
        found.append(Finding("mobile", mobile))
    line = _line(left, right) if "line" in weighed else None
    company = _company(left, right) if "company" in weighed else None
    by_line = line in ("same", "shared", "other_desk") and company in (None, "differs")
    if by_line:
        # A number of the firm, where the names of the firm say nothing: it stands for the company, not beside it.
        found.append(Finding("company", "line"))
    elif company:
        agreed = company not in ("part", "differs", "other_ref")
        found.append(Finding("company", company, (left.company_key or right.company_key) if agreed else ""))
    if line and not (by_line and line in ("same", "shared")):
        found.append(Finding("line", line))
    if "title" in weighed and left.title and right.title:
        found.append(Finding("title", "same" if left.title == right.title else "differs"))
    for field, text in left.texts.items():
        if field in weighed and (other := right.texts.get(field)):
            level = text_level(field, text, other, rules)
            found.append(Finding(field, level, text if level == "same" else ""))
    return found


def _mail(left: NormalisedPerson, right: NormalisedPerson) -> str | None:
    if left.mail is None or right.mail is None:
        return None
    if left.mail.address == right.mail.address:
        return "role" if left.mail.role else "own"
    if left.mail.role or right.mail.role:
        return "other"
    if left.domain and left.domain == right.domain:
        return "two_in_company"
    moved = not (left.domain or right.domain) and left.mail.local == right.mail.local
    return "moved" if moved and _is_invented(left.mail) else "other"


def _is_invented(box: Mailbox) -> bool:
    """Whether hardly anybody else would have chosen this mailbox, so that it tells its owner at another provider.

    Letters alone mostly spell the name, which namesakes share: a number must stand beside them.
    """
    return len(box.local) >= DISTINCTIVE and len(_DIGIT.findall(box.local)) >= INVENTED


def _mobile(left: NormalisedPerson, right: NormalisedPerson) -> str | None:
    """A number that one of them types as a mobile one (080-0123-4567) is one, however the other types it."""
    if any(number in right.mobiles or number in right.lines for number in left.mobiles) or any(
        number in left.lines for number in right.mobiles
    ):
        return "same"
    return "differs" if left.mobiles and right.mobiles else None


def _line(left: NormalisedPerson, right: NormalisedPerson) -> str | None:
    ours = [number for number in left.lines if number not in right.mobiles]
    theirs = [number for number in right.lines if number not in left.mobiles]
    if not ours or not theirs:
        return None
    same = set(ours).intersection(theirs)
    if not same:
        return "differs"
    if left.desks and right.desks:
        return "other_desk" if set(left.desks).isdisjoint(right.desks) else "desk"
    return "shared" if same.issubset((*left.shared_lines, *right.shared_lines)) else "same"


def _company(left: NormalisedPerson, right: NormalisedPerson) -> str | None:
    if left.raw.company_ref and left.raw.company_ref == right.raw.company_ref:
        return "same_ref"
    by_name = _company_names(left, right)
    named_alike = by_name in ("same", "core", "sound")
    if left.raw.company_ref and right.raw.company_ref:
        # Kept apart when the companies were matched: homonyms, or two that a person has yet to judge.
        return "doubtful" if named_alike else "other_ref"
    if not named_alike and left.domain and left.domain == right.domain:
        return "domain"
    return by_name


def _company_names(left: NormalisedPerson, right: NormalisedPerson) -> str | None:
    one, two = left.company, right.company
    if one is None or two is None:
        return None
    if one.loose == two.loose or one.sound == two.sound:
        return _same_core(one, two)
    if one.romaji and one.romaji == two.romaji:
        return "sound"
    return _contained(one, two) or _alike(one, two)


def _same_core(one: CompanyName, two: CompanyName) -> str:
    if one.formal == two.formal:
        return "same"
    if one.form and two.form and one.form != two.form:
        return "doubtful"
    return "core" if one.loose == two.loose else "sound"


def _contained(one: CompanyName, two: CompanyName) -> str | None:
    """`contained`: a site, or a legal form that was mistyped, follows the name; `part`: other words do (アクメ販売)."""
    if is_site_of(one, two) or is_site_of(two, one):
        return "contained"
    short, long = sorted((one.exact, two.exact), key=len)
    if len(short) < CONTAINED or not (long.startswith(short) or long.endswith(short)):
        return None
    return "contained" if _FORM_REMNANT.fullmatch(long.replace(short, "", 1)) else "part"


def _alike(one: CompanyName, two: CompanyName) -> str:
    return "close" if fuzz.ratio(one.loose, two.loose, score_cutoff=COMPANY_CLOSE) else "differs"


def text_level(field: str, one: str, two: str, rules: PeopleRules) -> str:
    """How far two plain texts agree: numbers by the characters changed, words by Jaro-Winkler on characters."""
    if one == two:
        return "same"
    if field in DIGITS:
        changed = OSA.distance(one, two, score_cutoff=2)
        if changed == 1:
            return "close"
        return "similar" if changed == 2 and min(len(one), len(two)) >= SIMILAR_DIGITS else "differs"
    similarity = JaroWinkler.similarity(one, two, score_cutoff=rules.similar)
    if similarity >= rules.close:
        return "close"
    return "similar" if similarity else "differs"
