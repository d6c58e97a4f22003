"""Company names as a CRM really holds them: marks, notes and titles around them, initials, brackets, branches."""

import pytest

from connector.identity.companies import CompanyMatching
from connector.identity.company_name import company_name
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules

MATCHING = CompanyMatching(CompanyRules())
EVERYTHING = {"website": "https://www.acme.co.jp/", "phone": "03-5217-4321", "address": "東京都港区赤坂1-2-3"}


def pair(one: str, two: str) -> Pair:
    """Two that agree in everything else."""
    left, right = (
        MATCHING.normalised(Company(ref=ref, name=name, **EVERYTHING))  # type: ignore[arg-type]
        for ref, name in (("a", one), ("b", two))
    )
    return MATCHING.compared(left, right)


@pytest.mark.parametrize(
    "around",
    [
        *("{}さま", "{} 殿", "{}各位", "{} ご担当者様", "{}。", "{}、", "{}-", "{}★", "{}🍎", "{}®", "「{}」"),
        *(
            "{}<br>",
            "<b>{}</b>",
            "&nbsp;{}",
            "{}&nbsp;",
            "{}_2",
            "{}(株)",
            "{} 重複",
            "{} ※解約",
            "{} 東証一部",
            "{} 代表取締役社長 山田太郎",
        ),
        *("{}（旧ベータ産業株式会社）", "{} 旧ベータ産業", "{} Acme Koki Co., Ltd."),
        *("{}（登記上の商号：ベータ産業株式会社）", "{}（称号　㈱アクメ工機）", "{}（商号変更）"),
    ],
)
def test_what_is_typed_around_a_name_does_not_make_a_site_of_it(around: str) -> None:
    """It would be related to itself: neither linked nor asked about."""
    found = pair(around.format("アクメ工機株式会社"), "アクメ工機株式会社")
    assert (found.alone, found.relation) == (Outcome.AUTO, "same")


@pytest.mark.parametrize(
    "behind", ["労働組合", " 健康保険組合", "持株会", " ベータ株式会社", "（ベータ株式会社内）", " 山田太郎"]
)
def test_words_behind_a_legal_form_that_nobody_knows_are_shown_to_a_person(behind: str) -> None:
    """A union of its staff is another one, a person's name is a note."""
    found = pair(f"アクメ工機株式会社{behind}", "アクメ工機株式会社")
    assert (found.alone, found.relation) == (Outcome.REVIEW, "same")


@pytest.mark.parametrize(
    "behind",
    [
        "大阪支店",
        " 経理部",
        " さくら事務所",
        " 大阪",
        " 営業部 山田太郎",
        "東京撮影所",
        "介護事業所よこはま",
        "（九州）",
    ],
)
def test_a_place_or_a_department_behind_a_legal_form_is_a_site(behind: str) -> None:
    """As it ever was."""
    assert pair(f"アクメ工機株式会社{behind}", "アクメ工機株式会社").relation == "site"


@pytest.mark.parametrize(
    "typed",
    [
        "アクメ株式会社（旧ベータ株式会社）",
        "アクメ株式会社（旧社名：ベータ株式会社）",
        "アクメ（旧：㈱ベータ）",
        "アクメ㈱ 旧ベータ",
        "株式会社アクメ(旧ベータ)大阪支店",
    ],
)
def test_a_former_name_is_read_with_its_legal_form(typed: str) -> None:
    """In brackets and behind the name."""
    name = company_name(typed)
    assert name.core == "アクメ"
    assert company_name(name.former).core == "ベータ"
    assert not name.others


@pytest.mark.parametrize(
    ("typed", "former"),
    [
        ("株式会社パルテック（定款上の商号　株式会社ＰＡＬＴＥＫ）", "株式会社PALTEK"),
        ("アクメ（登記名：ベータ株式会社）", "ベータ株式会社"),
        ("アクメ株式会社（商号変更）", ""),
        ("アクメ商号株式会社", ""),
    ],
)
def test_the_name_in_the_register_is_another_name(typed: str, former: str) -> None:
    """Under which the firm is found as under a former one."""
    name = company_name(typed)
    assert (name.former, name.others) == (former, False)


