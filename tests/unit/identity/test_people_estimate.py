"""Weights from the records themselves, for fields that the preset has no figures for."""

from random import Random

import pytest

from connector.identity.people_clusters import resolve
from connector.identity.people_estimate import estimated_rules
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules

FIELDS = ("family", "given", "birth_date", "city", "region")
LIMITS = PeopleRules(
    auto_needs=(),
    never_auto=frozenset(),
    contradicting=frozenset(),
    doubted_by=frozenset(),
    at_least_review=frozenset(),
    usual_names="none",
    rare_name=None,
)


def register(count: int) -> list[Individual]:
    """So many people, a third of them twice, the second time with a fault in one field."""
    random = Random(7)
    syllables = ["ba", "ko", "mi", "ren", "to", "shel", "van", "der", "lin", "ost", "gar", "pri"]

    def word(parts: int) -> str:
        return "".join(random.choice(syllables) for _ in range(parts))

    people = []
    for number in range(count):
        fields = {
            "family": word(3),
            "given": word(2),
            "birth_date": f"{random.randrange(1930, 2005)}{random.randrange(1, 13):02}{random.randrange(1, 29):02}",
            "city": word(2),
            "region": random.choice(["north", "south"]),
        }
        people.append(Individual(ref=f"{number}-a", **fields))
        if number % 3 == 0:
            fault = random.choice(["family", "given", "birth_date", "city"])
            changed = fields[fault][:-1] + ("9" if fault == "birth_date" else "q")
            people.append(Individual(ref=f"{number}-b", **{**fields, fault: changed}))
    return people


@pytest.fixture(scope="module")
def people() -> list[Individual]:
    """A register of 300."""
    return register(300)


def test_what_chance_rarely_brings_weighs_most(people: list[Individual]) -> None:
    """A day of birth tells more than one of two regions; a difference speaks against."""
    fields = estimated_rules(people, FIELDS, LIMITS).fields
    assert fields["birth_date"].levels["same"] > fields["region"].levels["same"] + 3
    assert fields["region"].levels["same"] > 0 > fields["birth_date"].levels["differs"]


def test_the_estimated_rules_find_the_pairs(people: list[Individual]) -> None:
    """Without one known pair."""
    found = resolve(people, estimated_rules(people, FIELDS, LIMITS))
    linked = [cluster for cluster in found.clusters if len(cluster) > 1]
    assert all(len({ref.split("-")[0] for ref in cluster}) == 1 for cluster in linked)
    assert len(linked) >= 98


def test_the_order_of_the_records_does_not_matter(people: list[Individual]) -> None:
    """Figures that depend on it could not be checked."""
    assert estimated_rules(people[::-1], FIELDS, LIMITS) == estimated_rules(people, FIELDS, LIMITS)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_records_are_no_error(count: int) -> None:
    """Rules come out, even if they say little."""
    assert set(estimated_rules(register(2)[:count], FIELDS, LIMITS).fields) == set(FIELDS)
