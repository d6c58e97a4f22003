"""Holds an answer of the sandbox against a recorded one: status, the headers that matter, and the shape of the body.

Used by the tests of both vendors' likeness. What is excused is said by the caller, with its reason.
"""

from collections.abc import Iterable, Sequence

import requests
from recordings import Exchange
from shapes import Known, differences


def unlike(recorded: Exchange, answer: requests.Response, known: Sequence[Known] = ()) -> list[str]:
    """Every difference in words; none where the sandbox answers as the real thing did."""
    found = []
    if answer.status_code != recorded.status:
        found.append(f"status: is {answer.status_code}, recorded was {recorded.status}: {answer.text[:300]}")
    spelling = recorded.headers.get("Content-Type")
    if recorded.text and spelling and answer.headers.get("Content-Type") != spelling:
        found.append(f"Content-Type: is {answer.headers.get('Content-Type')}, recorded was {spelling}")
    if bool(answer.content) != bool(recorded.text):
        found.append(f"body: is {answer.text[:200] or 'empty'}, recorded was {recorded.text[:200] or 'empty'}")
    elif recorded.text:
        found += map(str, differences(recorded.answer, answer.json(), known=known))
    return found


def headers_missing(recorded: Iterable[Exchange], answer: requests.Response, prefix: str) -> set[str]:
    """Headers with this prefix that all of the recorded answers had and this one has not."""
    common = set.intersection(
        *({name.lower() for name in one.headers if name.lower().startswith(prefix)} for one in recorded)
    )
    return common - {name.lower() for name in answer.headers}
