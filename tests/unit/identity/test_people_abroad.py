"""Names from abroad: how rare one is nobody can tell here, and Latin letters and katakana spell one name."""

import pytest

from connector.identity.decide import Outcome
from connector.identity.name_origins import Origin
from connector.identity.pairs import Pair
from connector.identity.people_matching import PeopleMatching
from connector.identity.records import Individual
from connector.identity.transcription import outline, transcribed
from connector.mapping.identity_people import PeopleRules

MATCHING = PeopleMatching(PeopleRules())
AT_ACME = {"company_name": "株式会社アクメ"}
MAIL = {"mail": "kikai@acme.co.jp"}
MOBILE = {"mobile": "090-2345-6781"}


def compared(one: dict[str, str], two: dict[str, str]) -> Pair:
    """The two as a pair; what is linked or shown is found by a key."""
    left, right = (MATCHING.normalised(Individual(ref=ref, **fields)) for ref, fields in (("1", one), ("2", two)))
    pair = MATCHING.compared(left, right)
    assert pair.alone is Outcome.NEW or set(MATCHING.keys(left)) & set(MATCHING.keys(right))
    return pair


def named(family: str, given: str) -> dict[str, str]:
    """The fields of a name."""
    return {"family": family, "given": given}


NAMESAKES = [
    *(named("Wang", "Wei"), named("Smith", "John"), named("李", "明"), named("王", "偉"), named("林", "偉")),
    *(named("阮", "文安"), named("김", "민수"), named("スミス", "ジョン"), named("キム", "ミンス")),
    *(named("Kim", "Minsu"), named("Nguyen", "Van An"), named("陳", "美玲")),
    *({"full_name": name} for name in ("Nguyen Van An", "Wei Wang", "王偉", "ジョン・スミス")),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMESAKES, ids=str)
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({}, {}),
        (MAIL, {}),
        ({"mail": "w.wang@acme.co.jp"}, {"mail": "wangw@gmail.com"}),
        ({"mail": "wei.wang@acme.co.jp"}, {"mail": "wei.wang2@acme.co.jp"}),
    ],
    ids=["nothing else", "one mailbox", "a private mailbox", "two of the firm"],
)
def test_name_and_firm_alone_are_shown(name: dict[str, str], one: dict[str, str], two: dict[str, str]) -> None:
    """王 偉 is in no table of Japan, and no rare name for that."""
    assert compared(name | AT_ACME | one, name | AT_ACME | two).alone is Outcome.REVIEW


@pytest.mark.parametrize("name", NAMESAKES, ids=str)
@pytest.mark.parametrize("key", [MAIL, MOBILE], ids=["mail", "mobile"])
def test_a_key_of_ones_own_links_a_name_from_abroad(name: dict[str, str], key: dict[str, str]) -> None:
    """As it does any other."""
    both = name | AT_ACME | key
    assert compared(both, both | {"title": "Manager"}).alone is Outcome.AUTO


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("勘解由小路", "資承"), named("勘解由小路", "資承")),
        (named("Kadenokoji", "Sukekoto"), named("Kadenokoji", "Sukekoto")),
        ({**named("勘解由小路", "資承"), "kana": "カデノコウジ スケコト"}, named("カデノコウジ", "スケコト")),
        ({**named("勘解由小路", "資承"), "kana": "カデノコウジ スケコト"}, named("Kadenokoji", "Sukekoto")),
        (named("石", "麻衣亜"), {**named("石", "麻衣亜"), "family_kana": "イシ"}),
    ],
    ids=str,
)
def test_a_rare_name_of_japan_is_rare_in_all_scripts(one: dict[str, str], two: dict[str, str]) -> None:
    """Kana and a 漢字 that is a name of China, too, leave it open; the other record tells."""
    assert compared(one | AT_ACME, two | AT_ACME).alone is Outcome.AUTO


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("Smith", "John"), named("スミス", "ジョン")),
        (named("Smith", "Michael"), named("スミス", "マイケル")),
        ({"full_name": "John Smith"}, {"full_name": "ジョン・スミス"}),
        (named("Smith", "John"), named("ジョン", "スミス")),
        (named("Müller", "Thomas"), named("ミュラー", "トーマス")),
        (named("Wang", "Wei"), named("ワン", "ウェイ")),
        (named("Kim", "Minsu"), named("キム", "ミンス")),
        ({"full_name": "Nguyen Van An"}, {"full_name": "グエン・ヴァン・アン"}),
    ],
    ids=str,
)
def test_katakana_spell_a_name_from_abroad(one: dict[str, str], two: dict[str, str]) -> None:
    """Linked by a key of one's own, shown where only the firm is the same."""
    assert compared(one | AT_ACME, two | AT_ACME).alone is Outcome.REVIEW
    for key in (MAIL, MOBILE):
        expected = Outcome.REVIEW if "Müller" in one.values() else Outcome.AUTO
        assert compared(one | key, two | key).alone is expected
        assert compared(two | key, one | key).alone is expected


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("Smith", "Mike"), named("スミス", "マーク")),
        (named("Smith", "John"), named("スミス", "ジェーン")),
        (named("王", "偉"), named("Wang", "Fang")),
        ({"full_name": "李明"}, {"full_name": "Li Na"}),
        (named("김", "민수"), named("Kim", "Jiwon")),
    ],
    ids=str,
)
def test_a_given_name_that_is_another_or_cannot_be_read_is_shown(one: dict[str, str], two: dict[str, str]) -> None:
    """Relatives and successors are behind one mailbox, too."""
    for key in (MAIL, MOBILE):
        assert compared(one | key, two | key).alone is Outcome.REVIEW