def test_several_former_names_in_one_field_are_several() -> None:
    """Each finds the firm."""
    known = MATCHING.normalised(Company(ref="a", name="アクメ", former_names=("ベータ株式会社、(株)ガンマ",)))
    assert [name.core for name in known.formers] == ["ベータ", "ガンマ"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("YKK (Thailand) Co., Ltd.", "YKK (Vietnam) Co., Ltd."),
        ("アクメ（上海）", "アクメ（香港）"),
        ("アクメ(HD)株式会社", "アクメ株式会社"),
        ("アクメ（販売）株式会社", "アクメ株式会社"),
        ("アクメ工業（株）（子会社）", "アクメ工業（株）"),
        ("アクメ(九州)", "アクメ(北海道)"),
        ("アクメ保育園（第一）", "アクメ保育園（第二）"),
    ],
)
def test_a_word_in_brackets_can_be_part_of_the_name(one: str, two: str) -> None:
    """A country, a region, a number, a trade, a holding."""
    found = pair(one, two)
    assert found.alone is not Outcome.AUTO or found.relation == "site"


@pytest.mark.parametrize(("one", "two"), [("株式会社山本屋本店", "株式会社山本屋"), ("GK Design", "Design Inc.")])
def test_a_word_of_the_name_is_not_taken_for_one_about_it(one: str, two: str) -> None:
    """Two houses of one master, and initials that look like a legal form."""
    assert pair(one, two).alone is Outcome.REVIEW


@pytest.mark.parametrize(
    "names",
    [
        ("TAC", "TEC", "TC", "T"),
        ("DAC", "DC"),
        ("JAC", "JEC", "GAC"),
        ("KEC", "KAC"),
        ("ACE", "AC"),
        ("ケイエイ", "K"),
        ("ティーエーシー", "ティーイーシー", "ティーシー"),
        ("ティイーシー", "ティシー"),
        ("シィーイー", "シイー", "シーシー"),
    ],
)
def test_other_initials_make_another_name(names: tuple[str, ...]) -> None:
    """However they sound one after the other."""
    assert len({company_name(f"株式会社{name}").sound for name in names}) == len(names)
    assert pair(f"株式会社{names[0]}", f"株式会社{names[1]}").alone is Outcome.REVIEW


def test_initials_in_a_kana_field_are_told_apart_as_well() -> None:
    """The reading of TEC is not that of TC."""
    one, two = (
        MATCHING.normalised(Company(ref=name, name=name, name_kana=kana))
        for name, kana in (("東計", "ティーイーシー"), ("東経", "ティーシー"))
    )
    assert set(one.sounds).isdisjoint(two.sounds)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("TAC", "ティーエーシー"),
        ("NTTデータ", "エヌ・ティ・ティ・データ"),
        ("NTT", "エヌ・テイ・テイ"),
        ("JR", "ジェイアール"),
        ("JA", "ジェー・エー"),
        ("Gテック", "ジーテック"),
        ("HIS", "エイチ・アイ・エス"),
    ],
)
def test_initials_meet_those_that_are_spelled_out(one: str, two: str) -> None:
    """In every spelling of their Japanese names."""
    assert company_name(f"株式会社{one}").sound == company_name(f"{two}㈱").sound


@pytest.mark.parametrize(
    "name",
    ["ダイヤモンド社", "AOZORA COMPANY", "NTT DATA, Inc.", "M.Y.K", "Logic&Company", "クリーク・アンド・リバー社"],
)
def test_a_name_that_ends_with_a_word_for_company_is_found_without_its_legal_form(name: str) -> None:
    """Which people leave out where the name sounds like a company's without it."""
    bare, formed = company_name(name), company_name(f"株式会社{name}")
    assert bare.loose == formed.loose
    assert bare.sound == formed.sound
    assert pair(name, f"{name}株式会社").alone is Outcome.AUTO
    assert formed.core == name.rstrip(".")


