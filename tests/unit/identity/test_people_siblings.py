"""Two people behind one mailbox, one mobile or one name: never linked by itself, and shown where it may be one."""

import pytest

from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.identity.people_clusters import resolve
from connector.identity.people_matching import PeopleMatching
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules

MATCHING = PeopleMatching(PeopleRules())
MOBILE = {"mobile": "090-2345-6781"}
MAIL = {"mail": "kikai@acme.co.jp"}


def compared(one: dict[str, str], two: dict[str, str]) -> Pair:
    """The two as a pair."""
    left, right = (MATCHING.normalised(Individual(ref=ref, **fields)) for ref, fields in (("1", one), ("2", two)))
    return MATCHING.compared(left, right)


def named(family: str, given: str = "", family_kana: str = "", given_kana: str = "") -> dict[str, str]:
    """The fields of a name."""
    return {"family": family, "given": given, "family_kana": family_kana, "given_kana": given_kana}


@pytest.mark.parametrize("shared", [MAIL, MOBILE], ids=["mail", "mobile"])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("鈴木", "一郎"), {"full_name": "Tanaka Hanako"}),
        (named("山田", "太郎"), named("ヤマダ", "ケンイチ")),
        (named("山田", "太郎"), named("Yamada", "Hanako")),
        (named("山田", "一郎"), {"full_name": "K. Yamada"}),
        ({"full_name": "鈴木一郎"}, {"full_name": "タナカ ハナコ"}),
        ({"full_name": "鈴木一郎"}, {"full_name": "スズキハナコ"}),
        ({"full_name": "鈴木一郎"}, {"full_name": "Hanako Suzuki"}),
        ({"full_name": "鈴木一郎"}, {"full_name": "サイトウ"}),
        (named("鈴木", "一郎"), named("タナカ")),
    ],
    ids=str,
)
def test_a_reading_that_is_none_of_the_usual_ones_is_shown(
    one: dict[str, str], two: dict[str, str], shared: dict[str, str]
) -> None:
    """鈴木 一郎 is nobody who reads Tanaka Hanako, whatever mailbox both have."""
    assert compared({**one, **shared}, {**two, **shared}).alone is Outcome.REVIEW


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("山田", "太郎"), named("Yamada", "Taro")),
        (named("山田", "太郎"), named("ヤマダ", "タロウ")),
        (named("山田", "太郎"), {"full_name": "T. Yamada"}),
        ({"full_name": "山田太郎"}, {"full_name": "Yamada Taro"}),
        ({"full_name": "山田太郎"}, {"full_name": "ヤマダタロウ"}),
        ({"full_name": "山田太郎"}, {"full_name": "Taro Yamada"}),
        (named("勘解由小路", "資宣"), named("Kadenokoji", "Sukenobu")),
        (named("山田", "公一"), named("Yamada", "Kimikazu")),
    ],
    ids=str,
)
def test_a_usual_or_unknown_reading_is_no_doubt(one: dict[str, str], two: dict[str, str]) -> None:
    """A mailbox of one's own joins the scripts."""
    assert compared({**one, **MAIL}, {**two, **MAIL}).alone is Outcome.AUTO


def test_no_chain_joins_two_readings() -> None:
    """A record with nothing but the mailbox fits both."""
    people = [{"full_name": "山田 太郎", **MAIL}, {"full_name": "ヤマダ ハナコ", **MAIL}, MAIL]
    found = resolve([Individual(ref=str(n), **fields) for n, fields in enumerate(people)], PeopleRules())
    assert not [cluster for cluster in found.clusters if {"0", "1"} <= set(cluster)]


@pytest.mark.parametrize("shared", [MAIL, MOBILE], ids=["mail", "mobile"])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("佐藤", "健太郎"), named("佐藤", "健次郎")),
        (named("佐藤", "真理子"), named("佐藤", "真由子")),
        (named("佐藤", "真理子", "サトウ", "マリコ"), named("佐藤", "真由子", "サトウ", "マユコ")),
        (named("佐藤", "武", "サトウ", "タケシ"), named("佐藤", "隆", "サトウ", "タカシ")),
        (named("Sato", "Takeshi"), named("Sato", "Takashi")),
        (named("サトウ", "タケシ"), named("サトウ", "タカシ")),
        (named("Sato", "Kenta"), named("Sato", "Kento")),
        (named("サトウ", "ユイナ"), named("サトウ", "ユイカ")),
        ({"full_name": "鈴木健一"}, {"full_name": "鈴木健二"}),
        (named("佐藤", "裕子", "", "ユウコ"), named("佐藤", "裕子", "", "ヒロコ")),
        ({"full_name": "山田太郎・佐藤花子"}, {"full_name": "山田太郎"}),
        ({"full_name": "山田太郎、佐藤花子"}, {"full_name": "佐藤花子"}),
        ({"full_name": "山田・佐藤"}, {"full_name": "山田"}),
    ],
    ids=str,
)
def test_brothers_and_sisters_are_shown(one: dict[str, str], two: dict[str, str], shared: dict[str, str]) -> None:
    """One character is no typing error where both are names that people bear."""
    assert compared({**one, **shared}, {**two, **shared}).alone is Outcome.REVIEW