@pytest.mark.parametrize(("one", "two"), [("李 明", "Li Ming"), ("金 民秀", "Kim Minsu"), ("陳 美玲", "チン ビレイ")])
def test_a_chinese_or_korean_name_is_read_as_there_or_here(one: str, two: str) -> None:
    """The family name, in one firm; the given name nobody here can read."""
    both = [dict(zip(("family", "given"), name.split(), strict=True)) for name in (one, two)]
    assert compared(both[0] | AT_ACME, both[1] | AT_ACME).alone is Outcome.REVIEW


def test_a_family_name_alone_behind_ones_own_mailbox_is_linked() -> None:
    """スミス says less than John Smith, not otherwise."""
    assert compared({"family": "スミス"} | MAIL, named("Smith", "John") | MAIL).alone is Outcome.AUTO


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        *(
            (name, Origin.FOREIGN)
            for name in ("Smith John", "王 健", "劉明", "Kumar Raj", "Иван Петров", "グエン ティラン")
        ),
        *(
            (name, Origin.JAPANESE)
            for name in ("林 健一", "林 志津江", "高橋紘", "Yamada Emily", "Ohno Jun'ichi", "金 美咲")
        ),
        *((name, Origin.UNTOLD) for name in ("カデノコウジ スケコト", "林 偉", "金 正恩")),
    ],
)
def test_where_a_name_is_from(name: str, origin: Origin) -> None:
    """A family name of Japan decides, unless both names stand for China."""
    assert MATCHING.normalised(Individual(ref="1", full_name=name)).origin is origin


@pytest.mark.parametrize(
    ("latin", "kana"),
    [
        *(("robert", "ロバート"), ("william", "ウィリアム"), ("anthony", "アンソニー"), ("elizabeth", "エリザベス")),
        *(
            ("wright", "ライト"),
            ("garcia", "ガルシア"),
            ("hernandez", "ヘルナンデス"),
            ("nguyen", "グエン"),
            ("kumar", "クマール"),
        ),
        *(
            ("o'brien", "オブライエン"),
            ("washington", "ワシントン"),
            ("campbell", "キャンベル"),
            ("lee", "リー"),
            ("tom", "トム"),
        ),
    ],
)
def test_kana_stand_for_the_consonants(latin: str, kana: str) -> None:
    """And both have a key in common."""
    assert transcribed(latin, kana) == "same"
    assert set(outline(latin)) & set(outline(kana))


@pytest.mark.parametrize(
    ("latin", "kana"),
    [("takeshi", "タカシ"), ("mike", "マーク"), ("tim", "トム"), ("john", "ジェーン"), ("peterson", "パターソン")],
)
def test_other_vowels_make_another_name(latin: str, kana: str) -> None:
    """Of Japanese syllables every vowel counts, and of short names."""
    assert transcribed(latin, kana) != "same"
