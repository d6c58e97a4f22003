"""Whether two person records are one person: linked, shown to a person, or new."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.identity.decide import Outcome, Verdict
from connector.identity.people import NormalisedPerson, normalised_person
from connector.identity.people_match import judge, match_person
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules

RULES = PeopleRules()
HATTORI: dict[str, str] = {"family": "服部", "given": "健太郎"}
AT_ACME: dict[str, str] = {**HATTORI, "company_name": "株式会社アクメ"}


def person(ref: str, **fields: str) -> NormalisedPerson:
    """A person record."""
    return normalised_person(Individual(ref=ref, **fields), RULES)


def verdict(subject: dict[str, str], *candidates: dict[str, str]) -> Verdict:
    """What becomes of the subject among the candidates, which are called 0, 1, …"""
    known = [person(str(number), **fields) for number, fields in enumerate(candidates)]
    return match_person(person("subject", **subject), known, RULES)


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
            {"full_name": "Kentaro HATTORI", "company_name": "株式会社アクメ"},
            {**AT_ACME, "kana": "ハットリ ケンタロウ"},
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
        pytest.param(
            {"family": "佐藤", "given": "花子", "mail": "hanako.s@acme.jp"},
            {"family": "田中", "given": "花子", "mail": "hanako.s@acme.jp"},
            id="married",
        ),
        pytest.param({"mail": "hattori@acme.jp"}, {**HATTORI, "mail": "hattori@acme.jp"}, id="nothing but the mailbox"),
        pytest.param(
            {"family": "宣玄", "given": "真野", "mobile": "09012345679"},
            {"family": "眞野", "given": "宣玄", "family_kana": "マノ", "mobile": "09012345679"},
            id="swapped and variant",
        ),
    ],
)
def test_what_is_certain_is_linked(subject: dict[str, str], candidate: dict[str, str]) -> None:
    """A rare name with its company, a mailbox or a mobile number of one's own, however the rest is spelled."""
    assert verdict(subject, candidate).outcome is Outcome.AUTO


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
            {"family": "佐藤", "given": "健", "company_name": "アクメ"},
            {"family": "佐藤", "given": "健", "company_name": "アクメ"},
            id="common name",
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
    told = verdict(subject, candidate)
    assert told.outcome is Outcome.REVIEW
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
    assert verdict(subject, candidate).outcome is Outcome.NEW


def test_two_near_equal_candidates_are_never_linked_by_themselves() -> None:
    """The better one of two namesakes in a firm is a guess."""
    told = verdict(AT_ACME, {**AT_ACME, "title": "部長"}, {**AT_ACME, "title": "主任"})
    assert told.outcome is Outcome.REVIEW
    assert told.reason == "identity.near_equal"
    assert told.runner_up is not None


def test_a_person_who_is_there_twice_is_no_doubt() -> None:
    """Two records of one mailbox are one person, so either is right."""
    twice = {**AT_ACME, "mail": "hattori@acme.jp"}
    told = verdict({**HATTORI, "mail": "hattori@acme.jp"}, twice, twice)
    assert told.outcome is Outcome.AUTO
    assert told.runner_up is None


def test_a_mail_address_spells_a_name_only_for_its_owner() -> None:
    """Takahashi's own address must not read 大久保 as Takahashi."""
    told = judge(
        person("1", family="Takahashi", given="Satoshi", mail="takahashi@acme.jp", company_name="アクメ"),
        person("2", family="大久保", given="早稔", given_kana="サトシ", company_name="アクメ"),
        RULES,
    )
    assert told.alone is not Outcome.AUTO
    assert "family.spelled" not in {finding.name for finding in told.found}


def test_the_evidence_adds_up_to_the_score_and_shows_both_sides() -> None:
    """A person who asks why sees every figure and the raw values behind it."""
    told = verdict({**AT_ACME, "mail": "Hattori@acme.jp"}, {**HATTORI, "mail": "hattori@acme.jp"})
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
    """Which of the two is the new one changes nothing."""
    left, right = person("1", **one), person("2", **two)
    there, back = judge(left, right, RULES), judge(right, left, RULES)
    assert (there.score, there.alone) == (back.score, back.alone)


@settings(max_examples=60)
@given(people, st.lists(people, min_size=1, max_size=4), st.randoms())
def test_order_and_repetition_of_candidates_change_nothing(
    subject: dict[str, str], candidates: list[dict[str, str]], random: Any
) -> None:
    """The store may answer in any order, and twice."""
    known = [person(str(number), **fields) for number, fields in enumerate(candidates)]
    shuffled = [*known, known[0]]
    random.shuffle(shuffled)
    asked = person("subject", **subject)
    assert match_person(asked, known, RULES) == match_person(asked, shuffled, RULES)


@given(people)
def test_a_record_is_never_new_beside_its_own_copy(fields: dict[str, str]) -> None:
    """Whatever little it says, the same record imported twice is at least shown."""
    assert verdict(fields, fields).outcome is not Outcome.NEW


@given(people, people)
def test_given_names_that_differ_are_never_linked(one: dict[str, str], two: dict[str, str]) -> None:
    """No mailbox, number or company outweighs two different given names."""
    pair = judge(
        person("1", **{**one, "family": "服部", "given": "健"}),
        person("2", **{**two, "family": "服部", "given": "花子"}),
        RULES,
    )
    assert pair.alone is not Outcome.AUTO
