"""Company records as forms, scanners, imports and people leave them, against the firm itself and its neighbours."""

from typing import Any

import pytest

from connector.identity.companies import CompanyMatching
from connector.identity.company_name import company_name
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules

MATCHING = CompanyMatching(CompanyRules())
SPOT = {"address": "東京都港区赤坂1-2-3"}
EVERYTHING = {"website": "https://www.acme.co.jp/", "phone": "03-5217-4321", **SPOT}
NUMBER = {"corporate_number": "8000020130001"}


def pair(one: dict[str, Any], two: dict[str, Any], **both: Any) -> Pair:
    """Two records compared; `both` is what they agree in."""
    left, right = (
        MATCHING.normalised(Company(ref=ref, **{**both, **values})) for ref, values in (("a", one), ("b", two))
    )
    return MATCHING.compared(left, right)


def named(one: str, two: str, **both: Any) -> Pair:
    """Two that differ in their names only."""
    return pair({"name": one}, {"name": two}, **both)


@pytest.mark.parametrize(
    "behind",
    [
        " 代表取締役　山田太郎",
        " 重複",
        " 解約済み",
        " 東証プライム上場",
        "／取引停止",
        " 旧ベータ産業",
        " 旧社名：ベータ産業株式会社",
        " Acme Koki Co., Ltd.",
        " (株)",
        "さま",
        "各位",
    ],
)
def test_a_note_behind_a_name_that_begins_with_its_legal_form_is_no_part_of_it(behind: str) -> None:
    """As little as one behind a form that closes the name."""
    found = named(f"株式会社アクメ工機{behind}", "株式会社アクメ工機", **EVERYTHING)
    assert (found.alone, found.relation) == (Outcome.AUTO, "same")
    assert company_name(f"株式会社アクメ工機{behind}").core == "アクメ工機"


@pytest.mark.parametrize(
    "core", ["山田 商事", "富士 コピー", "山田 旧館", "ACME WORKS", "鈴木 工務店", "山田 上場企業支援"]
)
def test_a_word_behind_a_space_is_part_of_the_name(core: str) -> None:
    """Unless it is known to say nothing of it."""
    name = company_name(f"株式会社 {core}")
    assert (name.core, name.site, name.former) == (core, "", "")


@pytest.mark.parametrize(
    "before", ["A001 ", "z_", "元・", "顧客 ", "【取引先】", "東京 ", "TEL済 ", "農業法人", "見込客:", "12345_"]
)
def test_a_mark_before_a_legal_form_is_no_name(before: str) -> None:
    """Nor are two firms one that bear the same mark."""
    assert named(f"{before}株式会社山田工業", "株式会社山田工業", **EVERYTHING).alone is Outcome.AUTO
    assert named(f"{before}株式会社山田工業", f"{before}株式会社鈴木商会").alone is Outcome.NEW


def test_a_union_is_not_the_firm_of_its_name_nor_another_firms_union() -> None:
    """However short the name before it."""
    assert company_name("縁株式会社労働組合").others
    sold = {"name": "アクメ販売株式会社", "former_names": ("アクメ株式会社",)}
    assert pair(sold, {"name": "アクメ株式会社労働組合"}, **EVERYTHING).alone is Outcome.REVIEW


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("山田工業株式会社 服部様", "山田工業株式会社"),
        ("山田工業株式会社労働組合大阪支部", "山田工業株式会社"),
        ("山田工業㈱ 特約店", "山田工業株式会社"),
        ("株式会社 鈴木 工務店", "株式会社 鈴木 電器店"),
        ("美容室 阿部", "美容室 服部"),
        ("行政書士松本事務所", "行政書士山口事務所"),
    ],
)
def test_a_trade_a_union_a_dealer_or_a_family_name_makes_no_site(one: str, two: str) -> None:
    """Which would be related to another firm without a word."""
    assert named(one, two, **EVERYTHING).relation == "same"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("アクメ㈱ 大阪支店", "アクメ株式会社 大阪 支店"),
        ("アクメ㈱ 第一工場", "アクメ㈱ 第1工場"),
        ("アクメ㈱ 関ヶ原工場", "アクメ㈱ 関ケ原工場"),
        ("アクメ㈱ 東京本社", "アクメ㈱"),
        ("ACME CO., LTD. 東京支店", "ACME Co.,Ltd. 東京支店"),
    ],
)
def test_one_site_typed_in_two_ways_is_one(one: str, two: str) -> None:
    """And the head office is the company."""
    found = named(one, two, **EVERYTHING)
    assert (found.alone, found.relation) == (Outcome.AUTO, "same")


@pytest.mark.parametrize(
    ("one", "two", "outcome"),
    [
        ("医療法人社団善仁会", "医療法人善仁会", Outcome.AUTO),
        ("一般財団法人アクメ研究会", "財団法人アクメ研究会", Outcome.AUTO),
        ("医療社団法人アクメ会", "医療法人社団アクメ会", Outcome.AUTO),
        ("医療法人社団アクメ会", "医療法人財団アクメ会", Outcome.REVIEW),
        ("(NPO)みらい", "株式会社みらい", Outcome.REVIEW),
        ("NPO みらい", "特定非営利活動法人みらい", Outcome.AUTO),
        ("（一般社団）みらい", "一般社団法人みらい", Outcome.AUTO),
    ],
)
def test_a_shortened_legal_form_is_the_same_one(one: str, two: str, outcome: Outcome) -> None:
    """Another one is not."""
    assert named(one, two, **EVERYTHING).alone is outcome


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "株式会社イリス"}, {"name": "イリス株式会社"}),
        ({"name": "株式会社清蓮", "name_kana": "セイレン"}, {"name": "株式会社セイレン"}),
        ({"name": "株式会社オノ"}, {"name": "株式会社オオノ"}),
        ({"name": "株式会社マツダ"}, {"name": "株式会社マッダ"}),
    ],
)
def test_a_place_alone_links_no_two_names_that_differ_a_little(one: dict[str, str], two: dict[str, str]) -> None:
    """Neighbours of one register; a domain or a phone number besides makes them one."""
    assert pair(one, two, **SPOT).alone is Outcome.REVIEW
    assert pair(one, two, **EVERYTHING).alone is Outcome.AUTO


