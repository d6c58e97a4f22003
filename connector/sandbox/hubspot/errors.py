"""The vendor's refusals: an exception that carries the answer, and the shapes in which HubSpot words them.

Raised by every handler of the portal, turned into a response by `app`; it must not know any handler.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
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


def invalid_object_ids(object_: str, ids: Sequence[str]) -> VendorError:
    """Refusal of a link whose end is not there."""
    told = ", ".join(f"{object_.upper()}={one}" for one in ids)
    sub = "crm.associations.INVALID_OBJECT_IDS"
    return validation(f"{told} is not valid", context={object_.upper(): list(ids)}, subCategory=sub)


def missing_objects(object_: str, ids: Sequence[str]) -> dict[str, Any]:
    """One entry of `errors` in a 207: the ids of a batch that nothing answers to."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {object_} objects, they may be deleted or not exist. Check that ids are valid.",
        "context": {"ids": list(ids)},
    }


# -- ready-made answers ------------------------------------------------------------------------------------------------


def locked() -> VendorError:
    """423: too many writes on the same records at once; the lock lasts two seconds, and no header says so."""
    return error(423, "The resource is locked. Please retry after at least 2 seconds.", "LOCKED")


def migrating(retry_after_seconds: int = 86_400) -> VendorError:
    """477: the account moves to another data centre; the header tells the wait in seconds, up to a day."""
    refusal = error(477, "Account migration in progress. Please retry later.", "MIGRATION_IN_PROGRESS")
    return VendorError(477, refusal.body, {"Retry-After": str(retry_after_seconds)})


def rate_limited(policy: str = "TEN_SECONDLY_ROLLING") -> VendorError:
    """429 as documented: `policyName` is DAILY, TEN_SECONDLY_ROLLING or SECONDLY."""
    body = {
        "status": "error",
        "message": f"You have reached your {policy.lower()} limit.",
        "errorType": "RATE_LIMIT",
        "policyName": policy,
        "requestId": str(uuid.uuid4()),
    }
    return VendorError(429, body)


def search_rate_limited() -> VendorError:
    """429 as recorded on search: neither policy nor Retry-After."""
    return error(429, "You have reached your secondly limit.", "RATE_LIMITS")


def unavailable(status: int = 503) -> VendorError:
    """5xx of an API behind the edge."""
    return error(status, "internal error" if status == 500 else "Service unavailable", "INTERNAL_ERROR")


def already_exists(object_: str, record_id: str) -> VendorError:
    """409 of a record whose unique value another record has."""
    return error(409, f"{object_.title()} already exists. Existing ID: {record_id}", "CONFLICT")


def tier_too_low(scopes: Sequence[str]) -> VendorError:
    """403 of an endpoint for which the account's subscription, or the app, has no scope."""
    fault = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    message = "This app hasn't been granted all required scopes to make this call."
    links = {"scopes": "https://developers.hubspot.com/scopes"}
    return error(403, message, "MISSING_SCOPES", errors=[fault], links=links)


READY_MADE: Mapping[str, Callable[[], VendorError]] = {
    "locked": locked,
    "migrating": migrating,
    "daily_limit": lambda: rate_limited("DAILY"),
    "ten_second_limit": lambda: rate_limited("TEN_SECONDLY_ROLLING"),
    "secondly_limit": lambda: rate_limited("SECONDLY"),
    "search_limit": search_rate_limited,
    "unauthenticated": unauthenticated,
    "missing_scopes": lambda: missing_scopes(["crm.objects.contacts.read"]),
    "unavailable": unavailable,
    "internal_error": lambda: unavailable(500),
}
"""Answers that a test may order by name; each call makes one with ids of its own."""
