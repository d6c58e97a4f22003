"""What the pages of `okoshi match` show of a value: the records' words, the register's apart, and no false marks."""

import pytest
from match_base import Base, account, person

from connector.cli.match_alike import alike
from connector.cli.match_screen import compared
from connector.identity.corporate_number import check_digit

ONE, TWO = "hubspot:companies:620", "hubspot:companies:622"
SPOT = {"address": "東京都千代田区霞が関3-1-1"}


def number(place: int) -> str:
    """A valid 法人番号."""
    twelve = f"{place:012}"
    return f"{check_digit(twelve)}{twelve}"


@pytest.fixture
def register(base: Base) -> Base:
    """The base with a register in which 霞関文具店 was renamed."""
    path = base.folder / "register.csv"
    rows = (
        "法人番号,商号,旧商号,フリガナ,所在地",
        f"{number(1)},カスミステーション株式会社,霞関文具店株式会社,カスミステーション,{SPOT['address']}",
        f"{number(2)},朝日奈工業株式会社,,アサヒナコウギョウ,大阪府大阪市北区梅田3-4-5",
    )
    path.write_text("\n".join(rows), encoding="utf-8")
    columns = ("number=法人番号", "name=商号", "former=旧商号", "kana=フリガナ", "address=所在地")
    base.match("reference", str(path), "--complete", *(part for one in columns for part in ("--column", one)))
    return base


def test_what_only_the_register_says_is_marked(register: Base) -> None:
    """A 法人番号 that neither record has is an inference, on every page and for machines."""
    register.learn(account(ONE, "カスミステーション株式会社", **SPOT), account(TWO, "カスミステーション(株)", **SPOT))
    shown = register.match("explain", ONE, TWO)
    assert "法人番号が同じです (登録簿)" in shown
    assert f"法人番号: {number(1)} (登録簿) | {number(1)} (登録簿)" in shown
    assert "住所が番地まで同じです (登録簿)" not in shown
    assert "法人番号が同じです (登録簿)" in register.match("show", ONE)
    assert "(register)" in register.match("show", ONE, "--language", "en")
    pieces = {piece["kind"]: piece for piece in register.document("explain", ONE, TWO)["evidence"]}
    assert pieces["corporate_number_same"]["inferred"] is True
    assert pieces["corporate_number_same"]["from_register"] == [True, True]
    assert pieces["address_same_spot"]["inferred"] is False


def test_one_side_s_own_word_is_not_marked(register: Base) -> None:
    """Where one record has the number itself, only the other one's is inferred."""
    register.learn(
        account(ONE, "カスミステーション株式会社", corporate_number=number(1), **SPOT),
        account(TWO, "カスミステーション(株)", **SPOT),
    )
    assert f"法人番号: {number(1)} | {number(1)} (登録簿)" in register.match("explain", ONE, TWO)


def test_the_former_name_that_decided_is_shown_with_where_it_comes_from(register: Base) -> None:
    """From the register it is marked; from a field of the record it is not."""
    register.learn(account(ONE, "霞関文具店株式会社", **SPOT), account(TWO, "カスミステーション株式会社", **SPOT))
    shown = register.match("explain", ONE, TWO)
    assert "旧社名です (登録簿)" in shown
    assert "旧社名: – | 霞関文具店株式会社 (登録簿)" in shown
    register.learn(account(TWO, "カスミステーション株式会社", former_name="霞関文具店株式会社", **SPOT))
    shown = "\n".join(line.rstrip() for line in register.match("explain", ONE, TWO).splitlines())
    assert "旧社名です\n" in shown
    assert "旧社名: – | 霞関文具店株式会社\n" in shown


def test_no_page_shows_the_form_in_which_values_are_compared(register: Base) -> None:
    """Kana as the register or the record writes them, not カスミステシヨン."""
    register.learn(
        account(ONE, "カスミステーション株式会社", name_kana="カスミステーション", **SPOT),
        account(TWO, "カスミステーション(株)", **SPOT),
    )
    shown = register.match("explain", ONE, TWO)
    assert "フリガナ: カスミステーション | カスミステーション (登録簿)" in shown
    assert "カスミステシヨン" not in shown