def test_a_typing_error_in_a_name_that_nobody_bears_is_no_doubt() -> None:
    """Takeshi and Takeshu."""
    assert compared({**named("Sato", "Takeshi"), **MAIL}, {**named("Sato", "Takeshu"), **MAIL}).alone is Outcome.AUTO


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("a1@gmail.com", "b2@yahoo.co.jp"),
        ("hori@toyota.co.jp", "koji@denso.co.jp"),
    ],
)
def test_two_mailboxes_with_name_and_firm_alone_are_shown(one: str, two: str) -> None:
    """Where one person has two, the one is private and the other of the firm, or they are made alike."""
    hori = {"family": "堀", "given": "浩二", "company_name": "トヨタ自動車株式会社"}
    assert compared({**hori, "mail": one}, {**hori, "mail": two}).alone is Outcome.REVIEW


def test_a_mailbox_that_spells_the_name_is_no_more_than_the_name() -> None:
    """Every 田中 一郎 would choose it."""
    tanaka = {"family": "田中", "given": "一郎", "company_name": "トヨタ自動車株式会社"}
    one, two = ({**tanaka, "mail": f"ichiro.tanaka@{domain}"} for domain in ("gmail.com", "yahoo.co.jp"))
    assert compared(one, two).alone is Outcome.REVIEW


@pytest.mark.parametrize(
    "other",
    [
        *("taro.yamdda@acme.co.jp", "t.yamada@acme.co.jp", "taro.yamada@mail.acme.co.jp", "yamada-taro@acme.co.jp"),
        *("taroyamada@acme.co.jp", "yamada-t@acme.co.jp", "taro.yamada2@acme.co.jp"),
    ],
)
def test_one_name_with_two_mailboxes_that_are_alike_is_shown(other: str) -> None:
    """A typing error, a subdomain, another scheme of the firm's addresses."""
    yamada = {"family": "山田", "given": "太郎", "company_name": "株式会社アクメ"}
    one, two = {**yamada, "mail": "taro.yamada@acme.co.jp"}, {**yamada, "mail": other}
    assert compared(one, two).alone is Outcome.REVIEW


def test_one_name_with_two_mailboxes_of_different_make_is_not_shown() -> None:
    """Firms give namesakes other addresses."""
    yamada = {"family": "山田", "given": "太郎", "company_name": "株式会社アクメ"}
    one, two = {**yamada, "mail": "taro.yamada@acme.co.jp"}, {**yamada, "mail": "kikai-ty77@acme.co.jp"}
    assert compared(one, two).alone is Outcome.NEW


def test_a_number_that_many_make_up_is_shown_with_the_full_name_only() -> None:
    """090-1234-5678 is nobody's, but whoever types it beside the same name twice may be one."""
    yamada = {"family": "山田", "given": "太郎", "mobile": "090-1234-5678"}
    assert compared(yamada, {**yamada, "title": "部長"}).alone is Outcome.REVIEW
    assert compared(yamada, {**yamada, "given": "花子"}).alone is Outcome.NEW
    zeros = {**yamada, "mobile": "090-0000-0000"}
    assert compared(zeros, {**zeros, "title": "部長"}).alone is Outcome.NEW


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("山田", "太郎"), named("Taro", "Yamada")),
        (named("太郎", "山田"), named("Yamada", "Taro")),
        (named("山田", "優"), named("ヤマダ", "ユウ")),
        (named("山田", "裕"), named("Yamada", "Yutaka")),
    ],
)
def test_one_person_is_one_whichever_record_comes_first(one: dict[str, str], two: dict[str, str]) -> None:
    """Fields swapped, an everyday reading: the mailbox is the person's own."""
    own = {"mail": "t.yamada@acme.co.jp"}
    assert compared(one | own, two | own).alone is Outcome.AUTO
    assert compared(two | own, one | own).alone is Outcome.AUTO


