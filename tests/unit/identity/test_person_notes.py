"""What is typed beside a person's name, or in the field of the given name without being one."""

import time

import pytest

from connector.identity.decide import Outcome
from connector.identity.people_matching import PeopleMatching
from connector.identity.person_name import person_name
from connector.identity.person_notes import cleaned
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules

MATCHING = PeopleMatching(PeopleRules())


@pytest.mark.parametrize(
    "given",
    [
        *(
            "さん",
            "氏",
            "様",
            "Mr.",
            "San",
            "GM",
            "CEO",
            "Manager",
            "チーフ",
            "グループ長",
            "園長",
            "技師",
            "医師",
            "看護師",
        ),
        *(
            "研究員",
            "会社員",
            "主事",
            "税理士",
            "奥様",
            "ご夫妻",
            "ご家族",
            "男性",
            "他1名",
            "携帯",
            "サトウ",
            "Sato",
            "サトー",
        ),
        *("営業マネージャー", "サブリーダー", "退職", "2"),
    ],
)
def test_what_is_no_given_name_is_unknown(given: str) -> None:
    """Neither does it make a family name in one firm rare, nor does it differ from a given name."""
    name = person_name(Individual(ref="1", family="佐藤", given=given))
    assert (name.family.written, name.given.written) == ("佐藤", "")
    toyota = {"family": "佐藤", "company_name": "トヨタ自動車株式会社"}
    one = MATCHING.normalised(Individual(ref="1", given=given, **toyota))
    for other in (given, "健"):
        two = MATCHING.normalised(Individual(ref="2", given=other, **toyota))
        pair = MATCHING.compared(one, two)
        assert pair.alone is not Outcome.AUTO
        assert not pair.contradicted


@pytest.mark.parametrize(
    "given",
    ["博士", "武士", "剛士", "健士", "寛師", "利員", "長", "氏郎", "君子", "光男", "一男", "泰三", "直通", "マキ"],
)
def test_a_given_name_that_looks_like_a_title_is_a_name(given: str) -> None:
    """博士 is Hiroshi."""
    assert person_name(Individual(ref="1", family="佐藤", given=given)).given.written == given


@pytest.mark.parametrize(
    ("family", "given"),
    [
        *(("田中", "一郎2"), ("1田中", "一郎"), ("①田中", "一郎"), ("田中", "一郎　1")),
        *(("Dr.田中", "一郎"), ("Dr. 田中", "一郎"), ("Mr. 田中 一郎", ""), ("田中", "一郎 CEO"), ("田中", "一郎 GM")),
        *(("営業部 田中", "一郎"), ("営業部　部長　田中 一郎", ""), ("第一営業部 田中", "一郎")),
        *(
            ("田中", "一郎 ※退職"),
            ("※退職 田中", "一郎"),
            ("退職_田中", "一郎"),
            ("前任 田中", "一郎"),
            ("田中", "一郎_重複"),
            ("旧）田中", "一郎"),
        ),
        *(("'田中", "一郎'"), ("田中/一郎", ""), ("田中", "一郎 / 営業部長"), ("田中 一郎 Ichiro Tanaka", "")),
        *(("田中 一郎 / タナカ イチロウ", ""), ("×田中", "一郎"), ("x田中", "一郎"), ("zz田中", "一郎")),
        ("田中", "一郎(退職)"),
    ],
)
def test_a_note_beside_the_name_is_no_part_of_it(family: str, given: str) -> None:
    """A title in Latin letters, a department, that somebody left, a number."""
    name = person_name(Individual(ref="1", family=family, given=given))
    assert (name.family.written, name.given.written) == ("田中", "一郎")


def test_a_whole_name_is_known_without_its_repetition() -> None:
    """Though nothing parts it."""
    name = person_name(Individual(ref="1", full_name="田中一郎 Tanaka Ichiro"))
    assert (name.whole.written, name.split) == ("田中一郎", False)


@pytest.mark.parametrize("alone", ["健吾", "ケンゴ"])
def test_a_given_name_alone_is_compared_with_the_given_name(alone: str) -> None:
    """As forms with one field are filled in: the mailbox tells whose it is, the firm alone does not."""
    one, two = {"full_name": alone}, {"family": "佐藤", "given": "健吾", "given_kana": "ケンゴ"}

    def outcome(**shared: str) -> Outcome:
        left, right = (MATCHING.normalised(Individual(ref=ref, **f, **shared)) for ref, f in (("1", one), ("2", two)))
        return MATCHING.compared(left, right).alone

    assert outcome(mail="k.sato@acme.co.jp") is Outcome.AUTO
    assert outcome(company_name="株式会社アクメ") is not Outcome.AUTO


@pytest.mark.parametrize(
    "married",
    [
        {"family": "佐藤（旧姓：鈴木）", "given": "麗奈"},
        {"family": "佐藤", "given": "麗奈(旧姓 鈴木)"},
        {"full_name": "佐藤 麗奈【旧姓鈴木】"},
    ],
    ids=str,
)
def test_a_maiden_name_in_brackets_is_asked_about(married: dict[str, str]) -> None:
    """In the same firm, with the same given name; never linked by itself."""
    firm = {"company_name": "株式会社アクメ"}
    one = MATCHING.normalised(Individual(ref="1", **married, **firm))
    two = MATCHING.normalised(Individual(ref="2", family="鈴木", given="麗奈", **firm))
    other = MATCHING.normalised(Individual(ref="3", family="高橋", given="麗奈", **firm))
    assert not set(MATCHING.keys(one)).isdisjoint(MATCHING.keys(two))
    assert MATCHING.compared(one, two).alone is MATCHING.compared(two, one).alone is Outcome.REVIEW
    assert MATCHING.compared(one, other).alone is Outcome.NEW


def test_characters_with_gaps_are_one_name() -> None:
    """As forms with a box for each are exported."""
    name = person_name(Individual(ref="1", full_name="田 中 一 郎"))
    assert (name.whole.written, name.split) == ("田中一郎", False)


@pytest.mark.parametrize(
    "typed", ["営業" * 100 + " z", "営業部 " * 60, "退職 " * 60 + "z", "Mr. " * 60, "部長" * 90 + "z"]
)
def test_notes_typed_very_often_are_read_in_no_time(typed: str) -> None:
    """Whatever somebody's clipboard held."""
    began = time.process_time()
    for number in range(20):
        cleaned(f"{typed}{number}")
    assert time.process_time() - began < 0.5
