"""Composite batches: up to 25 calls in one, none of which knows of another.

Called by the application, which hands in how a single part is performed.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.responses import Response

from connector.sandbox.salesforce.call import Call, answer
from connector.sandbox.salesforce.composite import FIRST_FAILURE_STATUS, MAX_PARTS, Part
from connector.sandbox.salesforce.errors import SalesforceError

_HALTED: Final = {
    "statusCode": 412,
    "result": [{"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}],
}


def batch(call: Call, perform: Callable[[Part], Response]) -> Response:
    """POST /composite/batch."""
    call.name("composite")
    body = call.json_object()
    parts = body.get("batchRequests")
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise SalesforceError(400, "INVALID_INPUT", "batchRequests must be a list of subrequests")
    if len(parts) > MAX_PARTS:
        raise SalesforceError(400, "LIMIT_EXCEEDED", f"Batch request limit exceeded. Up to {MAX_PARTS} are allowed.")
    results: list[dict[str, Any]] = []
    failed = False
    for part in parts:
        results.append(_HALTED if failed and body.get("haltOnError") is True else _answer(part, perform))
        failed = failed or results[-1]["statusCode"] >= FIRST_FAILURE_STATUS
    return answer({"hasErrors": failed, "results": results})


def _answer(part: Mapping[str, Any], perform: Callable[[Part], Response]) -> dict[str, Any]:
    url = str(part.get("url", "")).removeprefix("/services/data/").lstrip("/")
    content = json.dumps(part["richInput"]).encode() if part.get("richInput") is not None else b""
    try:
        response = perform(Part(str(part.get("method", "")).upper(), f"/services/data/{url}", content, {}))
    except SalesforceError as error:
        return {"statusCode": error.status, "result": error.body()}
    shown = json.loads(bytes(response.body)) if response.body else None
    return {"statusCode": response.status_code, "result": shown}
