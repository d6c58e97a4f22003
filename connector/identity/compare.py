"""Two normalised companies side by side: one piece of evidence from every field that both have.

Used by the matcher; `explain` prints what it returns. Knows weights by name, no thresholds and no other candidate.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from rapidfuzz.distance import JaroWinkler, LCSseq

from connector.identity.address import Nearness, nearness
from connector.identity.company import UNVOICED, NormalisedCompany
from connector.identity.company_name import CompanyName, is_site_of
from connector.identity.legal_forms import is_short_for
from connector.identity.name_scripts import in_one_script, long_mark_left_out, uncomparable
from connector.identity.text import romaji_key
from connector.mapping.identity import CompanyRules, CompanyWeights

_NEAR: Final = {
    Nearness.SAME_SPOT: "address_same_spot",
    Nearness.SAME_TOWN: "address_same_town",
    Nearness.OTHER_BLOCK: "address_other_block",
    Nearness.SAME_CITY: "address_same_city",
    Nearness.SAME_PREFECTURE: "address_same_prefecture",
    Nearness.ELSEWHERE: "address_elsewhere",
}
_TELLING: Final = re.compile(
    "販売|商事|商会|物流|運輸|輸送|不動産|建設|工業|工務店|産業|興産|開発|技研|技術|研究所|製作所|電機|電工|電気|化学|金属|機械|食品|印刷|保険|証券|銀行|信託|リース|警備"
    "|サービス|システム|ソリューション|テクノ|エンジニアリング|コンサル|ホールディングス|グループ|holdings|group|ロジステ|ロジ$|ファイナンス|キャピタル"
    "|ライフ|生命|損保|損害|組合|基金|共済会|持株会|観光|フーズ"
    "|インターナショナル|ジャパン|japan|東日本|西日本|中日本|北海道|東北|関東|東京|中部|東海|名古屋|北陸|関西|近畿|大阪|中国|広島|四国|九州|福岡|沖縄|第[一二三四五]|\\d"
)
_FACILITY: Final = re.compile(
    "(?:病院|医院|医療センター|クリニック|診療所|薬局|学校|学園|学院|高校|大学|学部|幼稚園|保育園|保育所|こども園"
    "|局|署|庁|図書館|公民館|美術館|博物館|ホーム|苑|荘|ホテル|旅館)$"
)
_HOLDING: Final = re.compile("ホールディング|グループ|持株|holding|group|hd$")
OF_BEGINNING: Final = 0.94
OF_WITHIN: Final = 0.6
OF_VOICE: Final = 0.9
"""What a common beginning counts for, a short name that stands whole in a long one, and カ for ガ."""

ONE_READING: Final = 0.85

_TELLING_SOUND: Final = 4
"""Letters from which on a name in another script says something."""

SAME_NAME: Final = frozenset(("name_exact", "name_loose", "name_sound"))
_ONE_NAME: Final = SAME_NAME | {"name_english", "name_other_script"}
PROOFS: Final = frozenset(
    (
        "corporate_number_same",
        "address_same_spot",
        "address_same_town",
        "domain_same",
        "phone_same",
        "unique_in_register",
        "only_one_near",
        "only_one_in_city",
    )
)
"""Findings beyond the name, one of which every automatic link needs."""

VETOES: Final = frozenset(("parent_and_child", "corporate_number_differs", "address_elsewhere"))
"""Findings that no sum of others outweighs without a person; one 法人番号 outweighs that a firm has moved."""


class Evidence(NamedTuple):
    """One finding: its `kind` is the name of its weight and of its text (`identity.<kind>`), `weight` is in bits."""

    kind: str
    field: str
    left: str
    right: str
    weight: float

    @property
    def text_key(self) -> str:
        """The key of the sentence that explains it."""
        return f"identity.{self.kind}"


def compare_companies(left: NormalisedCompany, right: NormalisedCompany, rules: CompanyRules) -> list[Evidence]:
    """What speaks for and against the two being one. Symmetric but for the order of `left` and `right`."""
    weights = rules.weights
    names = _names(left, right, rules)
    sites = left.name.site_key != right.name.site_key or names[0].kind == "name_within"
    found = _numbers(left, right, weights) + names + _scripts(left, right, weights)
    return found + _places(left, right, weights, sites) + _reach(left, right, weights, sites)


def _evidence(kind: str, field: str, left: str, right: str, weights: CompanyWeights) -> Evidence:
    return Evidence(kind, field, left, right, getattr(weights, kind))


def _numbers(left: NormalisedCompany, right: NormalisedCompany, weights: CompanyWeights) -> list[Evidence]:
    found = []
    if left.ref in right.parents or right.ref in left.parents:
        found.append(_evidence("parent_and_child", "parent", left.ref, right.ref, weights))
    if left.number and right.number:
        kind = "corporate_number_same" if left.number == right.number else "corporate_number_differs"
        found.append(_evidence(kind, "corporate_number", left.number, right.number, weights))
    return found


def _names(left: NormalisedCompany, right: NormalisedCompany, rules: CompanyRules) -> list[Evidence]:
    weights = rules.weights
    if left.name.nameless or right.name.nameless:
        return [_evidence("name_unknown", "name", left.name.base, right.name.base, weights)]
    found = [_best_name(left, right, rules)]
    if left.name.others or right.name.others:
        found.append(_evidence("several_companies", "name", left.name.base, right.name.base, weights))
    if found[0].kind == "name_former":
        found += _forms_of_formers(left, right, weights)
        if bool(_HOLDING.search(left.name.exact)) != bool(_HOLDING.search(right.name.exact)):
            found.append(_evidence("holding_differs", "name", left.name.core, right.name.core, weights))
        return found
    if found[0].kind in ("name_uncomparable", "name_consonants"):
        return found  # no two scripts write a legal form alike
    if found[0].kind == "name_loose" and long_mark_left_out(left.name.core, right.name.core):
        found.append(_evidence("long_mark_differs", "name", left.name.core, right.name.core, weights))
    return (
        found
        + _forms(left.name, right.name, found[0].kind in _ONE_NAME, weights)
        + _words(found[0], left.name, right.name, weights)
        + _facilities(found[0], left.name, right.name, weights)
    )


def _best_name(left: NormalisedCompany, right: NormalisedCompany, rules: CompanyRules) -> Evidence:
    ours, theirs = left.name, right.name
    kind = next((kind for kind, agrees in _AGREEMENTS if agrees(left, right)), "")
    if kind:
        return _evidence(kind, "name", ours.core, theirs.core, rules.weights)
    alike = similarity(ours.loose, theirs.loose)
    kind = "name_alike" if alike >= rules.alike_from else "name_similar"
    if alike < rules.similar_from:
        kind = _unlike(ours.loose, theirs.loose)
    return Evidence(kind, "name", ours.core, theirs.core, likeness(ours.loose, theirs.loose, rules))


def likeness(left: str, right: str, rules: CompanyRules) -> float:
    """What two names weigh that agree in no other way, of their characters alone."""
    alike, weights = similarity(left, right), rules.weights
    if alike < rules.similar_from:
        return float(getattr(weights, _unlike(left, right)))
    share = (alike - rules.similar_from) / (1 - rules.similar_from)
    return weights.name_similar_least + share * (weights.name_similar_most - weights.name_similar_least)


def _unlike(left: str, right: str) -> str:
    return "name_uncomparable" if uncomparable(left, right) else "name_differs"


def _former(left: NormalisedCompany, right: NormalisedCompany) -> bool:
    ours, theirs = left.name.sound, right.name.sound
    return any(name.sound == theirs for name in left.formers) or any(name.sound == ours for name in right.formers)


def is_english_of(left: NormalisedCompany, right: NormalisedCompany) -> bool:
    """Only for a name without a Japanese legal form: 株式会社ACME may be another firm than Acme Co., Ltd."""
    ours = left.name.position == "none" and left.name.exact == right.english
    return ours or (right.name.position == "none" and right.name.exact == left.english)


def sound_alike(left: NormalisedCompany, right: NormalisedCompany) -> bool:
    """Two names in two scripts agree by kana and Latin letters, where these are long enough to say something.

    Not two in one script: Glow and Grow, シャイン and サイン, 協栄 and 共栄 sound alike, and are two.
    """
    return not in_one_script(left.name.exact, right.name.exact) and any(
        len(sound) >= _TELLING_SOUND and sound in right.sounds for sound in left.sounds
    )


_AGREEMENTS: Final[tuple[tuple[str, Callable[[NormalisedCompany, NormalisedCompany], bool]], ...]] = (
    ("name_exact", lambda left, right: left.name.exact == right.name.exact),
    ("name_loose", lambda left, right: left.name.loose == right.name.loose),
    ("name_sound", lambda left, right: left.name.sound == right.name.sound),
    ("name_former", _former),
    ("name_english", is_english_of),
    ("name_other_script", sound_alike),
    ("name_consonants", lambda left, right: not left.bones.isdisjoint(right.bones)),
    ("name_within", lambda left, right: is_site_of(left.name, right.name) or is_site_of(right.name, left.name)),
    ("name_of_group", lambda left, right: left.name.stem == right.name.stem),
)
"""Ways in which two names agree, the closest first."""


def similarity(left: str, right: str) -> float:
    """How alike two names are, 0 to 1: characters in common, a common beginning, or one that holds the other whole."""
    alike = max(
        LCSseq.normalized_similarity(left, right), OF_BEGINNING * JaroWinkler.normalized_similarity(left, right)
    )
    if alike < OF_VOICE and (ours := left.translate(UNVOICED), theirs := right.translate(UNVOICED)) != (left, right):
        alike = max(alike, OF_VOICE * LCSseq.normalized_similarity(ours, theirs))
    short, long = sorted((left, right), key=len)
    if len(short) > 1 and short in long:
        return max(alike, OF_WITHIN + (1 - OF_WITHIN) * len(short) / len(long))
    return alike


def sound_the_same(ours: str, theirs: str) -> bool:
    """Whether two romanised readings are one, typed in two ways."""
    return ours == theirs or similarity(ours, theirs) > ONE_READING


def _forms(ours: CompanyName, theirs: CompanyName, same_name: bool, weights: CompanyWeights) -> list[Evidence]:
    """Legal forms; between two names that differ they tell less, and the position tells nothing."""
    if ours.form and theirs.form and is_short_for(ours.form, theirs.form):
        return [_evidence("form_shortened", "legal_form", ours.form, theirs.form, weights)]
    if ours.form and theirs.form and ours.form != theirs.form:
        return [
            _evidence("form_differs" if same_name else "form_changed", "legal_form", ours.form, theirs.form, weights)
        ]
    if bool(ours.form) != bool(theirs.form):
        return [_evidence("form_missing", "legal_form", ours.form, theirs.form, weights)]
    if same_name and "none" not in (ours.position, theirs.position) and ours.position != theirs.position:
        return [_evidence("position_differs", "legal_form", ours.position, theirs.position, weights)]
    return []


def _forms_of_formers(left: NormalisedCompany, right: NormalisedCompany, weights: CompanyWeights) -> list[Evidence]:
    """A former name with another legal form than the firm that bears it now is mostly another firm's."""
    borne = [(former.form, right.name.form) for former in left.formers if former.sound == right.name.sound]
    borne += [(left.name.form, former.form) for former in right.formers if former.sound == left.name.sound]
    if any(not ours or not theirs or ours == theirs or is_short_for(ours, theirs) for ours, theirs in borne):
        return []
    return [_evidence("form_differs", "legal_form", *borne[0], weights)]


