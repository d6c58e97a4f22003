"""Pairs of companies made to mislead: what must be linked, what must never be, and what is only related."""

import itertools
import time

import pytest

from connector.identity.companies import CompanyMatching
from connector.identity.corporate_number import check_digit
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules

MATCHING = CompanyMatching(CompanyRules())
SPOT = "東京都港区赤坂1-2-3"
SITE = "https://www.acme.co.jp/"
PHONE = "03-5217-4321"
EVERYTHING = {"website": SITE, "phone": PHONE, "address": SPOT}


def number(twelve: str) -> str:
    """A valid 法人番号."""
    return f"{check_digit(twelve)}{twelve}"


ONE, OTHER = number("010401012345"), number("010401099999")


def pair(one: dict[str, str], two: dict[str, str]) -> Pair:
    """Two records compared, whether or not anybody would keep the pair."""
    left, right = (
        MATCHING.normalised(Company(ref=ref, **values))  # type: ignore[arg-type]
        for ref, values in (("a", one), ("b", two))
    )
    return MATCHING.compared(left, right)


def share_a_key(one: str, two: str) -> bool:
    """Whether records of the two names find each other by the names alone."""
    ours, theirs = (set(MATCHING.keys(MATCHING.normalised(Company(ref=name, name=name)))) for name in (one, two))
    return not ours.isdisjoint(theirs)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("㈱アクメ", "アクメ株式会社"),
        ("㍿アクメ", "株式会社 アクメ"),
        ("ｱｸﾒ(株)", "アクメ(株)"),
        ("アクメ株式会社御中", "株式会社アクメ 様"),
        ("トヨサワ", "TOYOSAWA Co., Ltd."),
        ("ACME K.K.", "Ａｃｍｅ株式会社"),
        ("齋藤工業株式会社", "斉藤工業(株)"),
        ("㈱関ヶ原製作所", "株式会社関ケ原製作所"),
        ("データベース株式会社", "デ－タベ－ス(株)"),
        ("廣澤鐵工所", "広沢鉄工所"),
        ("株式会社アクメ本社", "株式会社アクメ"),
        ("NTTアクメ株式会社", "エヌ・ティ・ティ・アクメ株式会社"),
    ],
)
def test_one_name_in_two_spellings_with_the_same_web_site_is_linked(one: str, two: str) -> None:
    """And each is found by the name of the other."""
    found = pair({"name": one, "website": SITE}, {"name": two, "website": SITE})
    assert (found.alone, found.relation, found.reason) == (Outcome.AUTO, "same", "")
    assert share_a_key(one, two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("アクメ株式会社", "アクメ販売株式会社"),
        ("アクメ株式会社", "アクメホールディングス株式会社"),
        ("アクメ株式会社", "アクメＨＤ株式会社"),
        ("アクメ株式会社", "アクメジャパン株式会社"),
        ("アクメ東日本株式会社", "アクメ西日本株式会社"),
        ("第一アクメ", "第二アクメ"),
        ("有限会社アクメ", "株式会社アクメ"),
        ("国際アクメ電気株式会社", "日立国際アクメ電気株式会社"),
        ("株式会社ライズコンサルティング", "株式会社ワイズコンサルティング"),
        ("アクメマネジメント株式会社", "アクメマネジメント西株式会社"),
        ("株式会社アクメ", "アクメ・ベータ特定建設工事共同企業体"),
        ("株式会社アクメ", "Acme Inc."),
        ("不明", "株式会社アクメ"),
        ("", "株式会社アクメ"),
    ],
)
def test_firms_of_one_group_or_building_are_at_most_shown_to_a_person(one: str, two: str) -> None:
    """They share the web site, the number of the switchboard and the address."""
    assert pair({"name": one, **EVERYTHING}, {"name": two, **EVERYTHING}).alone is Outcome.REVIEW


@pytest.mark.parametrize("name", ["株式会社アクメ", "アクメ", "株式会社あ"])
def test_bearers_of_one_name_in_two_cities_are_not_linked(name: str) -> None:
    """Nothing else is known; from two prefectures on, nor through others."""
    near = pair({"name": name, "address": SPOT}, {"name": name, "address": "東京都渋谷区恵比寿4-5-6"})
    far = pair({"name": name, "address": SPOT}, {"name": name, "address": "大阪府堺市堺区1-1"})
    assert Outcome.AUTO not in (near.alone, far.alone)
    assert far.contradicted
    assert pair({"name": name}, {"name": name}).reason == "identity.too_little"


