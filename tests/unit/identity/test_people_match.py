"""Whether two person records are one person: linked, shown to a person, or new."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.identity.people import NormalisedPerson
from connector.identity.people_matching import PeopleMatching
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules

MATCHING = PeopleMatching(PeopleRules())
HATTORI: dict[str, str] = {"family": "服部", "given": "健太郎"}
AT_ACME: dict[str, str] = {**HATTORI, "company_name": "株式会社アクメ"}


def person(ref: str, **fields: str) -> NormalisedPerson:
    """A person record."""
    return MATCHING.normalised(Individual(ref=ref, **fields))


def compared(subject: dict[str, str], candidate: dict[str, str]) -> Pair:
    """The two as a pair, the subject on the left."""
    return MATCHING.compared(person("1", **subject), person("2", **candidate))


@pytest.mark.parametrize(
    ("subject", "candidate"),
    [
        pytest.param(AT_ACME, {**HATTORI, "company_name": "アクメ㈱"}, id="company spelled otherwise"),
        pytest.param({**AT_ACME, "family": "健太郎", "given": "服部"}, AT_ACME, id="fields swapped"),
        pytest.param({"full_name": "服部健太郎 様", "company_name": "アクメ"}, AT_ACME, id="name in one field"),
        pytest.param(
            {"family": "髙野", "given": "廣志", "company_name": "アクメ", "mobile": "090-1234-5679"},
            {"family": "高野", "given": "広志", "company_name": "アクメ", "phone": "+81 90 1234 5679"},
            id="variant characters",
        ),
        pytest.param(
            {"full_name": "Sukekoto KADENOKOJI", "company_name": "株式会社アクメ"},
            {"full_name": "勘解由小路 資承", "kana": "カデノコウジ スケコト", "company_name": "アクメ㈱"},
            id="romaji and kana",
        ),
        pytest.param(
            {"family": "Ohno", "given": "Zyun'iti", "phone": "090-1234-5679"},
            {
                "family": "大野",
                "given": "純一",
                "family_kana": "オオノ",
                "given_kana": "ジュンイチ",
                "mobile": "09012345679",
            },
            id="schools of romaji",
        ),
        pytest.param(
            {**HATTORI, "company_name": "アクメ", "mail": "hattori@gmail.com"},
            {**HATTORI, "company_name": "ベータ", "mail": "Hattori@gmail.com"},
            id="another company, the same private mailbox",
        ),
        pytest.param({"mail": "hattori@acme.jp"}, {**HATTORI, "mail": "hattori@acme.jp"}, id="nothing but the mailbox"),
        pytest.param(
            {"family": "鈴木", "given": "一郎", "phone": "08004881764", "company_name": "アクメ"},
            {"family": "鈴木", "given": "一郎", "phone": "03-5678-4321", "mobile": "080-0488-1764"},
            id="a mobile number, by the hyphens of one of them",
        ),
        pytest.param(
            {"family": "宣玄", "given": "真野", "mobile": "09012345679"},
            {"family": "眞野", "given": "宣玄", "family_kana": "マノ", "mobile": "09012345679"},
            id="swapped and variant",
        ),
    ],
)
def test_what_is_certain_is_linked(subject: dict[str, str], candidate: dict[str, str]) -> None:
    """A rare name with its company, a mailbox or a mobile number of one's own, however the rest is spelled."""
    assert compared(subject, candidate).alone is Outcome.AUTO


@pytest.mark.parametrize(
    ("subject", "candidate"),
    [
        pytest.param({**AT_ACME, "title": "部長"}, {**AT_ACME, "title": "主任"}, id="other title"),
        pytest.param({**AT_ACME, "mobile": "09011112223"}, {**AT_ACME, "mobile": "08011112223"}, id="other mobile"),
        pytest.param(
            {**AT_ACME, "mail": "k-hattori@acme.jp"},
            {**AT_ACME, "mail": "hattori2@acme.jp"},
            id="two mailboxes in one firm",
        ),
        pytest.param(
            {"family": "佐藤", "given": "花子", "mail": "hanako.s@acme.jp"},
            {"family": "田中", "given": "花子", "mail": "hanako.s@acme.jp"},
            id="married",
        ),
        pytest.param(
            {"family": "佐藤", "given": "健", "company_name": "アクメ"},
            {"family": "佐藤", "given": "健", "company_name": "アクメ"},
            id="common name",
        ),
        pytest.param(
            {"family": "佐藤", "given": "健", "company_name": "アクメ", "phone": "08004881764"},
            {"family": "佐藤", "given": "健", "company_name": "アクメ", "phone": "0800-488-1764"},
            id="common name, the firm's toll-free number",
        ),
        pytest.param(AT_ACME, {**HATTORI, "company_name": "アクメ販売株式会社"}, id="a sister company"),
        pytest.param(AT_ACME, {**HATTORI, "company_name": "有限会社アクメ"}, id="other legal form"),
        pytest.param({**AT_ACME, "company_ref": "1"}, {**AT_ACME, "company_ref": "2"}, id="homonymous companies"),
        pytest.param(
            {"family": "山田", "given": "太郎", "mail": "yamada@gmail.com"},
            {"family": "山田", "given": "花子", "mail": "yamada@gmail.com"},
            id="a couple's mailbox",
        ),
    ],
)
def test_what_is_doubtful_is_shown_to_a_person(subject: dict[str, str], candidate: dict[str, str]) -> None:
    """One name in one firm can be two people; what differs keeps the pair from being linked, not from being seen."""
    told = compared(subject, candidate)
    assert told.alone is Outcome.REVIEW
    assert told.reason