def _facilities(name: Evidence, ours: CompanyName, theirs: CompanyName, weights: CompanyWeights) -> list[Evidence]:
    """Two hospitals, schools or bureaus of one bearer, which have its 法人番号 in common."""
    if name.kind in _ONE_NAME or not (_FACILITY.search(ours.core) or _FACILITY.search(theirs.core)):
        return []
    return [_evidence("facility_differs", "name", ours.core, theirs.core, weights)]


def _words(name: Evidence, ours: CompanyName, theirs: CompanyName, weights: CompanyWeights) -> list[Evidence]:
    """Words that only one of two similar names has."""
    if name.kind not in ("name_alike", "name_similar"):
        return []
    mine, yours = set(_TELLING.findall(ours.exact)), set(_TELLING.findall(theirs.exact))
    if mine == yours:
        return []
    only = "・".join(sorted(mine - yours)), "・".join(sorted(yours - mine))
    return [_evidence("word_differs", "name", *only, weights)]


def _scripts(left: NormalisedCompany, right: NormalisedCompany, weights: CompanyWeights) -> list[Evidence]:
    found = []
    if left.kana and right.kana:
        ours, theirs = romaji_key(left.kana), romaji_key(right.kana)
        kind = "kana_same" if sound_the_same(ours, theirs) else "kana_differs"
        found.append(_evidence(kind, "kana", left.kana, right.kana, weights))
    if left.english and left.english == right.english:
        found.append(_evidence("english_same", "english", left.english, right.english, weights))
    return found


