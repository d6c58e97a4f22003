"""The vendor's refusals: an exception that carries the answer, and the shapes in which HubSpot words them.

Raised by every handler of the portal, turned into a response by `app`; it must not know any handler.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

NO_OBJECT = "Object not found.  objectId are usually numeric."


class VendorError(Exception):
    """An answer other than success: HTTP status, body and extra headers."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"HubSpot answers {status}")
        self.status = status
        self.body = body
        self.headers = headers or {}


def error(status: int, message: str, category: str | None = None, **more: Any) -> VendorError:
    """`{status, message, correlationId, …, category}`, the vendor's usual order of keys."""
    body: dict[str, Any] = {"status": "error", "message": message, "correlationId": str(uuid.uuid4()), **more}
    if category:
        body["category"] = category
    return VendorError(status, body)


def validation(message: str, **more: Any) -> VendorError:
    return error(400, message, "VALIDATION_ERROR", **more)


def unauthenticated() -> VendorError:
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
        "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return error(401, message, "INVALID_AUTHENTICATION")


def missing_scopes(scopes: Sequence[str]) -> VendorError:
    context = {"requiredGranularScopes": list(scopes), "links": ["https://developers.hubspot.com/scopes"]}
    return error(403, "One or more of the following scopes are required.", "MISSING_SCOPES", context=context)


def not_found(message: str = NO_OBJECT) -> VendorError:
    return error(404, message, "OBJECT_NOT_FOUND")


def unknown_object(spelling: str) -> VendorError:
    return error(400, f"Unable to infer object type from: {spelling}", "VALIDATION_ERROR")


def bad_json(detail: str) -> VendorError:
    return validation(f"Invalid input JSON on line 1, column 1: {detail}")


def unknown_properties(names: Sequence[str]) -> VendorError:
    """Refusal of a write that names properties the portal does not have."""
    return invalid_properties([(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist') for name in names])


def invalid_properties(faults: Sequence[tuple[str, str, str]]) -> VendorError:
    """Refusal of a write, with (property, code, message) for each value at fault."""
    told = [{"isValid": False, "message": text, "error": code, "name": name} for name, code, text in faults]
    listed = [{"message": text, "code": code, "context": {"propertyName": [name]}} for name, code, text in faults]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return validation(f"Property values were not valid: {text}", errors=listed)


def missing_properties(object_: str, names: Sequence[str]) -> VendorError:
    """Refusal of a new record that lacks properties which every record of its kind must have."""
    message = f"Error creating {object_.upper()}. Some required properties were not set."
    return validation(message, context={"properties": list(names)})


def missing_objects(object_: str, ids: Sequence[str]) -> dict[str, Any]:
    """One entry of `errors` in a 207: the ids of a batch that nothing answers to."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {object_} objects, they may be deleted or not exist. Check that ids are valid.",
        "context": {"ids": list(ids)},
    }