@pytest.mark.parametrize(
    ("one", "two"),
    [(named("山田", "健太郎"), named("Yamada", "Ken")), (named("山田", "健太郎"), named("山田", "健太朗"))],
)
def test_own_mailbox_and_own_mobile_together_are_one_persons(one: dict[str, str], two: dict[str, str]) -> None:
    """However the given name is read or written."""
    own = {"mail": "k.yamada@acme.co.jp", **MOBILE}
    assert compared(one | own, two | own).alone is Outcome.AUTO
    assert compared(one, two).alone is not Outcome.AUTO


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("Suzuki", "Ichiro"), named("山田", "太郎")),
        (named("Yamada", "Ken"), named("Tanaka", "Kentaro")),
        (named("Suzuki", "Taro"), named("山田", "太郎")),
        (named("山田", "太郎"), named("Yamada", "Ichiro")),
        (named("山田", "太郎"), named("ヤマダ", "ハナコ")),
        (named("佐藤", "由紀"), named("Sato", "Yuko")),
        (named("佐藤", "健太郎"), named("佐藤", "健次郎")),
        (named("佐藤", "健一郎"), named("佐藤", "健二郎")),
        (named("佐藤", "真由美"), named("佐藤", "真奈美")),
        ({"full_name": "鈴木健太郎"}, {"full_name": "鈴木健次郎"}),
        ({"full_name": "鈴木一郎"}, {"full_name": "スズキハナコ"}),
    ],
    ids=str,
)
def test_own_mailbox_and_own_mobile_together_leave_another_name_another(
    one: dict[str, str], two: dict[str, str]
) -> None:
    """A successor has the mailbox and the mobile of the one before, and so have couples and brothers."""
    own = {"mail": "kikai@acme.co.jp", **MOBILE}
    assert compared(one | own, two | own).alone is Outcome.REVIEW
    assert compared(two | own, one | own).alone is Outcome.REVIEW


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("佐藤", "武"), named("Sato", "Takesi")),
        (named("佐藤", "幸一郎"), named("佐藤", "幸一朗")),
        (named("佐藤", "健太郎"), named("サトウ", "ケン")),
    ],
    ids=str,
)
def test_own_mailbox_and_own_mobile_together_forgive_an_error(one: dict[str, str], two: dict[str, str]) -> None:
    """Abbreviated, or one letter mistyped."""
    own = {"mail": "kikai@acme.co.jp", **MOBILE}
    assert compared(one | own, two | own).alone is Outcome.AUTO


@pytest.mark.parametrize("shared", [MAIL, MOBILE, MAIL | MOBILE], ids=["mail", "mobile", "both"])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("山田", "龍之進"), named("Yamada", "Hanako")),
        (named("山田", "龍之進"), named("ヤマダ", "ハナコ")),
        (named("山田", "英士朗"), named("Yamada", "Miki")),
        (named("Kadenokoji", "Hanako"), named("勘解由小路", "龍之進")),
        ({"full_name": "山田龍之進"}, {"full_name": "ヤマダハナコ"}),
        ({"full_name": "山田龍之進"}, {"full_name": "Yamada Hanako"}),
    ],
    ids=str,
)
def test_a_rare_name_is_read_as_its_characters_are(
    one: dict[str, str], two: dict[str, str], shared: dict[str, str]
) -> None:
    """No table tells how 龍之進 is read, but neither 龍 nor 進 sounds like any end of Hanako."""
    assert compared(one | shared, two | shared).alone is Outcome.REVIEW
    assert compared(two | shared, one | shared).alone is Outcome.REVIEW


@pytest.mark.parametrize("shared", [MAIL, MOBILE], ids=["mail", "mobile"])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("山田", "龍之進"), named("Yamada", "Ryuta")),
        (named("山田", "拓廊"), named("Yamada", "Takuma")),
        (named("佐藤", "勝彦"), named("Sato", "Yoshihiro")),
        (named("勘解由小路", ""), named("Tanaka", "")),
        (named("甲斐荘", "資承"), named("Tanaka", "")),
        ({"full_name": "山田拓廊"}, {"full_name": "Yamada Takuma"}),
    ],
    ids=str,
)
def test_a_rare_name_that_only_begins_as_told_is_shown(
    one: dict[str, str], two: dict[str, str], shared: dict[str, str]
) -> None:
    """A successor behind the mailbox, a relative with the mobile."""
    assert compared(one | shared, two | shared).alone is Outcome.REVIEW
    assert compared(two | shared, one | shared).alone is Outcome.REVIEW


@pytest.mark.parametrize("shared", [MAIL, MOBILE, {"company_name": "株式会社アクメ"}], ids=["mail", "mobile", "firm"])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        (named("江間", "英士朗"), named("Ema", "Eishiro")),
        (named("江間", "拓廊"), named("エマ", "タクロウ")),
        (named("江間", "心平"), named("Ema", "Shimpei")),
        (named("江間", "史衣"), named("Ema", "Fumie")),
        (named("江間", "美々"), named("Ema", "Mimi")),
        (named("江間", "ゆら子"), named("Ema", "Yurako")),
    ],
    ids=str,
)
def test_a_rare_name_that_is_composed_as_told_agrees(
    one: dict[str, str], two: dict[str, str], shared: dict[str, str]
) -> None:
    """心 is read shin and 平 hei in other names."""
    assert compared(one | shared, two | shared).alone is Outcome.AUTO
