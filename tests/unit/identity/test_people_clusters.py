"""Clusters of person records: the same whatever the order, never grown over a contradiction."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.identity.people_clusters import resolve
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules

RULES = PeopleRules()


def person(ref: str, **fields: str) -> Individual:
    """A person record."""
    return Individual(ref=ref, **fields)


def test_records_of_one_person_in_two_systems_and_twice_in_one_become_one_cluster() -> None:
    """Through a mailbox here and a mobile number there."""
    found = resolve(
        [
            person("h1", family="服部", given="健太郎", mail="k.hattori@acme.jp", company_name="アクメ"),
            person("h2", family="ハットリ", given="ケンタロウ", mail="k.hattori@acme.jp"),
            person("s1", family="服部", given="健太郎", mail="K.Hattori@acme.jp", mobile="090-1234-5679"),
            person("s2", family="服部", given="健太郎", company_name="㈱アクメ", phone="09012345679"),
            person("s3", family="佐野", given="花子", company_name="㈱アクメ"),
        ],
        RULES,
    )
    assert found.clusters == (("h1", "h2", "s1", "s2"), ("s3",))
    assert not found.doubts


def test_a_chain_does_not_grow_over_two_given_names() -> None:
    """A record without a given name belongs to one of a couple, and nobody knows to which."""
    mail = "yamada@gmail.com"
    found = resolve(
        [
            person("1", family="山田", given="太郎", mail=mail, mobile="09012345679"),
            person("2", family="山田", given="花子", mail=mail),
            person("3", family="山田", mail=mail),
        ],
        RULES,
    )
    assert not [cluster for cluster in found.clusters if {"1", "2"} <= set(cluster)]
    assert ("1", "2") in {pair.key for pair in found.doubts}


def test_a_record_between_two_namesakes_is_left_to_a_person() -> None:
    """Linking it to either would be a guess, and would join the two."""
    firm = {"family": "服部", "given": "健太郎", "company_name": "アクメ"}
    found = resolve([person("1", **firm, title="部長"), person("2", **firm, title="主任"), person("3", **firm)], RULES)
    assert found.clusters == (("1",), ("2",), ("3",))
    assert {pair.key for pair in found.doubts} == {("1", "2"), ("1", "3"), ("2", "3")}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"title": "部長"}, {"title": "主任"}),
        ({"mobile": "090-1234-5679"}, {"mobile": "080-1234-5679"}),
        ({"mail": "hattori@acme.jp"}, {"mail": "k.hattori@acme.jp"}),
        ({"phone": "03-1234-5679"}, {"phone": "06-1234-5679"}),
    ],
)
def test_a_rare_name_in_a_small_firm_does_not_outweigh_what_differs(one: dict[str, str], two: dict[str, str]) -> None:
    """However rare the name is among many: father and son, or one person who was promoted, is for a person to say."""
    crowd = [person(str(n), family=f"山{n}", given=f"花{n}", company_name=f"会社{n}") for n in range(400)]
    namesake = {"family": "勘解由小路", "given": "資承", "company_name": "アクメ"}
    found = resolve([*crowd, person("one", **namesake, **one), person("two", **namesake, **two)], RULES)
    assert ("one", "two") in {pair.key for pair in found.doubts}
    plain = resolve([*crowd, person("one", **namesake, **one), person("two", **namesake)], RULES)
    assert ("one", "two") in plain.clusters


def test_a_person_who_is_there_twice_is_no_doubt() -> None:
    """Two records of one mailbox are one person, so a third belongs to both."""
    fields = {"family": "服部", "given": "健太郎", "mail": "hattori@acme.jp"}
    found = resolve([person(str(number), **fields, company_name="アクメ") for number in range(3)], RULES)
    assert found.clusters == (("0", "1", "2"),)
    assert not found.doubts


_PEOPLE = st.fixed_dictionaries(
    {
        "family": st.sampled_from(["服部", "山田", "Hattori", "齋藤", "斎藤"]),
        "given": st.sampled_from(["健", "花子", "Ken", ""]),
        "family_kana": st.sampled_from(["ハットリ", ""]),
        "company_name": st.sampled_from(["株式会社アクメ", "ベータ", ""]),
        "mail": st.sampled_from(["ken@acme.jp", "hanako@acme.jp", "info@acme.jp", ""]),
        "mobile": st.sampled_from(["090-1234-5679", ""]),
        "title": st.sampled_from(["部長", "主任", ""]),
    }
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_PEOPLE, min_size=2, max_size=9), st.integers())
def test_order_repetition_and_runs_change_nothing(people: list[dict[str, str]], seed: int) -> None:
    """The same records give the same clusters, doubts and verdicts."""
    records = [person(str(number), **fields) for number, fields in enumerate(people)]
    shuffled = [*records, *records[:2]]
    Random(seed).shuffle(shuffled)
    one, two = resolve(records, RULES), resolve(shuffled, RULES)
    assert one.clusters == two.clusters
    assert one.doubts == two.doubts


@settings(max_examples=40, deadline=None)
@given(st.lists(_PEOPLE, min_size=2, max_size=9))
def test_no_cluster_holds_two_given_names(people: list[dict[str, str]]) -> None:
    """Whatever chain of mailboxes and numbers leads from one to the other."""
    records = {str(number): person(str(number), **fields) for number, fields in enumerate(people)}
    for cluster in resolve(records.values(), RULES).clusters:
        assert len({records[ref].given for ref in cluster} & {"健", "花子"}) < 2


@settings(max_examples=30, deadline=None)
@given(st.lists(_PEOPLE, min_size=2, max_size=9))
def test_every_record_is_in_one_cluster_and_no_doubt_lies_within_one(people: list[dict[str, str]]) -> None:
    """Nothing is lost, nothing is asked that is settled."""
    found = resolve([person(str(number), **fields) for number, fields in enumerate(people)], RULES)
    cluster_of = {ref: cluster for cluster in found.clusters for ref in cluster}
    assert sorted(cluster_of) == sorted(str(number) for number in range(len(people)))
    assert sum(map(len, found.clusters)) == len(people)
    assert all(cluster_of[pair.left] != cluster_of[pair.right] for pair in found.doubts)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_records_are_no_error(count: int) -> None:
    """An empty base and a single record."""
    records: list[Any] = [person("1", family="服部")][:count]
    assert resolve(records, RULES).clusters == tuple((each.ref,) for each in records)
