"""Sentences on the pages of `okoshi match` that stand beside each other agree with each other."""

from match_base import ACME, KABU, OSAKA, TOKYO, Base, account, person

ONE, TWO = "hubspot:contacts:31", "hubspot:contacts:32"


def test_two_that_nothing_makes_one_are_told_so(base: Base) -> None:
    """Not that there is no candidate, nor which candidate would be nearer; machines get the reason as before."""
    shown = base.match("explain", ACME, TOKYO)
    assert "名前が違い、同じとみる根拠が足りません" in shown
    assert "候補になる" not in shown
    assert "次点:" not in shown
    assert "the names differ, and too little" in base.match("explain", ACME, TOKYO, "--language", "en")
    assert base.document("explain", ACME, TOKYO)["reason"] == "identity.no_candidate"


def test_a_pair_below_the_limit_that_is_asked_about_says_why_it_is(base: Base) -> None:
    """One mailbox brings two with other names before a person; both names are told to differ."""
    base.learn(
        person(ONE, "佐藤 健", family_name="佐藤", given_name="健", email="k@acme.example.jp", mobile="090-3111-2233"),
        person(
            TWO, "三浦 結衣", family_name="三浦", given_name="結衣", email="k@acme.example.jp", mobile="080-5111-9933"
        ),
    )
    found = base.document("explain", ONE, TWO)
    assert found["alone"] == "review"
    assert found["score"] < found["thresholds"]["shown_from"]
    shown = base.match("explain", ONE, TWO)
    assert "合計が基準に届かなくても" in shown
    assert "姓も名も違うため" in shown
    assert "改姓" not in shown


def test_another_number_is_not_said_to_be_another_firm_for_sure(base: Base) -> None:
    """A succession is asked about: both sentences stand on one page."""
    one, two = "hubspot:companies:31", "hubspot:companies:32"
    spot = {"address": "東京都港区海岸1-1-1"}
    base.learn(
        account(one, "みなと海運株式会社", corporate_number="7000012050002", **spot),
        account(two, "みなと海運株式会社", corporate_number="8000012010038", **spot),
    )
    shown = base.match("explain", one, two)
    assert "別の法人、承継、入力ミスのいずれか" in shown
    assert "判定: 確認待ち" in shown


def test_show_names_an_unlinked_record_once_and_then_says_so(base: Base) -> None:
    """The record first, without the dash of a list of one."""
    first, second, *_ = base.match("show", TOKYO).splitlines()
    assert first.startswith("さくら商事株式会社")
    assert second.strip() == "ほかのレコードと結びついていません"


def test_show_tells_of_one_pair_once(base: Base) -> None:
    """Two members that one pair links do not both repeat it."""
    assert base.match("show", ACME).count("住所が番地まで同じです") == 1
    assert base.match("show", ACME).count("と同じ") == 2


def test_show_tells_the_answer_where_a_person_linked_them(base: Base) -> None:
    """Not the bits, which did not do it."""
    base.match("say", TOKYO, OSAKA, "same", "--by", "花子", "--note", "移転した")
    shown = base.match("show", TOKYO)
    assert "ビット" not in shown
    assert shown.count("人の回答: 同じ(花子、") == 1
    assert "移転した" in shown
    assert all(one["link"]["answer"]["by"] == "花子" for one in base.document("show", TOKYO)["members"])
    assert [one["link"]["answer"] for one in base.document("show", KABU)["members"]] == [None, None]