def test_kana_of_a_name_stand_on_a_line_of_their_own(base: Base) -> None:
    """They are no part of the written name, and who has none is not called otherwise."""
    one, two = "hubspot:contacts:31", "salesforce:Contact:003YUI"
    base.learn(
        person(one, "三浦 結衣", family_name="三浦", given_name="結衣", email="yui@acme.example.jp"),
        person(
            two,
            "三浦 結衣",
            family_name="三浦",
            given_name="結衣",
            family_name_kana="ミウラ",
            given_name_kana="ユイ",
            email="yui@acme.example.jp",
        ),
    )
    shown = base.match("explain", one, two)
    for line in ("名: 結衣 | 結衣", "姓: 三浦 | 三浦", "フリガナ: – | ユイ", "フリガナ: – | ミウラ"):
        assert line in shown
    assert "␣" not in shown
    pieces = {piece["field"]: piece for piece in base.document("explain", one, two)["evidence"]}
    assert pieces["given"]["written"] == ["結衣", "結衣"]
    assert pieces["given"]["decided_by"][0]["written"] == ["", "ユイ"]


@pytest.mark.parametrize(
    ("field", "one", "two", "same"),
    [
        ("postal_code", "3301077", "330-1077", True),
        ("postal_code", "3301077", "330-1078", False),
        ("phone", "+81-48-044-7822", "048-044-7822", True),
        ("phone", "03-3211-1121", "０３（３２１１）１１２１", True),
        ("phone", "03-3211-1121", "03-3211-1122", False),
        ("phone", "なし", "不明", False),
        ("domain", "x.example", "https://www.x.example/", True),
        ("domain", "acme.co.jp", "https://www.acme.co.jp/ja/", True),
        ("domain", "acme.co.jp", "acme.jp", False),
        ("domain", "ameblo.jp/acme", "https://ameblo.jp/other", False),
        ("corporate_number", "7000012050002", "7000-0120-50002", True),
        ("email", "Taro@Acme.jp", "mailto:taro@acme.jp", True),
        ("email", "taro@acme.jp", "jiro@acme.jp", False),
        ("kana", "アクメ", "あくめ", True),
        ("address", "東京都港区芝1-2-3", "東京都港区芝１丁目２番３号", True),
        ("address", "東京都港区六本木六丁目10番1号", "〒106-0032 東京都港区六本木6-10-1", True),
        ("address", "東京都港区芝1-2-3 アクメビル3F", "東京都港区芝1-2-3 アクメビル5F", False),
        ("address", "東京都港区芝1-2-3", "東京都港区芝1-2-3 アクメビル", False),
        ("address", "東京都港区芝1-2-3", "大阪府大阪市港区芝1-2-3", False),
        ("name", "三浦 結衣", "三浦結衣", True),
        ("name", "髙橋", "高橋", False),
        ("name", "アクメ", "アクメ販売", False),
        ("owner", "", "", True),
    ],
)
def test_one_value_written_in_two_ways_is_no_difference(field: str, one: str, two: str, same: bool) -> None:
    """As 名寄せ reads them; what a person should see, such as a variant of a character, is one."""
    assert alike(field, one, two) is alike(field, two, one) is same
    ours, theirs, sign = compared(field, one, two)
    if one:
        assert sign == ("≈" if same else "≠")
        assert bool(ours.spans or theirs.spans) is not same


def test_the_page_marks_nothing_in_values_that_say_the_same(base: Base) -> None:
    """Side by side and below the finding."""
    base.learn(
        account(ONE, "みどり電機", phone="+81-48-044-7822", domain="midori.example", postal_code="3301077"),
        account(TWO, "みどり電機", phone="048-044-7822", domain="https://www.midori.example/", postal_code="330-1077"),
    )
    shown = base.match("explain", ONE, TWO)
    assert "[" not in shown.split("ひとつ")[0].replace("[bold]", "")
    assert "≠" not in shown
    assert shown.count("≈") == 3