def test_another_city_needs_a_person_even_on_one_web_site() -> None:
    """It may have moved, or be another place of the same group."""
    one = {"name": "株式会社アクメ", "website": SITE, "address": SPOT}
    assert pair(one, one | {"address": "東京都渋谷区恵比寿4-5-6"}).reason == "identity.another_city"
    assert pair(one, one | {"address": "大阪府堺市堺区1-1"}).reason == "identity.veto.address_elsewhere"


@pytest.mark.parametrize(
    "proof",
    [
        {"mail": "a@gmail.com"},
        {"mail": "info@docomo.ne.jp"},
        {"website": "https://acme.jimdofree.com"},
        {"website": "https://acme.wixsite.com/top"},
        {"website": "https://www.facebook.com/acme"},
        {"website": "https://sites.google.com/view/acme"},
        {"website": "https://acme.github.io"},
        {"website": "co.jp"},
        {"website": "example.com"},
        {"phone": "0120-123-999"},
        {"phone": "0570-012-345"},
        {"phone": "000-0000-0000"},
        {"phone": "03-0000-0000"},
        {"phone": "090-1234-8765"},
        {"corporate_number": "1111111111111"},
        {"corporate_number": "9999999999999"},
        {"corporate_number": "0000000000000"},
        {"address": "不明"},
    ],
)
def test_what_anybody_may_have_proves_nothing(proof: dict[str, str]) -> None:
    """Free mail, site builders, toll-free lines and numbers that stand for none leave a name alone."""
    known = {"name": "株式会社アクメ", **proof}
    assert pair(known, known).alone is Outcome.REVIEW


@pytest.mark.parametrize(
    "name", ["", "不明", "テスト", "株式会社テスト", "-", "N/A", "個人", "🍎", "A", "xxx", "株式会社"]
)
def test_a_name_that_stands_for_none_is_no_evidence(name: str) -> None:
    """Nor is anybody found by it."""
    one = {"name": name, "website": SITE, "phone": PHONE}
    assert pair({"name": name}, {"name": name}).alone is Outcome.NEW
    assert pair(one, one).alone is not Outcome.AUTO
    assert list(MATCHING.keys(MATCHING.normalised(Company(ref="a", name=name)))) == []


@pytest.mark.parametrize(
    "branch",
    [
        "アクメ製鋼株式会社 東京支店",
        "アクメ製鋼㈱大阪営業所",
        "株式会社アクメ製鋼 第二工場",
        "アクメ製鋼東工場",
        "アクメ製鋼(株)（埼玉支社）",
        "アクメ製鋼株式会社 経理部 御中",
    ],
)
def test_a_branch_is_related_and_not_a_duplicate(branch: str) -> None:
    """Its own address is no reason against; and the plain name finds it."""
    found = pair(
        {"name": branch, "website": SITE, "address": "大阪府堺市堺区1-1"},
        {"name": "アクメ製鋼株式会社", "website": SITE, "address": SPOT},
    )
    assert found.relation == "site"
    assert not found.contradicted
    assert share_a_key(branch, "アクメ製鋼株式会社")


def test_two_records_of_one_branch_are_one() -> None:
    """As of any company."""
    found = pair({"name": "アクメ㈱ 大阪支店", "website": SITE}, {"name": "アクメ株式会社大阪支店", "website": SITE})
    assert (found.alone, found.relation) == (Outcome.AUTO, "same")


def test_a_parent_is_related_to_its_child_and_never_one_with_it() -> None:
    """What the system itself says outweighs every likeness, and holds without one."""
    parent = MATCHING.normalised(Company(ref="a", name="株式会社アクメ", **EVERYTHING))
    for name in ("株式会社アクメ", "ベータ興産"):
        child = MATCHING.normalised(Company(ref="b", name=name, parents=("a",), **EVERYTHING))
        found = MATCHING.judged(parent, child)
        assert found is not None
        assert (found.relation, found.contradicted, found.alone) == ("site", True, Outcome.REVIEW)


