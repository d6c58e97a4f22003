"""Firms that look like one by a name, a reading, a place or a host, and are not, or not for sure."""

from collections.abc import Mapping

import pytest

from connector.identity.companies import CompanyMatching
from connector.identity.corporate_number import check_digit
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules

MATCHING = CompanyMatching(CompanyRules())
SPOT = {"address": "東京都渋谷区道玄坂1-10-8"}
SITE = {"website": "https://www.acme.co.jp/"}
PHONE = {"phone": "03-5217-4321"}
NUMBER = {"corporate_number": f"{check_digit('010401012345')}010401012345"}


def pair(one: Mapping[str, object], two: Mapping[str, object]) -> Pair:
    """Two records compared, whether or not anybody would keep the pair."""
    left, right = (
        MATCHING.normalised(Company(ref=ref, **values))  # type: ignore[arg-type]
        for ref, values in (("a", one), ("b", two))
    )
    return MATCHING.compared(left, right)


def named(one: str, two: str, **more: str) -> Pair:
    """Two names with the same of everything else."""
    return pair({"name": one, **more}, {"name": two, **more})


@pytest.mark.parametrize("name", ["田中歯科医院", "株式会社アシスト"])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("東京都世田谷区", "東京都世田谷区"),
        ("大阪府大阪市", "大阪府大阪市"),
        ("愛知県名古屋市", "名古屋市"),
        ("東京都港区赤坂1-2-3", "東京都港区赤坂9-7-1"),
        ("東京都港区", "東京都港区赤坂9-7-1"),
        ("千代田区一番町1-2", "千代田区三番町5-6"),
    ],
)
def test_namesakes_in_one_city_or_two_parts_of_a_town_are_not_linked(name: str, one: str, two: str) -> None:
    """A ward has thousands of firms, and a large town hundreds."""
    assert pair({"name": name, "address": one}, {"name": name, "address": two}).alone is Outcome.REVIEW


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("東京都港区赤坂1-2-3", "東京都港区赤坂1-2-3 5F"),
        ("東京都港区赤坂1-2-3", "東京都港区赤坂１－２－３　５０１"),
        ("東京都港区赤坂1-2-3 8階", "東京都港区赤坂1丁目 2番 3号 3階"),
        ("東京都港区赤坂1-2-3", "東京都港区赤坂"),
        ("東京都港区赤坂1-2-3", "東京都港区赤坂1-5-6"),
    ],
)
def test_one_name_in_one_building_or_one_part_of_a_town_is_linked(one: str, two: str) -> None:
    """Floors and rooms are part of a building."""
    assert pair({"name": "㈱アクメ", "address": one}, {"name": "株式会社アクメ", "address": two}).alone is Outcome.AUTO


def test_two_phones_speak_against_a_town() -> None:
    """A firm has several numbers, so not against a building."""
    one, two = ({"name": "株式会社アクメ", "phone": phone} for phone in ("03-5217-4321", "03-6241-7788"))
    town = {"address": "東京都港区赤坂1-2-3"}, {"address": "東京都港区赤坂1-5-6"}
    assert pair(one | town[0], two | town[1]).alone is Outcome.REVIEW
    assert pair(one | town[0], two | town[0]).alone is Outcome.AUTO


def test_a_branch_has_a_phone_of_its_own() -> None:
    """And belongs to the company of its web site all the same."""
    branch = {"name": "アクメ製鋼東工場", "phone": "06-6241-7788", **SITE}
    assert pair(branch, {"name": "アクメ製鋼株式会社", **PHONE, **SITE}).alone is Outcome.AUTO


def test_a_postal_code_is_no_proof() -> None:
    """It is that of a town."""
    known = {"name": "株式会社アシスト", "postal_code": "150-0002"}
    assert pair(known, known).alone is Outcome.REVIEW


