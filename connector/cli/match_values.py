"""What stands below a finding: what both records say of it, and what only the register says, which is an inference.

Used by the pages of `okoshi match`. Looks nothing up; never shows the form in which values are compared, where the
record has words of its own.
"""

from typing import Final, NamedTuple

from connector.cli.match_records import Shown
from connector.identity.company import english_key, former_names, normalise_company
from connector.identity.company_name import company_name
from connector.identity.compare import Evidence, compare_companies
from connector.mapping.identity import CompanyRules
from connector.model.records import Person

AS_WRITTEN: Final = {
    "name": "name",
    "kana": "kana",
    "english": "english",
    "corporate_number": "corporate_number",
    "address": "address",
    "postal_code": "postal_code",
    "phone": "phone",
    "domain": "domain",
    "mail": "email",
    "mobile": "mobile",
    "line": "phone",
    "company": "company",
    "title": "title",
}
"""Fields of evidence that are fields of a record; for others the compared value is all that there is to show."""

_OF_THEIR_OWN: Final = frozenset({"word_differs", "homonym", "unique_in_register", "only_one_near", "only_one_in_city"})
"""Findings on a name whose values are not the name."""

_COMPLETED: Final = {"corporate_number": "corporate_number", "kana": "name_kana", "english": "name_english"}
"""Fields that the register fills where the record says nothing."""

_INFERABLE: Final = frozenset(
    {
        *("corporate_number_same", "corporate_number_differs", "kana_same", "kana_differs", "english_same"),
        *("name_former", "name_english", "name_other_script", "name_consonants", "form_differs", "holding_differs"),
    }
)
"""Findings that can rest on what the register adds."""

_SPOKEN: Final = frozenset({"name_other_script", "name_consonants"})
_OF_PEOPLE: Final = {"family": ("family_name", "family_name_kana"), "given": ("given_name", "given_name_kana")}
_WHOLE: Final = frozenset({"whole", "order"})


class Line(NamedTuple):
    """One field on both sides; `inferred` says of each whether the register says it, and not the record."""

    field: str
    left: str
    right: str
    inferred: tuple[bool, bool] = (False, False)


def lines(piece: Evidence, left: Shown, right: Shown) -> list[Line]:
    """The values of the finding's own field, blank where there are none, then those of other fields that decided."""
    return [_own(piece, left, right), *(line for line in _deciding(piece, left, right) if line.left or line.right)]


def is_inferred(piece: Evidence, left: Shown, right: Shown) -> bool:
    """Whether the finding rests on the register: the two records alone do not give it."""
    if piece.kind not in _INFERABLE or (left.company, right.company) == (left.completed, right.completed):
        return False
    if left.company is None or right.company is None:
        return False
    alone = compare_companies(normalise_company(left.company), normalise_company(right.company), CompanyRules())
    return piece.kind not in {one.kind for one in alone}


def _own(piece: Evidence, left: Shown, right: Shown) -> Line:
    if isinstance(left.record, Person) and piece.field in {*_OF_PEOPLE, *_WHOLE}:
        return Line(piece.field, _name(left, piece.field), _name(right, piece.field))
    name = "name" if piece.kind == "position_differs" else AS_WRITTEN.get(piece.field, "")
    if piece.kind in _OF_THEIR_OWN or name not in left.values or name not in right.values:
        return Line(piece.field, piece.left, piece.right)
    (ours, told), (theirs, also) = _side(left, name, piece.left), _side(right, name, piece.right)
    return Line("name" if name == "name" else piece.field, ours, theirs, (told, also))


def _side(shown: Shown, field: str, compared: str) -> tuple[str, bool]:
    """What the record says, else what the register adds to it, else what was compared where that is no skeleton."""
    if value := shown.values[field]:
        return value, False
    if shown.completed and field in _COMPLETED and (value := getattr(shown.completed, _COMPLETED[field])):
        return value, True
    return "" if field in ("kana", "english") else compared, False


def _name(shown: Shown, field: str) -> str:
    """A person's family or given name where the record has them apart, else the whole name."""
    parted = getattr(shown.record, "family_name", None) and getattr(shown.record, "given_name", None)
    if field in _WHOLE or not parted:
        return shown.values["name"]
    return getattr(shown.record, _OF_PEOPLE[field][0]) or ""


def _deciding(piece: Evidence, left: Shown, right: Shown) -> list[Line]:
    if isinstance(left.record, Person) and isinstance(right.record, Person):
        return [_reading(piece.field, left, right)] if piece.field in {*_OF_PEOPLE, *_WHOLE} else []
    if piece.kind == "name_former":
        return _formers(left, right)
    if piece.kind == "name_english":
        return [_english(left, right)]
    if piece.kind in _SPOKEN:
        sides = [(field, _side(left, field, ""), _side(right, field, "")) for field in ("kana", "english")]
        return [Line(field, ours[0], theirs[0], (ours[1], theirs[1])) for field, ours, theirs in sides]
    return []


def _reading(field: str, left: Shown, right: Shown) -> Line:
    """The kana, on a line of their own: who has none is not called otherwise."""
    if field in _WHOLE:
        return Line("kana", left.values["kana"], right.values["kana"])
    ours, theirs = (getattr(one.record, _OF_PEOPLE[field][1]) or "" for one in (left, right))
    return Line("kana", ours, theirs)


def _formers(left: Shown, right: Shown) -> list[Line]:
    """The former name that is the other's name now; else the present one that the register has for an old one."""
    found = _former(left, right), _former(right, left)
    present = [bool(name) and name == one.registered for (name, _), one in zip(found, (left, right), strict=True)]
    lines = []
    for field, shown in (("former", [not one for one in present]), ("name", present)):
        ours, theirs = (one if show else ("", False) for one, show in zip(found, shown, strict=True))
        lines.append(Line(field, ours[0], theirs[0], (ours[1], theirs[1])))
    return lines[:1] if lines[0].left or lines[0].right else lines[1:]


def _former(one: Shown, other: Shown) -> tuple[str, bool]:
    """The name of the one besides its own that is the other's name now, and whether the register tells it."""
    if one.company is None or one.completed is None:
        return "", False
    sound, name = company_name(other.values["name"]).sound, company_name(one.values["name"])
    own = {former.raw for former in former_names(one.company, name)}
    told = (former.raw for former in former_names(one.completed, name) if former.sound == sound)
    former = next(told, "")
    return former.strip(), bool(former) and former not in own


def _english(left: Shown, right: Shown) -> Line:
    """The English name that is the other's name; the other's own is beside the point."""
    sides = []
    for one, other in ((left, right), (right, left)):
        value, inferred = _side(one, "english", "")
        decided = bool(value) and english_key(value) == company_name(other.values["name"]).exact
        sides.append((value, inferred) if decided else ("", False))
    return Line("english", sides[0][0], sides[1][0], (sides[0][1], sides[1][1]))
