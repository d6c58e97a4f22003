"""What holds for any two companies: `CompanyMatching` on invented records."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.identity.companies import CompanyMatching
from connector.identity.corporate_number import check_digit
from connector.identity.decide import Outcome
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules

MATCHING = CompanyMatching(CompanyRules())
NUMBERS = [f"{check_digit(twelve)}{twelve}" for twelve in ("010401012345", "010401099999")]

UNTIMED = settings(deadline=None)
"""The first web site reads the list of public suffixes."""

NAMES = st.one_of(
    st.sampled_from(
        [
            *("株式会社アクメ", "アクメ株式会社", "㈱アクメ", "有限会社アクメ", "アクメ販売㈱", "Acme K.K.", "アクメ"),
            *(
                "ベータ(株)",
                "株式会社アクメ大阪支店",
                "アクメホールディングス",
                "不明",
                "",
                "A",
                "アクメ・ベータ共同企業体",
            ),
            *("アクメ精機工業", "アクメ精機", "アクメ情機工業", "akume", "アクメ 経理部 御中", "旧:アクメ"),
        ]
    ),
    st.text(alphabet="アクメ精機工業株式会社㈱ akume支店・", max_size=10),
)
COMPANIES = st.builds(
    Company,
    ref=st.sampled_from("abcdefgh"),
    name=NAMES,
    name_kana=st.sampled_from(["", "アクメ", "ベータ"]),
    name_english=st.sampled_from(["", "Acme", "Akume Inc."]),
    former_names=st.sampled_from([(), ("株式会社アクメ",)]),
    corporate_number=st.sampled_from(["", *NUMBERS]),
    address=st.sampled_from(
        ["", "東京都港区赤坂1-2-3", "東京都港区赤坂9-9-9", "東京都渋谷区恵比寿1", "大阪府堺市堺区1-1"]
    ),
    website=st.sampled_from(["", "acme.co.jp", "beta.co.jp", "gmail.com"]),
    phone=st.sampled_from(["", "03-5217-4321", "0120-444-555"]),
    postal_code=st.sampled_from(["", "107-0052"]),
    parents=st.sampled_from([(), ("a",)]),
)


@UNTIMED
@given(COMPANIES, COMPANIES)
def test_it_does_not_matter_which_of_two_comes_first(one: Company, two: Company) -> None:
    """The pair is the same, left before right."""
    one = replace(one, ref="1")
    left, right = MATCHING.normalised(one), MATCHING.normalised(replace(two, ref="2"))
    assert MATCHING.judged(left, right) == MATCHING.judged(right, left)
    found = MATCHING.compared(right, left)
    assert found.key == ("1", "2")
    assert found == MATCHING.compared(left, right)


@UNTIMED
@given(COMPANIES, COMPANIES)
def test_what_is_judged_is_what_was_compared(one: Company, two: Company) -> None:
    """The quick look that leaves most pairs out leaves out none that anybody would see."""
    left, right = MATCHING.normalised(replace(one, ref="1")), MATCHING.normalised(replace(two, ref="2"))
    found = MATCHING.compared(left, right)
    assert MATCHING.judged(left, right) == (None if found.alone is Outcome.NEW else found)


@UNTIMED
@given(COMPANIES, COMPANIES)
def test_two_valid_numbers_are_never_linked(one: Company, two: Company) -> None:
    """Whatever else agrees, alone or through others."""
    left = MATCHING.normalised(replace(one, ref="1", corporate_number=NUMBERS[0]))
    right = MATCHING.normalised(replace(two, ref="2", corporate_number=NUMBERS[1]))
    found = MATCHING.compared(left, right)
    assert found.alone is not Outcome.AUTO
    assert found.contradicted


@UNTIMED
@given(COMPANIES)
def test_a_record_matches_itself(one: Company) -> None:
    """A copy shares every key, has nothing against it, and is kept if the record has a name at all."""
    one = replace(one, ref="1", parents=())
    record, copy = MATCHING.normalised(one), MATCHING.normalised(replace(one, ref="2"))
    assert MATCHING.keys(record) == MATCHING.keys(copy)
    found = MATCHING.compared(record, copy)
    assert not found.contradicted
    if record.name.nameless:
        return
    assert MATCHING.keys(record)
    assert MATCHING.judged(record, copy) is not None


@UNTIMED
@given(COMPANIES)
def test_keys_come_once_and_do_not_depend_on_the_ref(one: Company) -> None:
    """So that what is kept stays what it is."""
    keys = MATCHING.keys(MATCHING.normalised(one))
    assert len(set(keys)) == len(keys)
    assert keys == MATCHING.keys(MATCHING.normalised(replace(one, ref="z")))


@pytest.mark.parametrize("raw", ["株式会社アクメ", "ｱｸﾒ(株) 大阪支店"])
def test_values_that_were_normalised_normalise_to_the_same(raw: str) -> None:
    """The name as it is shown has the keys of the name as it was typed."""
    once = MATCHING.normalised(Company(ref="a", name=raw))
    assert MATCHING.keys(MATCHING.normalised(Company(ref="a", name=once.name.base))) == MATCHING.keys(once)
