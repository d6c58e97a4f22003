"""The JSON of HubSpot's answers: parsed once, pages with where the next one begins, and the partial errors of reads.

Called by the parts of the HubSpot client. Must not know which call an answer belongs to.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from connector.clients.errors import AnswerLost, Refused, code_in
from connector.clients.trail import Trail
from connector.model.errors import RetryLater

T = TypeVar("T")

_NORMAL_ABSENCE = frozenset({"OBJECT_NOT_FOUND", "crm.associations.NO_ASSOCIATIONS_FOUND", "NO_ASSOCIATIONS_FOUND"})


@dataclass(frozen=True, slots=True)
class ObjectPage:
    """One page of objects as the vendor sent them, where the next one begins, and how many a search found in all."""

    results: list[dict[str, Any]]
    after: str | None = None
    total: int | None = None


def parsed(call: Callable[..., Any], *given: Any, **options: Any) -> dict[str, Any]:
    """The JSON of an SDK call. The SDK's own models cost many times the parsing and reject what live traffic holds."""
    return answer_of(call(*given, **options, _preload_content=False).data)


def answer_of(body: bytes | None) -> dict[str, Any]:
    """The JSON object in a body. Raises RetryLater for anything else."""
    try:
        answer = json.loads(body or b"")
    except ValueError:
        raise RetryLater("HubSpot sent a page that is no JSON; run again later") from None
    if not isinstance(answer, dict):
        raise unknown_shape()
    return answer


def unknown_shape() -> RetryLater:
    """The error for an answer to a reading that is not what was asked for: that must not pass for an empty one."""
    return RetryLater("HubSpot sent an answer of an unknown shape; run again later")


def written(call: Callable[..., Any], *given: Any, **options: Any) -> dict[str, Any]:
    """As `parsed`, for a call that writes: nothing (204) is an empty object, an unknown shape is a lost answer."""
    response = call(*given, **options, _preload_content=False)
    if not response.data:
        return {}
    answer = json.loads(response.data)  # the session let only whole JSON through
    if not isinstance(answer, dict):
        raise AnswerLost("HubSpot answered a write in an unknown shape; it is looked up before anything is sent again")
    return answer


def rows_in(answer: Mapping[str, Any], member: str = "results", *, named: str | None = None) -> list[dict[str, Any]]:
    """The rows of an answer, which `named` tells apart. Raises RetryLater where there is no list of such rows."""
    rows = answer.get(member)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise unknown_shape()
    if named is not None and any(row.get(named) in (None, "") for row in rows):
        raise unknown_shape()
    return rows


def page(answer: Mapping[str, Any], *, named: str | None = None) -> ObjectPage:
    """The page in an answer, whose rows `named` tells apart."""
    total = answer.get("total")
    rows = rows_in(answer, named=named)
    return ObjectPage(results=rows, after=following(answer), total=total if isinstance(total, int) else None)


def objects(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The CRM objects in an answer, each with its id as text and its properties, which may be null on the wire."""
    return [_object(row) for row in rows_in(answer, named="id")]


def _object(row: dict[str, Any]) -> dict[str, Any]:
    properties = row.get("properties")
    if not isinstance(properties, dict | None):
        raise unknown_shape()
    links = row.get("associations")
    for given in links.values() if isinstance(links, dict) else ():
        found = given.get("results") if isinstance(given, dict) else None
        if not isinstance(found, list) or not all(isinstance(one, dict) and one.get("id") for one in found):
            raise unknown_shape()
    return {**row, "id": str(row["id"]), "properties": properties or {}}


def object_page(answer: Mapping[str, Any]) -> ObjectPage:
    """The page of CRM objects in an answer."""
    return replace(page(answer), results=objects(answer))


def batch(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer of a batch read, with its results; one of errors only has none.

    Raises RetryLater where the vendor has not finished, and Refused for errors other than “gone” and “has none”.
    """
    if str(answer.get("status") or "COMPLETE").upper() != "COMPLETE":
        raise RetryLater("HubSpot has not finished a batch read; run again later")
    refuse_unusual(answer)
    return {**answer, "results": []} if answer.get("errors") and answer.get("results") is None else answer


def pages(ask: Callable[[str | None], ObjectPage], after: str | None = None) -> Iterator[ObjectPage]:
    """All pages that `ask` gives, beginning at `after`. Raises RetryLater where they lead back to one of them."""
    trail = Trail("HubSpot", *([] if after is None else [after]))
    while True:
        given = ask(after)
        yield given
        if given.after is None:
            return
        after = trail.onward(given.after, empty=not given.results)


def following(answer: Mapping[str, Any]) -> str | None:
    """Where the next page begins, if there is one: as it is named, or out of the link to it."""
    paging = answer.get("paging")
    told = paging.get("next") if isinstance(paging, dict) else None
    if not isinstance(told, dict):
        return None
    if told.get("after") is None and told.get("link"):
        return _linked(str(told["link"]))
    return str(told["after"]) if told.get("after") not in (None, "") else None


def _linked(link: str) -> str:
    try:
        return parse_qs(urlsplit(link).query)["after"][0]
    except (ValueError, KeyError):
        raise unknown_shape() from None


def refuse_unusual(answer: Mapping[str, Any]) -> None:
    """Raises for errors of a 207 other than “gone” and “has none”, which are normal."""
    errors = answer.get("errors")
    for error in errors if isinstance(errors, list) else [errors] if errors else ():
        told = error if isinstance(error, dict) else {}
        codes = [code_in(told.get(name), otherwise="") for name in ("subCategory", "category")]
        if not _NORMAL_ABSENCE.intersection(codes):
            code = next(filter(None, codes), "UNKNOWN")
            raise Refused(f"HubSpot refused a part of a batch read ({code})", code)


def chunks(given: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`given` in parts of at most `size`."""
    for start in range(0, len(given), size):
        yield given[start : start + size]