@pytest.mark.parametrize(
    ("subject", "candidate"),
    [
        pytest.param(
            {**AT_ACME, "mail": "info@acme.jp"},
            {"family": "山田", "given": "花子", "company_name": "アクメ", "mail": "info@acme.jp"},
            id="colleagues in a shared mailbox",
        ),
        pytest.param(
            {"family": "山田", "given": "太郎", "company_name": "アクメ", "phone": "03-1111-2223(代)"},
            {"family": "山田", "given": "花子", "company_name": "アクメ", "phone": "03-1111-2223(代)"},
            id="family members in a family firm",
        ),
        pytest.param(HATTORI, {**HATTORI, "company_name": "ベータ"}, id="a name alone"),
    ],
)
def test_what_is_of_two_people_is_new(subject: dict[str, str], candidate: dict[str, str]) -> None:
    """Neither a firm, nor its number, nor its shared mailbox, nor a name makes one person of two."""
    assert compared(subject, candidate).alone is Outcome.NEW


def test_a_mail_address_spells_a_name_only_for_its_owner() -> None:
    """Takahashi's own address must not read 大久保 as Takahashi."""
    told = MATCHING.compared(
        person("1", family="Takahashi", given="Satoshi", mail="takahashi@acme.jp", company_name="アクメ"),
        person("2", family="大久保", given="早稔", given_kana="サトシ", company_name="アクメ"),
    )
    assert told.alone is not Outcome.AUTO
    assert "person.family.spelled" not in {piece.kind for piece in told.evidence}


def test_the_evidence_adds_up_to_the_score_and_shows_both_sides() -> None:
    """A person who asks why sees every figure and the raw values behind it."""
    told = compared({**AT_ACME, "mail": "Hattori@acme.jp"}, {**HATTORI, "mail": "hattori@acme.jp"})
    assert told.score == pytest.approx(sum(piece.weight for piece in told.evidence))
    mail = next(piece for piece in told.evidence if piece.field == "mail")
    assert (mail.kind, mail.left, mail.right) == ("person.mail.own", "Hattori@acme.jp", "hattori@acme.jp")
    assert mail.text_key == "identity.person.mail.own"


_FIELDS: dict[str, Any] = {
    "family": st.sampled_from(["服部", "佐藤", "Hattori", "ハットリ", ""]),
    "given": st.sampled_from(["健", "健太郎", "Ken", "K.", ""]),
    "family_kana": st.sampled_from(["ハットリ", "サトウ", ""]),
    "company_name": st.sampled_from(["株式会社アクメ", "アクメ", "ベータ", ""]),
    "mail": st.sampled_from(["ken@acme.jp", "info@acme.jp", "hattori@gmail.com", ""]),
    "mobile": st.sampled_from(["090-1234-5679", "080-1234-5679", ""]),
    "title": st.sampled_from(["部長", "主任", ""]),
}
people = st.fixed_dictionaries(_FIELDS)


@given(people, people)
def test_judging_is_symmetric(one: dict[str, str], two: dict[str, str]) -> None:
    """Which of the two is the new one changes nothing, not even the order in which the evidence shows them."""
    left, right = person("1", **one), person("2", **two)
    assert MATCHING.compared(left, right) == MATCHING.compared(right, left)
    assert MATCHING.judged(left, right) == MATCHING.judged(right, left)


@given(people, people)
def test_only_what_is_not_new_is_a_pair(one: dict[str, str], two: dict[str, str]) -> None:
    """What is kept is what was compared; its evidence adds up, and it needs a reason unless it is linked."""
    left, right = person("1", **one), person("2", **two)
    pair, kept = MATCHING.compared(left, right), MATCHING.judged(left, right)
    assert kept == (None if pair.alone is Outcome.NEW else pair)
    assert pair.score == pytest.approx(sum(piece.weight for piece in pair.evidence))
    assert bool(pair.reason) is (pair.alone is not Outcome.AUTO)


@given(people, people)
def test_a_pair_that_is_kept_shares_a_key(one: dict[str, str], two: dict[str, str]) -> None:
    """Keys are the only way to candidates: what would be linked must be found."""
    left, right = person("1", **one), person("2", **two)
    if MATCHING.compared(left, right).alone is Outcome.AUTO:
        assert set(MATCHING.keys(left)) & set(MATCHING.keys(right))


@given(people)
def test_normalising_what_is_normal_changes_nothing(fields: dict[str, str]) -> None:
    """The names as they are compared, given back as raw values, are compared alike."""
    name = person("1", **fields).name
    again = person("1", family=name.family.written, given=name.given.written).name
    assert (again.family, again.given, again.whole) == (name.family, name.given, name.whole)


@given(people)
def test_a_record_is_never_new_beside_its_own_copy(fields: dict[str, str]) -> None:
    """Whatever little it says, the same record imported twice is at least shown, and found if it says anything."""
    assert compared(fields, fields).alone is not Outcome.NEW
    assert MATCHING.keys(person("1", **fields)) == MATCHING.keys(person("2", **fields))


@given(people, people)
def test_given_names_that_differ_are_never_linked(one: dict[str, str], two: dict[str, str]) -> None:
    """No mailbox, number or company outweighs two different given names."""
    pair = compared({**one, "family": "服部", "given": "健"}, {**two, "family": "服部", "given": "花子"})
    assert pair.alone is not Outcome.AUTO
    assert pair.contradicted


@given(people, people)
def test_what_else_is_in_the_base_changes_no_score(one: dict[str, str], two: dict[str, str]) -> None:
    """A pair is the same in whatever program, run and order it is judged: nothing is counted or remembered."""
    before = compared(one, two)
    other = PeopleMatching(PeopleRules())
    for number in range(5):
        other.judged(other.normalised(Individual(ref=str(number), **two)), other.normalised(Individual(ref="z", **one)))
    assert other.compared(person("1", **one), person("2", **two)) == before