def _places(left: NormalisedCompany, right: NormalisedCompany, weights: CompanyWeights, sites: bool) -> list[Evidence]:
    """Where they are; a site may well be elsewhere."""
    near = nearness(left.address, right.address)
    if near is None or (near is Nearness.ELSEWHERE and sites):
        same = left.postal_code and left.postal_code == right.postal_code
        return (
            [_evidence("postal_code_same", "postal_code", left.postal_code, right.postal_code, weights)] if same else []
        )
    return [_evidence(_NEAR[near], "address", left.address.raw, right.address.raw, weights)]


def _reach(left: NormalisedCompany, right: NormalisedCompany, weights: CompanyWeights, sites: bool) -> list[Evidence]:
    """Domain and phones; a site may well have a phone of its own, and a firm with one domain several."""
    found = []
    if left.domain and right.domain:
        kind = "domain_same" if left.domain == right.domain else "domain_differs"
        found.append(_evidence(kind, "domain", left.domain, right.domain, weights))
    if shared := left.phones & right.phones:
        found.append(_evidence("phone_same", "phone", min(shared), min(shared), weights))
    elif left.phones and right.phones and not sites and not (left.domain and left.domain == right.domain):
        found.append(_evidence("phone_differs", "phone", min(left.phones), min(right.phones), weights))
    return found
