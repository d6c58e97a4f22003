"""Companies compared and decided: what is linked, what a person sees, what is new."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.identity.company import normalise_company
from connector.identity.corporate_number import check_digit
from connector.identity.decide import Outcome, Verdict
from connector.identity.index import Index, entry
from connector.identity.matcher import match_company
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules

RULES = CompanyRules()
SPOT = "東京都港区赤坂1-2-3"


def company(ref: str, name: str, **values: object) -> Company:
    """One record."""
    return Company(ref=ref, name=name, **values)  # type: ignore[arg-type]


def verdict(subject: Company, *known: Company, register: bool = False) -> Verdict:
    """Of one subject against all that is known."""
    return match_company(normalise_company(subject), map(normalise_company, known), RULES, register=register)


def number(twelve: str) -> str:
    """A valid 法人番号."""
    return f"{check_digit(twelve)}{twelve}"


def kinds(found: Verdict) -> set[str]:
    """The findings about the best candidate."""
    return {piece.kind for piece in found.evidence}


@pytest.mark.parametrize(
    "proof",
    [
        {"address": SPOT},
        {"website": "https://www.acme.co.jp"},
        {"phone": "03-5217-4321"},
        {"corporate_number": number("010401012345")},
    ],
)
def test_a_name_with_one_proof_is_linked(proof: dict[str, str]) -> None:
    """Address, domain, phone or 法人番号 agree besides the name."""
    assert verdict(company("a", "㈱アクメ", **proof), company("b", "株式会社アクメ", **proof)).outcome is Outcome.AUTO


def test_a_name_alone_is_shown_to_a_person() -> None:
    """More than a quarter of all registered companies share their name with another one."""
    found = verdict(company("a", "㈱アクメ"), company("b", "株式会社アクメ"))
    assert (found.outcome, found.best and found.best.ref) == (Outcome.REVIEW, "b")


def test_a_name_that_a_complete_register_has_once_is_linked() -> None:
    """That nobody else bears it is the proof, and is among the evidence."""
    found = verdict(company("a", "アクメ㈱"), company("b", "アクメ株式会社"), register=True)
    assert found.outcome is Outcome.AUTO
    assert "unique_in_register" in kinds(found)


def test_who_alone_bears_a_name_in_its_city_is_linked() -> None:
    """Of those of the register; the others of the name are known to be in other cities, however near."""
    kana = {"name_kana": "アクメ"}
    subject = company("a", "株式会社アクメ", address="東京都千代田区神田1-1", **kana)
    known = [
        company("x", "株式会社アクメ", address="東京都千代田区外神田2-14-10", **kana),
        company("y", "株式会社アクメ", address="東京都港区赤坂8-5-6", **kana),
    ]
    found = verdict(subject, *known, register=True)
    assert (found.outcome, found.best and found.best.ref) == (Outcome.AUTO, "x")
    assert "only_one_in_city" in kinds(found)
    nowhere = company("z", "株式会社アクメ", **kana)
    for another in (replace(known[0], ref="w", address="東京都千代田区丸の内3-3-3"), nowhere):
        assert verdict(subject, *known, another, register=True).outcome is Outcome.REVIEW
    assert verdict(subject, *known).outcome is Outcome.REVIEW


@pytest.mark.parametrize("others", [("株式会社アクメ",), ("アクメ株式会社",), ("株式会社アクメ", "株式会社アクメ")])
def test_bearers_of_one_name_in_a_register_are_left_to_a_person(others: tuple[str, ...]) -> None:
    """前株 and 後株 are evidence, but people mistake them."""
    known = [company(str(at), name) for at, name in enumerate(("株式会社アクメ", *others))]
    found = verdict(company("a", "株式会社アクメ"), *known, register=True)
    assert found.outcome is Outcome.REVIEW
    assert {one.ref for one in found.shown} == {one.ref for one in known}


def test_bearers_of_the_very_name_come_before_firms_of_a_like_one() -> None:
    """The more bear it the less it weighs, and yet it is one of them rather than アクメホールディングス."""
    bearers = [company(f"x{at:02}", "株式会社アクメ") for at in range(RULES.homonyms_shown - 1)]
    group = [company(f"y{word}", f"株式会社アクメ{word}") for word in ("グループ", "ジャパン", "ホールディングス")]
    found = verdict(company("a", "株式会社アクメ"), *group, *bearers, register=True)
    assert found.outcome is Outcome.REVIEW
    assert [one.ref for one in found.shown] == ["yグループ", *(one.ref for one in bearers)]


def test_the_address_finds_the_right_one_among_bearers_of_the_name() -> None:
    """The others are elsewhere."""
    known = [company("x", "株式会社アクメ", address="大阪府堺市堺区1-1"), company("y", "株式会社アクメ", address=SPOT)]
    found = verdict(company("a", "株式会社アクメ", address=SPOT), *known)
    assert (found.outcome, found.best and found.best.ref) == (Outcome.AUTO, "y")


def test_two_near_equal_candidates_are_never_linked() -> None:
    """Even when both agree in everything: one of them is a duplicate, or a second firm at the place."""
    known = [company(ref, "株式会社アクメ", address=SPOT) for ref in ("x", "y")]
    found = verdict(company("a", "株式会社アクメ", address=SPOT), *known)
    assert (found.outcome, found.reason) == (Outcome.REVIEW, "identity.near_equal")


def test_a_succession_goes_to_a_person() -> None:
    """Same name and place, new 法人番号."""
    one = company("a", "株式会社アクメ", address=SPOT, corporate_number=number("010401012345"))
    two = company("b", "株式会社アクメ", address=SPOT, corporate_number=number("010401099999"))
    assert verdict(one, two).outcome is not Outcome.AUTO


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("アクメ販売株式会社", "アクメ株式会社"),
        ("アクメホールディングス株式会社", "アクメ株式会社"),
        ("アクメ東日本株式会社", "アクメ西日本株式会社"),
        ("株式会社アクメ2号", "株式会社アクメ3号"),
        ("有限会社アクメ", "株式会社アクメ"),
    ],
)
def test_firms_of_one_group_are_not_linked_even_at_one_place(ours: str, theirs: str) -> None:
    """A holding, its operating company and its sales firm share the building and the web site."""
    place = {"address": SPOT, "website": "acme.co.jp"}
    assert verdict(company("a", ours, **place), company("b", theirs, **place)).outcome is not Outcome.AUTO


def test_a_branch_is_linked_as_a_site() -> None:
    """It belongs to the company and is not a duplicate of it."""
    found = verdict(
        company("a", "アクメ株式会社 大阪支店", website="acme.co.jp"),
        company("b", "アクメ株式会社", website="acme.co.jp"),
    )
    assert found.outcome is Outcome.AUTO
    assert found.best is not None
    assert found.best.relation == "site"


def test_a_parent_is_not_its_child() -> None:
    """What the system itself says of two records outweighs that they look alike."""
    found = verdict(
        company("a", "アクメ株式会社", website="acme.co.jp", parents=("b",)),
        company("b", "アクメ株式会社", website="acme.co.jp"),
    )
    assert found.outcome is not Outcome.AUTO


def test_a_former_name_is_recognised() -> None:
    """A register knows it."""
    known = company("b", "ベータ株式会社", former_names=("アクメ株式会社",))
    found = verdict(company("a", "アクメ㈱"), known, register=True)
    assert found.outcome is Outcome.AUTO
    assert "name_former" in kinds(found)


def test_a_free_mail_domain_proves_nothing() -> None:
    """Both write from Gmail."""
    found = verdict(
        company("a", "株式会社アクメ", mail="a@gmail.com"), company("b", "株式会社アクメ", mail="b@gmail.com")
    )
    assert found.outcome is Outcome.REVIEW
    assert not any(piece.field == "domain" for piece in found.evidence)


NAMES = st.sampled_from(
    [
        "株式会社アクメ",
        "アクメ株式会社",
        "㈱アクメ",
        "有限会社アクメ",
        "アクメ販売㈱",
        "Acme K.K.",
        "ベータ(株)",
        "株式会社ベータ大阪支店",
    ]
)
COMPANIES = st.builds(
    Company,
    ref=st.sampled_from("abcdefgh"),
    name=NAMES,
    corporate_number=st.sampled_from(["", number("010401012345"), number("010401099999")]),
    address=st.sampled_from(["", SPOT, "東京都港区芝1-1-1", "大阪府堺市堺区1-1"]),
    website=st.sampled_from(["", "acme.co.jp", "beta.co.jp", "gmail.com"]),
    phone=st.sampled_from(["", "03-5217-4321", "06-6241-7788"]),
)
SEVERAL = st.lists(COMPANIES, max_size=6, unique_by=lambda one: one.ref)


@given(COMPANIES, SEVERAL, st.booleans(), st.randoms())
def test_order_repetition_and_runs_again_do_not_change_the_verdict(subject, known, register, chance) -> None:  # type: ignore[no-untyped-def]
    """Nor does the subject itself among the known ones."""
    mixed = [*known, *known]
    chance.shuffle(mixed)
    others = [one for one in known if one.ref != subject.ref]
    assert verdict(subject, *mixed, register=register) == verdict(subject, *others, register=register)


@given(COMPANIES, SEVERAL, st.booleans())
def test_nothing_is_linked_across_two_valid_corporate_numbers(subject, known, register) -> None:  # type: ignore[no-untyped-def]
    """Whatever else agrees."""
    found = verdict(subject, *known, register=register)
    if found.outcome is Outcome.AUTO:
        assert "corporate_number_differs" not in kinds(found)


@given(COMPANIES)
def test_a_record_always_finds_itself(one: Company) -> None:
    """A copy under another ref is its best candidate, and never new."""
    index = Index(
        RULES, [Company(ref="copy", **{name: getattr(one, name) for name in ("name", "address", "website", "phone")})]
    )
    subject = normalise_company(one)
    found = match_company(subject, index.candidates(subject), RULES)
    assert found.outcome is not Outcome.NEW
    assert found.best is not None
    assert found.best.ref == "copy"


@given(COMPANIES, COMPANIES)
def test_evidence_does_not_depend_on_who_asks(one: Company, two: Company) -> None:
    """The score of a pair is the same from both sides."""
    pair = Company(ref="1", name=one.name, address=one.address), Company(ref="2", name=two.name, address=two.address)
    scores = {round(verdict(left, right).score, 6) for left, right in itertools.permutations(pair)}
    assert len(scores) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "株式会社アクメ精機工業",
        "アクメ精機工業",
        "㈱アクメ精機工業所",
        "株式会社アクメ精機",
        "株式会社アクメ精機工業仙台工場",
        "株式会社アクメ情機工業",
    ],
)
def test_the_index_finds_whoever_may_be_meant(typed: str) -> None:
    """By the name, by its beginning, and by pieces of it when it is mistyped."""
    crowd = [
        company(str(at), f"株式会社{name}")
        for at, name in enumerate(["ベータ商事", "ガンマ工業", "デルタ精機", "東西運輸"])
    ]
    index = Index(RULES, crowd)
    index.extend([entry(company("right", "株式会社アクメ精機工業", former_names=("旧名産業", "先代商店")))])
    subject = normalise_company(company("?", typed))
    assert "right" in {one.ref for one in index.candidates(subject)}
    assert index.company(len(crowd)).formers[1].core == "先代商店"
