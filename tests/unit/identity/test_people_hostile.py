"""Pairs of person records made to mislead: what may be linked by itself, what a person must see, what is two people."""

import time

import pytest

from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.identity.people_matching import PeopleMatching
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules

MATCHING = PeopleMatching(PeopleRules())
TANAKA: dict[str, str] = {"family": "田中", "given": "一郎"}
AT_ACME: dict[str, str] = {**TANAKA, "company_name": "株式会社アクメ"}
RARE: dict[str, str] = {"family": "勘解由小路", "given": "資承", "company_name": "株式会社アクメ"}


def compared(one: dict[str, str], two: dict[str, str]) -> Pair:
    """The two as a pair."""
    left, right = (MATCHING.normalised(Individual(ref=ref, **fields)) for ref, fields in (("1", one), ("2", two)))
    return MATCHING.compared(left, right)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(
            {**TANAKA, "company_name": "アクメ", "mobile": "090-1234-5679"},
            {**TANAKA, "company_name": "ベータ", "mobile": "+81 90 1234 5679"},
            id="another firm, the same mobile",
        ),
        pytest.param(
            {**TANAKA, "company_name": "アクメ", "mail": "ichiro.t@gmail.com"},
            {**TANAKA, "company_name": "ベータ", "mail": "Ichiro.T@gmail.com"},
            id="another firm, the same free mail",
        ),
        pytest.param({**AT_ACME, "mail": "taro@acme.jp"}, {**TANAKA, "mail": "taro+news@acme.jp"}, id="a tag"),
        pytest.param(
            {"full_name": "髙橋 資承", "company_name": "アクメ"},
            {"full_name": "高橋　資承 様", "company_name": "アクメ"},
            id="髙 and 高",
        ),
        pytest.param(
            {"family": "齋藤", "given": "資承", "company_name": "アクメ", "mobile": "090-1234-5679"},
            {"family": "斉藤", "given": "資承", "company_name": "アクメ", "mobile": "09012345679"},
            id="齋 and 斉",
        ),
        *(
            pytest.param(
                {"family": latin, "given": "Shisho", "mobile": "090-1234-5679"},
                {"family": "大野", "given": "資承", "given_kana": "シショウ", "mobile": "090-1234-5679"},
                id=f"大野 as {latin}",
            )
            for latin in ("Ohno", "Ono", "Oono", "Ōno")
        ),
        pytest.param(
            {"full_name": "田中 Ichiro", "mail": "tanaka@acme.jp"}, {**TANAKA, "mail": "tanaka@acme.jp"}, id="mixed"
        ),
        pytest.param(
            {"family": "勘解由小路資承", "company_name": "アクメ"},
            {"family": "勘解由小路 資承", "given": "資承", "company_name": "アクメ"},
            id="the whole name in the family's field",
        ),
        pytest.param(
            {"full_name": "勘解由小路資承", "company_name": "アクメ"},
            {**RARE, "family": RARE["given"], "given": RARE["family"]},
            id="swapped fields",
        ),
        pytest.param(
            {"full_name": "Maria Garcia Lopez", "mail": "maria@acme.jp"},
            {"family": "Garcia Lopez", "given": "Maria", "mail": "maria@acme.jp"},
            id="three words",
        ),
        pytest.param(
            {"full_name": "😀勘解由小路 資承🎉", "company_name": "アクメ"}, RARE, id="pictures beside the name"
        ),
        pytest.param(
            {**RARE, "phone": "03-1234-5679 内線12"}, {**RARE, "phone": "03-1234-5679 (内線 12)"}, id="the same desk"
        ),
    ],
)
def test_one_person_is_linked(one: dict[str, str], two: dict[str, str]) -> None:
    """However the records are spelled and filled in."""
    assert compared(one, two).alone is Outcome.AUTO


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(AT_ACME, AT_ACME, id="a common name in one firm"),
        pytest.param(AT_ACME, {"full_name": "タナカ イチロウ", "company_name": "アクメ"}, id="the same in kana"),
        pytest.param(AT_ACME, {"full_name": "田中一郎", "company_name": "アクメ㈱"}, id="the same in one field"),
        pytest.param(
            {"family": "Ono", "given": "Hiroshi", "company_name": "アクメ"},
            {"family": "小野", "given": "弘", "company_name": "アクメ"},
            id="common sounds in one firm",
        ),
        pytest.param(
            {"family": "佐藤", "given": "花子", "mail": "hanako@acme.jp"},
            {"family": "田中", "given": "花子", "mail": "hanako@acme.jp"},
            id="married",
        ),
        pytest.param(
            {"family": "佐藤", "given": "花子", "mobile": "090-1234-5679"},
            {"family": "田中", "given": "花子", "mobile": "090-1234-5679"},
            id="married, the same mobile",
        ),
        pytest.param(
            {**TANAKA, "mail": "tanaka@gmail.com"},
            {"family": "田中", "given": "花子", "mail": "tanaka@gmail.com"},
            id="a couple's mailbox",
        ),
        pytest.param(
            {"family": "服部", "given": "資承", "mail": "kikai@acme.jp"},
            {"family": "安西", "given": "麗", "mail": "kikai@acme.jp"},
            id="a successor",
        ),
        pytest.param(
            {**RARE, "phone": "03-1234-5679 内線12"}, {**RARE, "phone": "03-1234-5679 内線34"}, id="two desks"
        ),
        pytest.param({**RARE, "mobile": "090-1234-5679"}, {**RARE, "mobile": "080-1234-5670"}, id="two mobiles"),
        pytest.param(
            {"mail": "no-name@acme.jp", "full_name": "ご担当者様", "company_name": "アクメ", "mobile": "090-1234-5679"},
            {**AT_ACME, "mobile": "090-1234-5679"},
            id="nobody's name, somebody's mobile",
        ),
    ],
)
def test_what_could_be_two_is_shown_to_a_person(one: dict[str, str], two: dict[str, str]) -> None:
    """And never linked by itself."""
    pair = compared(one, two)
    assert pair.alone is Outcome.REVIEW
    assert pair.reason


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(
            {**AT_ACME, "mail": "info@acme.jp"},
            {"family": "安西", "given": "麗", "company_name": "アクメ", "mail": "info@acme.jp"},
            id="info@",
        ),
        pytest.param(
            {**AT_ACME, "mail": "soumu@acme.jp"},
            {"family": "安西", "given": "麗", "company_name": "アクメ", "mail": "soumu@acme.jp"},
            id="soumu@",
        ),
        pytest.param({**TANAKA, "company_name": "アクメ"}, {**TANAKA, "company_name": "ベータ"}, id="a name alone"),
        pytest.param(TANAKA, {"full_name": "タナカ イチロウ"}, id="a name alone, in kana"),
        pytest.param({"family": "田中", "company_name": "アクメ"}, AT_ACME, id="a common family name only"),
        pytest.param(
            {**TANAKA, "phone": "000-0000-0000"},
            {"family": "安西", "given": "麗", "phone": "000-0000-0000"},
            id="a number of zeros",
        ),
        pytest.param(
            {**TANAKA, "mobile": "090-0000-0000"},
            {"family": "安西", "given": "麗", "mobile": "090-0000-0000"},
            id="a mobile of zeros",
        ),
        pytest.param({"full_name": "山田 テスト"}, {"full_name": "安西 テスト"}, id="a test's given name"),
    ],
)
def test_what_is_two_people_is_new(one: dict[str, str], two: dict[str, str]) -> None:
    """Neither a shared mailbox nor a firm, a name or a placeholder makes one person of two."""
    assert compared(one, two).alone is Outcome.NEW


