"""What an examination means for whoever runs it: what counts as usable, and whose turn it is."""

import pytest

from connector.model.errors import ConfigurationError, OkoshiError, RetryLater, StopSync
from connector.setup.findings import Finding, State, exit_code, of_error


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([State.OK], 0),
        ([State.OK, State.WARNING], 0),
        ([State.OK, State.FAILED], 2),
        ([State.DOWN, State.WARNING], 4),
        ([State.DOWN, State.FAILED], 2),
        ([], 0),
    ],
)
def test_the_exit_code_says_whose_turn_it_is(states: list[State], code: int) -> None:
    """A person's, as soon as there is anything for a person to do; else the vendor's; warnings are nobody's."""
    assert exit_code([Finding("x", state) for state in states]) == code


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ConfigurationError("x"), State.FAILED),
        (RetryLater("x"), State.DOWN),
        (StopSync("x", code="daily_limit"), State.WARNING),
        (StopSync("x", code="database_unreachable"), State.FAILED),
        (OkoshiError("x"), State.FAILED),
    ],
)
def test_an_error_is_a_finding(error: OkoshiError, state: State) -> None:
    """A used-up day passes by itself; a database that cannot be reached does not."""
    assert of_error("x", error).state is state