@pytest.mark.parametrize(
    ("kanji", "kana", "other"),
    [
        ("極洋", "キョクヨウ", "KYOKUYO CO., LTD."),
        ("日清", "ニッシン", "Nissin"),
        ("中央", "チュウオウ", "株式会社チューオー"),
        ("極洋", "キヨクヨウ", "株式会社キョクヨウ"),
    ],
)
def test_a_kana_field_meets_the_name_in_kana_or_latin_letters(kanji: str, kana: str, other: str) -> None:
    """Small letters are heard as such, and large ones in their place as well."""
    ours = MATCHING.normalised(Company(ref="a", name=kanji, name_kana=kana))
    theirs = MATCHING.normalised(Company(ref="b", name=other, name_kana="キョクヨウ" if kana == "キヨクヨウ" else ""))
    assert not set(ours.sounds).isdisjoint(theirs.sounds)
    assert not set(MATCHING.keys(ours)).isdisjoint(MATCHING.keys(theirs))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "確認中",
            "調査中",
            "未確認",
            "個人宅",
            "お客様",
            "一般顧客",
            "取引先",
            "新規取引先",
            "名称未設定",
            "退職",
            "廃業",
        ),
        *("統合済", "同上", "特になし", "迷惑メール", "会社", "弊社", "当社", "株式会社不明", "不明株式会社", "不明2"),
        *(
            "株式会社〇〇",
            "株式会社○○",
            "株式会社△△",
            "[[Unknown]]",
            "testtest",
            "テスト太郎",
            "hogehoge",
            "your company",
            "HP問い合わせ",
        ),
    ],
)
def test_more_words_stand_for_no_name(name: str) -> None:
    """Nobody is found or linked by them."""
    assert company_name(name).nameless
    assert pair(name, name).alone is not Outcome.AUTO


@pytest.mark.parametrize(
    ("typed", "form", "core"),
    [
        ("認定NPO法人アクメ", "特定非営利活動法人", "アクメ"),
        ("認定特定非営利活動法人アクメ", "特定非営利活動法人", "アクメ"),
        ("特定医療法人アクメ会", "医療法人", "アクメ会"),
        ("特例有限会社アクメ", "有限会社", "アクメ"),
        ("更生会社株式会社アクメ", "株式会社", "アクメ"),
        ("株式株式会社アクメ", "株式会社", "アクメ"),
        ("01_株式会社アクメ", "株式会社", "アクメ"),
        ("★★株式会社アクメ", "株式会社", "アクメ"),
        ("VIP 株式会社アクメ", "株式会社", "アクメ"),
        ("医)アクメ会", "医療法人", "アクメ会"),
        ("医社）アクメ会", "医療法人社団", "アクメ会"),
        ("医療法人（社団）アクメ会", "医療法人社団", "アクメ会"),
        ("77株式会社 大阪支店", "株式会社", "77"),
        ("VIP株式会社 大阪支店", "株式会社", "VIP"),
        ("01_株式会社アクメ大阪支店", "株式会社", "アクメ"),
        ("※重複 株式会社アクメ", "株式会社", "アクメ"),
        ("001 株式会社アクメ", "株式会社", "アクメ"),
        ("A株式会社★", "株式会社", "A"),
        ("新 株式会社アクメ", "株式会社", "アクメ"),
        ("7-11株式会社 大阪支店", "株式会社", "7-11"),
        ("KK商会", "", "KK商会"),
        ("Acme KK", "株式会社", "Acme"),
        ("K.K. Acme", "株式会社", "Acme"),
    ],
)
def test_the_name_is_found_among_forms_and_marks(typed: str, form: str, core: str) -> None:
    """What stands before a legal form is the name only where it is one."""
    name = company_name(typed)
    assert (name.form, name.core) == (form, core)


@pytest.mark.parametrize(
    "name",
    [
        "佐藤 税理士事務所",
        "山田 商店",
        "軽井沢 ゴルフ倶楽部",
        "さくら 書店",
        "日本 総合研究所",
        "株式会社内外",
        "日本海外",
    ],
)
def test_the_trade_and_the_end_of_a_name_stay_with_it(name: str) -> None:
    """A space is typed between a family name and its trade; 外 ends words."""
    found = company_name(name)
    assert (found.site, found.others) == ("", False)
    assert found.core == name.removeprefix("株式会社")


def test_others_are_seen_where_they_are_counted() -> None:
    """As officials write it."""
    assert company_name("株式会社アクメ外3社").core == "アクメ"
    assert company_name("株式会社アクメ外二名").others
    assert company_name("株式会社アクメ 外").others


@pytest.mark.parametrize(
    ("typed", "core", "site"),
    [
        ("Acme Co., Ltd. Osaka Branch", "Acme", "Osaka Branch"),
        ("Acme Corporation - Tokyo Head Office", "Acme", "Tokyo Head Office"),
        ("Acme Inc. Headquarters", "Acme", ""),
        ("The Branch", "The Branch", ""),
    ],
)
def test_an_english_name_has_sites_as_well(typed: str, core: str, site: str) -> None:
    """Behind its legal form."""
    name = company_name(typed)
    assert (name.core, name.site) == (core, site)
