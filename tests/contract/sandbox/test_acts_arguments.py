"""What people do in the sandbox is told by name: a misspelt argument must not pass for something that was done."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from connector.sandbox.access import Ready


@pytest.fixture(scope="module")
def control(
    start_sandbox: Callable[..., AbstractContextManager[Ready]], connect_control: Callable[[Ready], Any]
) -> Iterator[Any]:
    """The control URL of this module's own small sandbox."""
    with start_sandbox() as ready:
        yield connect_control(ready)


@pytest.fixture(scope="module")
def actor(control: Any) -> str:
    """Some active user."""
    users = control.get("/state/salesforce/User").json()
    return next(str(user["Id"]) for user in users if user["IsActive"])


@pytest.mark.parametrize(
    ("given", "unknown", "known"),
    [
        ({"action": "log_call", "oportunity": "006"}, "oportunity", "opportunity"),
        ({"action": "log_call", "vendor": "hubspot", "opportunity": "006"}, "opportunity", "deal"),
        ({"action": "log_meeting", "subject": "訪問", "outcome": "COMPLETED"}, "outcome", "minutes"),
        ({"action": "receive_mail", "body": "x", "cc": "y"}, "body, cc", "text"),
        ({"action": "create", "object": "Task", "values": {"Subject": "x"}, "task": "00T"}, "task", "values"),
    ],
)
def test_an_act_refuses_what_it_does_not_know(
    control: Any, actor: str, given: dict[str, object], unknown: str, known: str
) -> None:
    """400 names the argument and those that there are, and nothing of the act remains."""
    before = control.lines("/journal")
    answer = control.post("/act", {"actor": actor, **given})
    assert answer.status_code == 400
    assert f"knows no {unknown}: it takes " in answer.text
    assert known in answer.text.partition("it takes ")[2]
    assert control.lines("/journal") == before


def test_either_of_two_names_may_be_given(control: Any, actor: str) -> None:
    """A task by `task` or `id`, a person by `contact` or `lead`; giving both is no mistake."""
    made = control.post("/act", {"actor": actor, "action": "log_call", "disposition": "接続"}).json()["ids"]["Task"]
    told = {"actor": actor, "action": "edit_task", "task": made, "id": made, "subject": "架電"}
    assert control.post("/act", told).status_code == 200
