"""The people's part of `identity.yaml`."""

import pytest
from pydantic import ValidationError

from connector.mapping import load_mappings
from connector.mapping.identity_people import LEVELS, FieldWeights, PeopleRules


def test_the_preset_writes_out_what_counts_without_it() -> None:
    """Who reads the file sees every weight that is in force."""
    assert load_mappings(None).identity.people == PeopleRules()


def test_every_level_that_agrees_weighs_no_more_than_the_same() -> None:
    """A weaker agreement must not outweigh a stronger one of its field."""
    for field, weights in PeopleRules().fields.items():
        top = max(weights.levels.get(level, 0.0) for level in ("same", "own", "desk"))
        assert all(bits <= max(top, 0.0) for bits in weights.levels.values()), field


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": {"shoe_size": {"levels": {}}}},
        {"fields": {"mail": {"levels": {"perhaps": 1.0}}}},
        {"never_auto": ["given.unlike"]},
        {"auto_needs": [["given.unlike"]]},
        {"auto": -1.0},
    ],
)
def test_unknown_names_and_limits_out_of_order_are_refused(wrong: dict[str, object]) -> None:
    """A misspelt level would weigh nothing and never be noticed."""
    with pytest.raises(ValidationError):
        PeopleRules.model_validate(wrong)


def test_a_level_can_be_named_in_every_field() -> None:
    """The lists of fields and levels are what rules may name."""
    for field, levels in LEVELS.items():
        assert FieldWeights(levels=dict.fromkeys(levels, 1.0))
        rules = PeopleRules(fields={field: FieldWeights(levels=dict.fromkeys(levels, 1.0))})
        assert set(rules.fields) == {field}
