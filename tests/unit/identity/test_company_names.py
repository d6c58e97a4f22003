"""Company names taken apart: what is one name in many spellings, and what is not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.identity.company_name import company_name
from connector.identity.text import base, folded, kana_key, romaji_key

TYPED = st.text(
    alphabet=st.sampled_from(
        "株式会社有限合同㈱（）() 　・-ー‐,.&ＡaBｱアあァ亜髙高斎齋斉支店東京大阪ほか他、0１\u200b\u3099"
    ),
    max_size=24,
)


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "株式会社アクメ",
            "㈱アクメ",
            "(株)アクメ",
            "ｱｸﾒ(株)",
            "アクメ㈱",
            "アクメ株式会社",
            "カ)アクメ",
            "アクメ（カ",
            "アクメ社",
        ),
        *(
            "株式會社アクメ",
            "株式会社　アクメ",
            "【株】アクメ",
            "株式会社ア\u200bクメ",
            "アクメ株式会社御中",
            "株式会社あくめ",
        ),
    ],
)
def test_spellings_of_one_name_share_a_key(typed: str) -> None:
    """Width, brackets, abbreviations, invisible characters and the place of the legal form do not make another name."""
    assert company_name(typed).loose == "アクメ"


@pytest.mark.parametrize(
    ("typed", "form", "position"),
    [
        ("㈱アクメ", "株式会社", "front"),
        ("アクメ（株）", "株式会社", "back"),
        ("(有)アクメ", "有限会社", "front"),
        ("アクメ合同会社", "合同会社", "back"),
        ("一般社団法人アクメ", "一般社団法人", "front"),
        ("Acme K.K.", "株式会社", "none"),
        ("Acme Co., Ltd.", "", "none"),
        ("アクメ", "", "none"),
    ],
)
def test_the_legal_form_and_its_place_are_kept(typed: str, form: str, position: str) -> None:
    """They tell firms of one core name apart. Co., Ltd. does not say which form it stands for."""
    name = company_name(typed)
    assert (name.form, name.position) == (form, position)


@pytest.mark.parametrize(
    ("typed", "core", "site"),
    [
        ("アクメ株式会社 大阪支店", "アクメ", "大阪支店"),
        ("株式会社アクメ東北支店", "アクメ", "東北支店"),
        ("アクメ株式会社（埼玉支社）", "アクメ", "埼玉支社"),
        ("アクメ株式会社官公庁事業部", "アクメ", "官公庁事業部"),
        ("株式会社アクメ東日本福島営業所", "アクメ東日本", "福島営業所"),
        ("株式会社本店", "本店", ""),
    ],
)
def test_a_site_behind_the_name_is_set_apart(typed: str, core: str, site: str) -> None:
    """It is the same company at another place; a name that is nothing but such a word stays a name."""
    name = company_name(typed)
    assert (name.core, name.site) == (core, site)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("アクメ販売株式会社", "アクメ株式会社"),
        ("アクメホールディングス株式会社", "アクメ株式会社"),
        ("第一アクメ", "第二アクメ"),
        ("パス株式会社", "バス株式会社"),
    ],
)
def test_other_words_make_another_name(one: str, two: str) -> None:
    """A name in a name, or one sound away, is no key in common."""
    assert company_name(one).sound != company_name(two).sound


def test_letters_and_their_japanese_names_sound_alike() -> None:
    """NTT and エヌ・ティ・ティ are one name, told apart from the exact one."""
    letters, spelled = company_name("株式会社NTTデータ"), company_name("株式会社エヌ・ティ・ティ・データ")
    assert letters.sound == spelled.sound
    assert letters.exact != spelled.exact
    assert (
        company_name("CDI").sound
        == company_name("シィー・ディー・アイ").sound
        == company_name("シー・ディ・アイ").sound
    )


def test_variant_characters_are_one_but_similar_ones_only_loosely() -> None:
    """髙 is 高; 斉 and 斎 are two characters that people confuse."""
    assert company_name("髙橋").exact == company_name("高橋").exact
    assert company_name("斉藤").exact != company_name("斎藤").exact
    assert company_name("斉藤").loose == company_name("齋藤").loose
    assert company_name("帝國纎維").exact == company_name("帝国繊維").exact
    assert company_name("日本車輌").exact != company_name("日本車両").exact
    assert company_name("日本車輌").loose == company_name("日本車両").loose


def test_several_companies_in_one_field_are_seen() -> None:
    """The first is compared; that there are others keeps it from being linked unseen."""
    joint = company_name("アクメ・ベータ特定建設工事共同企業体")
    assert (joint.core, joint.others) == ("アクメ", True)
    assert company_name("株式会社アクメほか").others
    assert not company_name("株式会社アクメ・ベータ").others


def test_a_former_name_in_brackets_is_kept() -> None:
    """People note it there after a change of name."""
    assert company_name("アクメ株式会社（旧社名：ベータ工業）").former == "ベータ工業"


@given(TYPED)
@example("か-\u3099")
@example("ち-\u3099")
def test_normalising_twice_changes_nothing(typed: str) -> None:
    """Whatever is typed: keys can be made from raw or from kept values."""
    for step in (base, folded, kana_key, romaji_key):
        assert step(step(typed)) == step(typed)


@given(st.text(max_size=30))
def test_any_text_has_a_name(text: str) -> None:
    """Nothing that somebody types stops a run, and only emptiness has no key."""
    name = company_name(text)
    assert name.raw == text
    assert bool(name.exact) == bool(base(text))
