"""Composite requests: up to 25 parts in one call, later ones referring to the results of earlier ones.

Called by the application, which hands in how a single part is performed.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from connector.sandbox.salesforce.call import Call, answer
from connector.sandbox.salesforce.errors import SalesforceError

MAX_PARTS: Final = 25
MAX_QUERIES: Final = 5
FIRST_FAILURE_STATUS: Final = 300
_REFERENCE: Final = re.compile(r"@\{([A-Za-z]\w*)((?:\.\w+|\[\d+\])*)\}")
_COUNTED: Final = ("/query", "/composite/sobjects")
_HALTED: Final = [
    {
        "errorCode": "PROCESSING_HALTED",
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
    }
]


@dataclass(frozen=True)
class Part:
    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]


class _Failed(Exception):
    pass


Perform = Callable[[Part], Response]


def composite(call: Call, perform: Perform) -> Response:
    """POST /composite."""
    call.name("composite")
    body = call.json_object()
    parts = body.get("compositeRequest")
    _refuse(parts)
    answers: list[dict[str, Any]] = []
    all_or_none = body.get("allOrNone") is True
    try:
        with call.world.transaction():
            for part in parts or []:
                answers.append(_answer(part, answers, perform))
                if all_or_none:
                    _stop_at_failure(answers[-1])
    except _Failed:
        answers = _rolled_back(parts or [], answers)
    return answer({"compositeResponse": answers})


def _stop_at_failure(result: Mapping[str, Any]) -> None:
    if result["httpStatusCode"] >= FIRST_FAILURE_STATUS:
        raise _Failed


def _refuse(parts: Any) -> None:
    if not isinstance(parts, list) or not parts:
        raise SalesforceError(400, "INVALID_INPUT", "compositeRequest must be a list of subrequests")
    if len(parts) > MAX_PARTS:
        message = f"Composite request limit exceeded. Up to {MAX_PARTS} subrequests are allowed."
        raise SalesforceError(400, "LIMIT_EXCEEDED", message)
    queries = sum(
        any(path in str(part.get("url", "")) for path in _COUNTED) for part in parts if isinstance(part, dict)
    )
    if queries > MAX_QUERIES:
        message = f"Query and collection limit exceeded. Up to {MAX_QUERIES} such subrequests are allowed."
        raise SalesforceError(400, "LIMIT_EXCEEDED", message)
    names = [part.get("referenceId") for part in parts if isinstance(part, dict)]
    if len(names) != len(parts) or None in names or len(set(names)) != len(names):
        raise SalesforceError(400, "INVALID_INPUT", "Every subrequest needs a referenceId of its own")


def _answer(part: Mapping[str, Any], earlier: list[dict[str, Any]], perform: Perform) -> dict[str, Any]:
    shown_headers: dict[str, str] = {}
    try:
        text = _with_references(json.dumps([part.get("url", ""), part.get("body")]), earlier)
        url, body = json.loads(text)
        given = part.get("httpHeaders")
        headers = {name.lower(): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
        content = b"" if body is None else json.dumps(body).encode()
        response = perform(Part(str(part.get("method", "")).upper(), str(url), content, headers))
        status, content = response.status_code, bytes(response.body)
        shown = json.loads(content) if content else None
        shown_headers = {"Location": response.headers["location"]} if "location" in response.headers else {}
    except SalesforceError as error:
        status, shown = error.status, error.body()
    reference = part["referenceId"]
    return {"body": shown, "httpHeaders": shown_headers, "httpStatusCode": status, "referenceId": reference}


def _with_references(text: str, earlier: list[dict[str, Any]]) -> str:
    results = {item["referenceId"]: item["body"] for item in earlier}

    def value(match: re.Match[str]) -> str:
        found = results.get(match.group(1))
        for step in re.findall(r"\w+", match.group(2)):
            if isinstance(found, list) and step.isdigit() and int(step) < len(found):
                found = found[int(step)]
            else:
                found = found.get(step) if isinstance(found, dict) else None
        if found is None or isinstance(found, dict | list):
            message = f"Invalid reference specified. No value for {match.group(0)} found"
            raise SalesforceError(400, "PROCESSING_HALTED", message)
        return json.dumps(str(found))[1:-1]

    return _REFERENCE.sub(value, text)


def _rolled_back(parts: list[Any], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The part that failed keeps its answer; all others are halted."""
    halted = [
        {"body": _HALTED, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": part["referenceId"]}
        for part in parts
    ]
    halted[len(answers) - 1] = answers[-1]
    return halted