@pytest.mark.parametrize("form", ["有限会社", "合同会社"])
def test_another_legal_form_of_a_name_in_another_script_is_a_doubt(form: str) -> None:
    """As it is of the very same name."""
    one, two = {"name": f"{form}あいわ", "name_kana": "アイワ"}, {"name": "株式会社愛和", "name_kana": "アイワ"}
    assert pair(one, two, **EVERYTHING).reason == "identity.form_differs"


def test_a_former_name_of_another_legal_form_is_a_doubt() -> None:
    """有限会社山田 is seldom what was 株式会社山田."""
    now = {"name": "株式会社ネクサス", "former_names": ("株式会社山田",)}
    assert pair(now, {"name": "有限会社山田"}, **SPOT).alone is Outcome.REVIEW
    assert pair(now, {"name": "有限会社山田"}, **EVERYTHING).reason == "identity.form_differs"
    assert pair(now, {"name": "㈱山田"}, **SPOT).alone is Outcome.AUTO


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("東京都水道局", "東京都交通局"),
        ("医療法人徳洲会 湘南鎌倉総合病院", "医療法人徳洲会 札幌徳洲会病院"),
        ("早稲田大学高等学院", "早稲田大学本庄高等学院"),
        ("さくら保育園", "ひまわり保育園"),
    ],
)
def test_two_facilities_of_one_bearer_are_not_linked_by_its_number(one: str, two: str) -> None:
    """A salesperson calls on two."""
    assert named(one, two, **NUMBER, **SPOT).alone is Outcome.REVIEW


@pytest.mark.parametrize(
    ("scanned", "name"),
    [
        ("力ネカ", "カネカ"),
        ("工ヌ工ス", "エヌエス"),
        ("夕カラ", "タカラ"),
        ("千ヨダ", "チヨダ"),
        ("卜ヨタ", "トヨタ"),
        ("二シムラ", "ニシムラ"),
        ("ヒュ一マン", "ヒューマン"),
        ("ビーナス", "ヴィーナス"),
        ("ベルデ", "ヴェルデ"),
        ("アクメHD", "アクメホールディングス"),
        ("ACME HLDGS", "ACME Holdings"),
        ("つつじヶ丘医院", "つつじが丘医院"),
        ("R&amp;D", "R&D"),
    ],
)
def test_a_name_meets_itself_however_it_was_read(scanned: str, name: str) -> None:
    """漢字 for katakana from a scanner, ヴ for ビ, what a page left."""
    assert company_name(f"株式会社{scanned}").loose == company_name(f"株式会社{name}").loose


@pytest.mark.parametrize(
    "name", ["八木", "千代田", "二宮", "力石", "工藤", "一ノ瀬", "第一アクメ", "アクメ工業", "アクメ二号"]
)
def test_a_chinese_character_among_others_stays_one(name: str) -> None:
    """Only beside katakana it may be katakana."""
    assert company_name(name).loose == company_name(name).exact


@pytest.mark.parametrize(
    ("name", "nameless"),
    [
        ("その他", True),
        ("株式会社その他", False),
        ("○○ 大阪支店", True),
        ("R.corporation", False),
        ("K.K. Acme Works", False),
        ("フリー株式会社", False),
        ("フリーランス", True),
        ("無所属なし", True),
    ],
)
def test_what_stands_for_no_company_has_no_name(name: str, nameless: bool) -> None:
    """A legal form makes a name of a word that is none without it."""
    assert company_name(name).nameless is nameless


@pytest.mark.parametrize("note", ["旧本社", "旧大阪支店", "社名変更", "社名 変更", "社名:非公開"])
def test_a_note_without_a_name_tells_no_former_one(note: str) -> None:
    """It would be found under it."""
    known = MATCHING.normalised(Company(ref="a", name=f"アクメ株式会社（{note}）"))
    assert known.formers == ()


def test_a_reading_stands_beside_the_letters_that_it_may_spell() -> None:
    """ケイアイ is Keiai as well as KI."""
    for ours, theirs in (("敬愛会", "Keiaikai"), ("キューピー", "Kyupi")):
        one = MATCHING.normalised(Company(ref="a", name=ours, name_kana="ケイアイカイ" if ours == "敬愛会" else ""))
        two = MATCHING.normalised(Company(ref="b", name=theirs))
        assert not set(one.sounds).isdisjoint(two.sounds)


@pytest.mark.parametrize(
    ("one", "two"),
    [("パナソニック株式会社", "Panasonic"), ("株式会社メルカリ", "Mercari, Inc."), ("クックパッド㈱", "Cookpad Inc.")],
)
def test_a_foreign_word_in_kana_is_asked_about_beside_itself(one: str, two: str) -> None:
    """Nothing else tells that they are one; never linked by it."""
    assert named(one, two).alone is Outcome.REVIEW
