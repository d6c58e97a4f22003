"""One Japanese name in two spellings, and two names that only look like one."""

import pytest

from connector.identity.decide import Outcome
from connector.identity.name_lookalikes import misread
from connector.identity.pairs import Pair
from connector.identity.people_matching import PeopleMatching
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules

MATCHING = PeopleMatching(PeopleRules())
MAIL = {"mail": "kikai@acme.co.jp"}
MOBILE = {"mobile": "090-2345-6781"}


def compared(one: dict[str, str], two: dict[str, str]) -> Pair:
    """The two as a pair."""
    left, right = (MATCHING.normalised(Individual(ref=ref, **fields)) for ref, fields in (("1", one), ("2", two)))
    return MATCHING.compared(left, right)


def named(family: str, given: str = "健") -> dict[str, str]:
    """The fields of a name."""
    return {"family": family, "given": given}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("長谷川"), named("長谷部")),
        (named("小野田"), named("小野寺")),
        (named("大久保"), named("小久保")),
        (named("久保田"), named("久保")),
        (named("佐久間"), named("佐久田")),
        (named("Okada", "Ken"), named("Okuda", "Ken")),
        (named("オカダ", "ケン"), named("オクダ", "ケン")),
        ({"full_name": "長谷川健一"}, {"full_name": "長谷部健一"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("key", [MAIL, MOBILE], ids=["mail", "mobile"])
def test_two_family_names_with_a_character_in_common_are_shown(
    one: dict[str, str], two: dict[str, str], key: dict[str, str]
) -> None:
    """長谷部 is no 長谷川 that was mistyped: both are names, or the characters sound like no other."""
    assert compared(one | key, two | key).alone is Outcome.REVIEW


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("宇佐美"), named("宇佐見")),
        (named("Nakada", "Ken"), named("Nakata", "Ken")),
        (named("Yamazaki", "Ken"), named("Yamasaki", "Ken")),
        (named("Hasegawa", "Ken"), named("Hasegava", "Ken")),
        (named("ニ宮"), named("二宮")),
        (named("山ロ"), named("山口")),
        (named("エ藤"), named("工藤")),
        (named("ハ木"), named("八木")),
        (named("ー之瀬"), named("一之瀬")),
        (named("山田", "健ー"), named("山田", "健一")),
        (named("山田", "工リ"), named("山田", "エリ")),
        (named("力トウ", "ケン"), named("加藤")),
        (named("齋藤"), named("斎藤")),
        (named("齋藤"), named("斉藤")),
        (named("髙橋"), named("高橋")),
        (named("ﾔﾏﾀﾞ", "ｹﾝ"), named("山田")),
        (named("山田", "ゆう子"), named("山田", "裕子")),
        (named("山田", "裕子"), named("山田", "優子")),
        (named("山田", "ゆう子"), named("山田", "優子")),
        (named("山田", "ゆう子"), named("山田", "ユウコ")),
        (named("山田", "ヨシ子"), named("山田", "よし子")),
        (named("山田", "太郎"), named("山田", "太朗")),
        ({**named("山田", "由宇子"), "given_kana": "ユウコ"}, named("山田", "優子")),
    ],
    ids=str,
)
@pytest.mark.parametrize("key", [MAIL, MOBILE], ids=["mail", "mobile"])
def test_one_name_in_two_spellings_is_one_persons(
    one: dict[str, str], two: dict[str, str], key: dict[str, str]
) -> None:
    """Where the mailbox or the mobile is the same."""
    assert compared(one | key, two | key).alone is Outcome.AUTO
    assert compared(two | key, one | key).alone is Outcome.AUTO


def test_given_names_that_sound_alike_are_two_without_a_key() -> None:
    """A firm has a 裕子 and a 優子."""
    firm = {"company_name": "株式会社アクメ"}
    assert compared(named("山田", "裕子") | firm, named("山田", "優子") | firm).alone is Outcome.NEW


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("ニ宮", "二宮"), ("ト部", "卜部"), ("健ー郎", "健一郎"), ("八二ー", "八二一"), ("力ナコ", "カナコ")),
        ("ユ一コ", "ユーコ"),
        *((name, name) for name in ("一ノ瀬", "三ツ井", "カナ子", "エリ子", "ヨシ二", "二宮", "関ヶ原", "力")),
    ],
)  # fmt: skip
def test_a_character_is_read_by_its_neighbours(typed: str, meant: str) -> None:
    """A kana among 漢字 and a 漢字 among kana were misread; what stands beside its own kind was not."""
    assert misread(typed) == meant
