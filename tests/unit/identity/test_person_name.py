"""Names of persons in 漢字, kana and Latin letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.identity.name_sounds import sound_of_latin
from connector.identity.person_name import part, person_name
from connector.identity.records import Individual
from connector.identity.romaji import kana_to_romaji


@pytest.mark.parametrize(
    ("full", "family", "given_name"),
    [
        ("山田 太郎", "山田", "太郎"),
        ("山田　太郎 様", "山田", "太郎"),
        ("山田　太郎様", "山田", "太郎"),
        ("ヤマダ タロウ", "ヤマダ", "タロウ"),
        ("YAMADA Taro", "yamada", "taro"),
        ("Taro YAMADA", "yamada", "taro"),
        ("Taro Yamada", "yamada", "taro"),
        ("Taro Yamada-san", "yamada", "taro"),
        ("T. Yamada", "yamada", "t"),
        ("Yamada, Taro", "yamada", "taro"),
        ("Mr. Taro Yamada", "yamada", "taro"),
        ("山田 太郎（営業部）", "山田", "太郎"),
    ],
)
def test_a_whole_name_is_parted_where_it_shows_how(full: str, family: str, given_name: str) -> None:
    """By spaces, commas and capitals; titles and notes are no names."""
    name = person_name(Individual(ref="1", full_name=full))
    assert (name.family.written, name.given.written) == (family, given_name)


def test_a_whole_name_in_the_field_of_the_family_name_is_parted_too() -> None:
    """Forms with one field for the name are imported so."""
    name = person_name(Individual(ref="1", family="横田 佳鶴子"))
    assert (name.family.written, name.given.written) == ("横田", "佳鶴子")


def test_a_whole_name_that_nothing_parts_stays_whole() -> None:
    """Where 漢字 part is not guessed."""
    name = person_name(Individual(ref="1", family="高橋隼幸"))
    assert not name.split
    assert name.whole.written == "高橋隼幸"


@pytest.mark.parametrize("spelling", ["Ono", "Ohno", "Oono", "Ōno", "ONO", "Oh-no"])
def test_schools_of_romanisation_sound_alike(spelling: str) -> None:
    """Passports, Hepburn and habits spell 大野 in their own ways."""
    assert part(spelling).sound == part("オオノ").sound


@pytest.mark.parametrize(
    ("latin", "kana"),
    [
        ("Junichi", "ジュンイチ"),
        ("Zyun'iti", "ジュンイチ"),
        ("Shinji", "シンジ"),
        ("Sinzi", "シンジ"),
        ("Honma", "ホンマ"),
        ("Homma", "ホンマ"),
        ("Etchu", "エッチュウ"),
        ("Yuko", "ゆうこ"),
        ("Tsuchiya", "ツチヤ"),
        ("Tutiya", "ﾂﾁﾔ"),
        ("Itoh", "イトウ"),
        ("Fujii", "フジイ"),
    ],
)
def test_latin_letters_and_kana_of_one_name_sound_alike(latin: str, kana: str) -> None:
    """Whatever the school, the length of o and u, and the width of the kana."""
    assert part(latin).sound == part(kana).sound


@pytest.mark.parametrize(("one", "two"), [("ババ", "ハバ"), ("イダ", "イイダ"), ("ショウ", "ソウ"), ("キョウ", "コウ")])
def test_other_names_sound_otherwise(one: str, two: str) -> None:
    """What Latin letters do tell apart stays apart."""
    assert part(one).sound != part(two).sound


def test_variant_characters_are_one_and_doubtful_ones_only_loosely() -> None:
    """髙 is 高; 斉 and 斎 are often, not always, the same name."""
    assert part("髙橋").written == part("高橋").written
    assert part("斉藤").written != part("斎藤").written
    assert part("斉藤").loose == part("斎藤").loose


@given(st.text(max_size=30))
def test_forms_of_a_name_are_stable(text: str) -> None:
    """Normalising what is normal changes nothing."""
    once = part(text)
    assert part(once.written).written == once.written
    assert sound_of_latin(once.sound) == once.sound


@pytest.mark.parametrize(
    ("family", "given_name"), [("田中 一郎", "一郎"), ("田中一郎", "一郎"), ("田中", "田中 一郎"), ("田中", "田中一郎")]
)
def test_one_field_with_the_whole_name_is_no_other_name(family: str, given_name: str) -> None:
    """The other field repeats a part of it."""
    name = person_name(Individual(ref="1", family=family, given=given_name))
    assert (name.family.written, name.given.written) == ("田中", "一郎")


def test_both_fields_with_the_family_name_leave_the_given_name_unknown() -> None:
    """Nobody is called 田中 田中."""
    name = person_name(Individual(ref="1", family="田中", given="田中"))
    assert (name.family.written, name.given.written) == ("田中", "")


def test_the_words_of_a_long_latin_name_are_known_in_any_order() -> None:
    """People part and order them in many ways."""
    one = person_name(Individual(ref="1", full_name="Nguyen Van An"))
    two = person_name(Individual(ref="2", family="Nguyen", given="Van An"))
    assert one.words == two.words == ("an", "nguyen", "van")


@pytest.mark.parametrize(("kana", "latin"), [("エッチュウ", "ecchuu"), ("ハッチョウ", "hacchou")])
def test_a_doubled_consonant_before_a_glide_is_one_syllable(kana: str, latin: str) -> None:
    """ッチュ is cchu, without a y."""
    assert kana_to_romaji(kana) == latin


def test_a_title_typed_very_often_is_read_in_no_time() -> None:
    """Two ways to read 代表取締役 would double the work with each: this would last for days."""
    assert person_name(Individual(ref="1", full_name="山田 太郎" + "代表取締役" * 30 + " z")).whole.loose