@pytest.mark.parametrize(("one", "two"), [("株式会社エール", "株式会社エル"), ("株式会社ハート", "株式会社ハト")])
def test_a_town_proves_only_the_very_same_name(one: str, two: str) -> None:
    """ー is often left out, and often is the difference."""
    assert named(one, two, address="東京都港区赤坂").alone is Outcome.REVIEW


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("株式会社エール", "株式会社エル"),
        ("コート", "コト"),
        ("株式会社リーフ", "リフ株式会社"),
        ("マツダ株式会社", "マッダ株式会社"),
    ],
)
def test_a_long_mark_within_a_word_makes_another_name(one: str, two: str) -> None:
    """In one building they are two firms; with one web site or phone it was left out."""
    assert named(one, two, **SPOT).alone is Outcome.REVIEW
    assert named("株式会社エール", "株式会社エル", **SPOT, **SITE).alone is Outcome.AUTO


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("株式会社コンピューター", "株式会社コンピュータ"),
        ("データベース株式会社", "デ－タベ－ス(株)"),
        ("インターフェイス株式会社", "インターフェース株式会社"),
        ("サーバー・データ", "サーバデータ"),
        ("株式会社サーバーワークス", "株式会社サーバワークス"),
        ("キヤノン株式会社", "キャノン株式会社"),
        ("シヤチハタ株式会社", "シャチハタ株式会社"),
        ("キユーピー株式会社", "キューピー株式会社"),
        ("イトーヨーカドー", "イトウヨーカドー"),
    ],
)
def test_a_long_mark_at_the_end_of_a_word_or_typed_as_a_dash_makes_none(one: str, two: str) -> None:
    """People leave it out, or write the vowel; so do small letters that the register has large."""
    assert named(one, two, **SPOT).alone is Outcome.AUTO


def test_one_building_with_another_web_site_and_another_phone_is_asked() -> None:
    """As in offices that are let by the hour; one of the two may have changed."""
    one = {"name": "株式会社アシスト", "website": "a-one.co.jp", "phone": "03-5217-4321", **SPOT}
    two = {"name": "株式会社アシスト", "website": "b-two.co.jp", "phone": "03-6241-7788", **SPOT}
    assert pair(one, two).alone is Outcome.REVIEW
    assert pair(one, {**two, "website": ""}).alone is Outcome.AUTO
    assert pair({**one, **NUMBER}, {**two, **NUMBER}).alone is Outcome.AUTO


@pytest.mark.parametrize("more", [SITE, {**SITE, **PHONE, **SPOT}])
@pytest.mark.parametrize(
    "holding", ["アクメホールディングス株式会社", "株式会社アクメグループ本社", "アクメHD", "Acme Holdings Inc."]
)
def test_a_holding_that_bore_the_name_of_its_operating_company_is_another(holding: str, more: dict[str, str]) -> None:
    """The name went to the new firm when the old one became the holding."""
    former = {"name": holding, "former_names": ("アクメ株式会社",)}
    found = pair({**former, **more}, {"name": "アクメ株式会社", **more})
    assert found.alone is Outcome.REVIEW
    assert pair({**former, **more, **NUMBER}, {"name": "アクメ株式会社", **more, **NUMBER}).alone is Outcome.AUTO


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("株式会社Glow", "株式会社Grow"),
        ("Light Inc.", "Right Inc."),
        ("株式会社SHARE", "株式会社SALE"),
        ("Kyowa Co., Ltd.", "Kowa Co., Ltd."),
        ("キョーワ株式会社", "コーワ株式会社"),
        ("株式会社ショウワ", "株式会社ソウワ"),
        ("株式会社シャイン", "株式会社サイン"),
    ],
)
def test_two_names_in_one_script_are_not_one_by_their_sound(one: str, two: str) -> None:
    """Two letters that Japanese hears as one are two letters to whoever chose the name."""
    assert named(one, two, **SPOT).alone is not Outcome.AUTO
    assert named(one, two, **PHONE, **SPOT).alone is not Outcome.AUTO


@pytest.mark.parametrize(
    ("one", "two", "kana"),
    [
        ("株式会社協栄", "株式会社共栄", "キョウエイ"),
        ("光和株式会社", "広和株式会社", "コウワ"),
        ("東洋精機株式会社", "東陽精機株式会社", "トウヨウセイキ"),
        ("日商株式会社", "日照株式会社", "ニッショウ"),
    ],
)
def test_two_names_in_kanji_that_are_read_alike_are_two(one: str, two: str, kana: str) -> None:
    """Whatever they share besides."""
    assert named(one, two, name_kana=kana, **SPOT).alone is not Outcome.AUTO
    assert named(one, two, name_kana=kana, name_english="Kyoei Co., Ltd.", **SPOT, **PHONE).alone is not Outcome.AUTO