@pytest.mark.parametrize(
    "name",
    [
        "ご担当者様",
        "担当者",
        "不明",
        "テスト",
        "総務部",
        "購買ご担当者 様",
        "Test User",
        "名無し",
        "-",
        "😀",
        "[not provided]",
        "社長",
    ],
)
def test_a_name_of_nobody_proves_nothing(name: str) -> None:
    """Of one firm and one line, a hundred records bear it."""
    record = {"company_name": "株式会社アクメ", "phone": "03-1234-5679"}
    pair = compared({**record, "full_name": name, "title": "a"}, {**record, "full_name": name, "title": "b"})
    assert pair.alone is Outcome.NEW
    assert not {piece.field for piece in pair.evidence} & {"family", "given", "whole"}


@pytest.mark.parametrize("name", ["財部", "服部", "本部", "阿部", "課田", "代田", "仮屋", "名和", "室", "長"])
def test_a_name_that_looks_like_an_office_is_a_name(name: str) -> None:
    """財部 is a family, no department."""
    assert MATCHING.normalised(Individual(ref="1", family=name, given="花子")).name.family.written == name


@pytest.mark.parametrize(
    "typed", ["田中部長", "田中 一郎 部長", "代表取締役社長 田中 一郎", "田中さん", "田中 一郎 様", "田中　一郎殿"]
)
def test_a_title_is_no_part_of_the_name(typed: str) -> None:
    """Beside the name or behind it."""
    name = MATCHING.normalised(Individual(ref="1", full_name=typed)).name
    assert (name.family.written, name.given.written) in {("田中", "一郎"), ("田中", "")}


def test_a_new_carrier_leaves_the_name_of_the_mailbox() -> None:
    """What somebody thought out for docomo is kept at au."""
    one = {"family": "田中", "given": "資承", "mail": "shisho-dx0817@docomo.ne.jp"}
    two = {**one, "mail": "shisho-dx0817@ezweb.ne.jp"}
    assert compared({**one, "company_name": "アクメ"}, {**two, "company_name": "アクメ"}).alone is Outcome.AUTO
    assert "person.mail.moved" in {piece.kind for piece in compared(one, two).evidence}


def test_kept_apart_as_companies_namesakes_are_doubtful() -> None:
    """Two firms of one name that the companies' matching holds apart: the same rare name is not enough."""
    assert compared({**RARE, "company_ref": "1"}, {**RARE, "company_ref": "2"}).alone is Outcome.REVIEW


def test_values_of_any_length_are_read_in_no_time() -> None:
    """Ten thousand characters come from somebody's clipboard."""
    long = {
        "full_name": "田中" * 5_000,
        "mail": "a" * 10_000 + "@acme.jp",
        "phone": "03-" * 4_000,
        "company_name": "アクメ" * 3_000,
        "title": "部長" * 5_000,
    }
    began = time.process_time()
    for _ in range(20):
        one = MATCHING.normalised(Individual(ref="1", **long))
        two = MATCHING.normalised(Individual(ref="2", **{**long, "full_name": "a b " * 2_500}))
        assert len(max(MATCHING.keys(one), key=len)) < 1_000
        assert max(len(piece.left) for piece in MATCHING.compared(one, two).evidence) <= 200
    assert time.process_time() - began < 1.0
