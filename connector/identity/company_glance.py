"""A quick look at two companies: whether comparing them in full can be left out.

Used by `companies.py` before the comparison: of those that share a piece of a name, nearly all are NEW to each other.
Knows what the comparison could find, and no verdict.
"""

from connector.identity.address import Nearness, nearness
from connector.identity.company import NormalisedCompany
from connector.identity.compare import is_english_of, similarity, sound_alike
from connector.mapping.identity import CompanyRules


def nothing_in_common(left: NormalisedCompany, right: NormalisedCompany, rules: CompanyRules) -> bool:
    """Whether the two are surely NEW to each other: no field agrees, and their names' likeness is not worth asking."""
    ours, theirs = left.name, right.name
    if ours.sound == theirs.sound or ours.loose == theirs.loose or ours.stem == theirs.stem:
        return False
    if left.formers or right.formers or left.parents or right.parents or _one_line(left, right):
        return False
    if left.number and right.number:
        return left.number != right.number
    if _named_alike(left, right) or _near(left, right):
        return False
    return similarity(ours.loose, theirs.loose) < _worth_asking(left, right, rules)


def _one_line(left: NormalisedCompany, right: NormalisedCompany) -> bool:
    return bool(left.domain and left.domain == right.domain) or not left.phones.isdisjoint(right.phones)


def _named_alike(left: NormalisedCompany, right: NormalisedCompany) -> bool:
    if sound_alike(left, right) or is_english_of(left, right) or not left.bones.isdisjoint(right.bones):
        return True
    ours, theirs = left.name.loose, right.name.loose
    return ours.startswith(theirs) or theirs.startswith(ours)


def _near(left: NormalisedCompany, right: NormalisedCompany) -> bool:
    if left.postal_code and left.postal_code == right.postal_code:
        return True
    near = nearness(left.address, right.address)
    return near is not None and near > Nearness.SAME_CITY


def _worth_asking(left: NormalisedCompany, right: NormalisedCompany, rules: CompanyRules) -> float:
    """How alike two names have to be where the most that may speak for them besides is kana, English and the city."""
    weights = rules.weights
    besides = max(weights.address_same_city, 0) if left.address.place and right.address.place else 0
    besides += max(weights.kana_same, 0) if left.kana and right.kana else 0
    besides += max(weights.english_same, 0) if left.english and left.english == right.english else 0
    if weights.name_similar_most <= weights.name_similar_least:
        return rules.similar_from
    share = (rules.asked_from - besides - weights.name_similar_least) / (
        weights.name_similar_most - weights.name_similar_least
    )
    return rules.similar_from + share * (1 - rules.similar_from)