@pytest.mark.parametrize(("kanji", "kana", "other"), [("極洋", "キョクヨウ", "KYOKUYO"), ("虎屋", "トラヤ", "とらや")])
def test_a_reading_links_names_in_two_scripts(kanji: str, kana: str, other: str) -> None:
    """The kana of a name in 漢字 is the other name."""
    assert pair({"name": kanji, "name_kana": kana, **SITE}, {"name": other, **SITE}).alone is Outcome.AUTO


@pytest.mark.parametrize("site", ["中央支店", "営業部", "第二工場"])
def test_sites_of_one_name_in_two_prefectures_are_not_one(site: str) -> None:
    """Every bank has a 中央支店 in many cities."""
    one, two = "北海道札幌市中央区大通西1-1", "千葉県千葉市中央区中央1-1-1"
    name = f"アクメ株式会社 {site}"
    found = pair({"name": name, "address": one, **SITE}, {"name": name, "address": two, **SITE})
    assert found.alone is Outcome.REVIEW


@pytest.mark.parametrize("one", ["アクメロジ", "アクメライフ", "アクメ生命", "アクメ健康保険組合", "アクメ損保"])
def test_a_number_that_was_copied_from_another_firm_of_the_group_links_nothing(one: str) -> None:
    """The name tells another business."""
    assert named(one, "株式会社アクメ", **SITE, **NUMBER).alone is Outcome.REVIEW
    assert named(one, "アクメ証券", **SITE, **NUMBER).alone is Outcome.REVIEW


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("株式会社虎屋", "株式会社とらや"),
        ("株式会社長谷川", "株式会社はせがわ"),
        ("桜商事株式会社", "さくら商事株式会社"),
        ("株式会社山田電機", "株式会社ヤマダデンキ"),
        ("株式会社極洋", "KYOKUYO CO., LTD."),
        ("アクメ", "ACME"),
    ],
)
@pytest.mark.parametrize("proof", [SITE, PHONE, SPOT])
def test_names_in_two_scripts_with_something_in_common_are_asked(one: str, two: str, proof: dict[str, str]) -> None:
    """Nobody can tell by the characters whether they are one."""
    assert named(one, two, **proof).alone is Outcome.REVIEW


@pytest.mark.parametrize(("one", "two"), [("アクメ", "山田工業"), ("アクメ商事", "山田建設"), ("アクメ", "ベータ興産")])
def test_neighbours_that_cannot_be_read_alike_are_not_asked_about(one: str, two: str) -> None:
    """Four characters are not read in three syllables."""
    assert named(one, two, **SPOT).alone is Outcome.NEW


def test_a_city_without_its_ward_is_no_spot() -> None:
    """Neither tells a town, and every ward has a 1-1."""
    found = pair(
        {"name": "株式会社アクメ", "address": "横浜市1-1"}, {"name": "株式会社アクメ", "address": "横浜市西区1-1"}
    )
    assert found.alone is Outcome.REVIEW


@pytest.mark.parametrize("site", ["渋谷店", "研修センター", "社長室", "つくば研究所"])
def test_shops_and_rooms_of_a_company_are_its_sites(site: str) -> None:
    """Behind its legal form and a space; of a firm without a form it may be the trade (佐藤 税理士事務所)."""
    found = pair({"name": "株式会社アクメ", **SITE}, {"name": f"株式会社アクメ {site}", **SITE})
    assert found.relation == "site"
    trade = pair({"name": "株式会社さくら書店", **SPOT}, {"name": "株式会社 さくら 書店", **SPOT})
    assert (trade.alone, trade.relation) == (Outcome.AUTO, "same")


@pytest.mark.parametrize("behind", ["広報", "経営企画", "DX推進グループ", "Tokyo Office"])
def test_departments_behind_a_closing_form_are_sites(behind: str) -> None:
    """But a union of its staff is somebody else."""
    assert pair({"name": "アクメ株式会社", **SITE}, {"name": f"アクメ株式会社 {behind}", **SITE}).relation == "site"
    assert pair({"name": "アクメ株式会社", **SITE}, {"name": "アクメ株式会社労働組合", **SITE}).alone is Outcome.REVIEW
    titled = pair({"name": "アクメ株式会社", **SITE}, {"name": "アクメ株式会社 総務ご担当者様", **SITE})
    assert (titled.alone, titled.relation) == (Outcome.AUTO, "same")
