"""Records as columns: the same normalised values as when two records are compared, and nothing lost on the way."""

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.identity.bulk import COMPANIES, KEYS, PEOPLE, Judge
from connector.identity.records import Company, Individual
from connector.mapping.identity import IdentityRules

RULES = IdentityRules()
ACME = Company(
    ref="1",
    name="㈱アクメ",
    former_names=("旧山田屋",),
    address="東京都港区芝1丁目2番3号",
    phone="03-3211-1121",
    website="acme.co.jp",
)


def test_a_company_becomes_its_normalised_values() -> None:
    """Core, legal form, place, number, domain and phone stand in columns; what is not known is nothing at all."""
    matching = COMPANIES.matching(RULES)
    known = matching.normalised(ACME)
    row = COMPANIES.row(known, tuple(matching.keys(known)))
    assert (row["exact"], row["legal_form"], row["placed"]) == ("アクメ", "株式会社", "front")
    assert (row["place"], row["spot"], row["prefecture"]) == ("港区芝", "港区芝1-2-3", "東京都")
    assert (row["domain"], row["phones"]) == ("acme.co.jp", ["+81332111121"])
    assert row["corporate_number"] is None
    assert row["kana"] is None
    assert row[KEYS] == list(dict.fromkeys(matching.keys(known)))


def test_a_person_whose_names_changed_places_has_the_same_names() -> None:
    """Family and given name in the wrong fields give the same `names`, and the reading in both orders."""
    rows = []
    for person in (
        Individual(ref="1", family="山田", given="太郎", family_kana="ヤマダ", given_kana="タロウ"),
        Individual(ref="2", family="太郎", given="山田", family_kana="タロウ", given_kana="ヤマダ"),
    ):
        matching = PEOPLE.matching(RULES)
        known = matching.normalised(person)
        rows.append(PEOPLE.row(known, tuple(matching.keys(known))))
    assert rows[0]["names"] == rows[1]["names"]
    assert rows[0]["readings"] == rows[1]["readings"]


def test_a_shared_mailbox_is_no_mailbox_of_ones_own() -> None:
    """info@ stands in a column of its own, so that it links nobody."""
    matching = PEOPLE.matching(RULES)
    known = matching.normalised(Individual(ref="1", family="山田", mail="info@acme.co.jp"))
    row = PEOPLE.row(known, ())
    assert (row["mail"], row["shared_mail"]) == (None, "info@acme.co.jp")


@given(st.builds(Company, ref=st.text(), name=st.text(), former_names=st.lists(st.text(min_size=1)).map(tuple)))
def test_what_is_packed_is_what_was_there(company: Company) -> None:
    """A record that travels to another process comes out as it went in, names of several parts aside from blanks."""
    there = COMPANIES.unpacked(COMPANIES.packed(company))
    kept = tuple(name.strip() for name in company.former_names if name.strip())
    assert asdict(there) == asdict(company) | {"former_names": kept}


@pytest.mark.parametrize("text", ["山田屋;アクメ商会", " 山田屋 ; アクメ商会;"])
def test_several_values_of_a_file_are_parted_by_semicolons(text: str) -> None:
    """A CSV cell holds all former names."""
    assert COMPANIES.read({"ref": 7, "name": "アクメ", "former_names": text}) == Company(
        ref="7", name="アクメ", former_names=("山田屋", "アクメ商会")
    )


def test_packed_records_are_judged_as_the_rule_judges() -> None:
    """The verdict on a packed pair is that of the core, whatever the order."""
    other = Company(ref="2", name="アクメ株式会社", address="東京都港区芝1-2-3", website="https://www.acme.co.jp/")
    judge = Judge(COMPANIES, RULES)
    one, two = COMPANIES.packed(ACME), COMPANIES.packed(other)
    matching = COMPANIES.matching(RULES)
    expected = matching.judged(matching.normalised(ACME), matching.normalised(other))
    assert expected is not None
    assert judge.judged(one, two) == judge.judged(two, one) == expected