def test_two_valid_numbers_are_two_companies_whatever_else_agrees() -> None:
    """Not even through a third record."""
    found = pair({"name": "アクメ", "corporate_number": ONE}, {"name": "アクメ", "corporate_number": OTHER})
    assert (found.alone, found.contradicted) == (Outcome.NEW, True)


@pytest.mark.parametrize("more", [{}, {"website": SITE, "phone": PHONE}])
def test_a_succession_is_shown_with_a_reason_of_its_own(more: dict[str, str]) -> None:
    """Same name, same place, new 法人番号."""
    one = {"name": "株式会社アクメ", "address": SPOT, **more}
    found = pair(one | {"corporate_number": ONE}, one | {"corporate_number": OTHER})
    assert (found.alone, found.reason) == (Outcome.REVIEW, "identity.succession")
    assert found.contradicted


@pytest.mark.parametrize(
    ("one", "two", "more", "outcome"),
    [
        ("株式会社アクメ", "アクメ㈱", {}, Outcome.AUTO),
        ("有限会社アクメ", "株式会社アクメ", {}, Outcome.AUTO),
        ("アクメ精機工業株式会社", "アクメ情機工業株式会社", {}, Outcome.AUTO),
        ("株式会社アクメ", "ベータ興産株式会社", {}, Outcome.REVIEW),
        ("株式会社アクメ", "ベータ興産株式会社", {"website": SITE}, Outcome.AUTO),
        ("株式会社アクメ", "アクメ販売株式会社", {"website": SITE}, Outcome.REVIEW),
    ],
)
def test_one_number_is_one_company_unless_a_name_says_that_it_was_copied(
    one: str, two: str, more: dict[str, str], outcome: Outcome
) -> None:
    """A firm keeps it when it changes its name or legal form, or moves; a sales firm is given its parent's."""
    left = {"name": one, "corporate_number": ONE, "address": SPOT, **more}
    right = {"name": two, "corporate_number": ONE, "address": "大阪府堺市堺区1-1", **more}
    assert pair(left, right).alone is outcome


def test_similar_names_at_a_shared_office_are_asked_and_alone_they_are_not() -> None:
    """A person is not asked about every two names that begin alike."""
    one, two = {"name": "株式会社アクメ精機"}, {"name": "株式会社アクメ工業"}
    assert pair(one | {"address": SPOT}, two | {"address": SPOT}).alone is Outcome.REVIEW
    assert pair(one, two).alone is Outcome.NEW


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("株式会社アクメ精機工業", "株式会社アクメ情機工業"),
        ("株式会社アクメ精機工業", "㈱アクメ精機工業所"),
        ("ミシックホールディングス", "シミックホールディングス"),
        ("中央復権コンサルタンツ", "中央復建コンサルタンツ"),
        ("KMPGコンサルティング", "KPMGコンサルティング"),
        ("株式会社アクメ", "アクメグループ株式会社"),
        ("アクメ", "アクメ精機工業"),
        ("東京理科器械", "東京理化器械"),
        ("株式会社ノーパッド", "株式会社ノーパット"),
    ],
)
def test_names_that_are_mistyped_or_go_on_find_each_other(one: str, two: str) -> None:
    """By beginnings and ends that are keys on both sides."""
    assert share_a_key(one, two)


def test_a_record_has_about_a_dozen_keys() -> None:
    """Each is a row in the store."""
    whole = Company(
        ref="a", name="株式会社アクメ精機工業", name_kana="アクメセイキコウギョウ", corporate_number=ONE, **EVERYTHING
    )
    assert len(MATCHING.keys(MATCHING.normalised(whole))) < 20
    assert len(MATCHING.keys(MATCHING.normalised(Company(ref="a", name="株式会社アクメ")))) <= 6


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", ["あ", "(", "株式会社", "A ", "旧:", "・", "東京支店", "一", "-", "0120-"])
def test_a_value_of_ten_thousand_characters_takes_no_time(text: str) -> None:
    """In whichever field it was pasted."""
    long = text * (10_000 // len(text))
    began = time.process_time()
    values = dict.fromkeys(("name", "name_kana", "name_english", "address", "website", "mail", "phone"), long)
    for names in itertools.permutations((long, "株式会社アクメ")):
        pair(*[{**values, "name": name, "corporate_number": long, "postal_code": long} for name in names])
    assert time.process_time() - began < 1
