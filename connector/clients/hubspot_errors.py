"""HubSpot's errors: what each means for us. Every field of an error answer is optional, and a 429 has two shapes.

Called by `answers`. Names of properties, objects and scopes are taken out of messages; the rest stays out.
"""

import re
from typing import Any

from connector.clients.errors import Failure, Remedy

_LOCKED_STATUSES = frozenset({423, 477})
_NO_PROPERTY = re.compile(
    r"[Pp]ropert(?:y|ies) (?:with name |named )?[\"'\\]*(?P<name>[A-Za-z]\w*)[\"'\\]* (?:does not|do not|doesn't) exist"
)
_NO_OBJECT = re.compile(r"Unable to infer object type from:?\s*(?P<name>[\w-]+)")
_PATH_OBJECT = re.compile(r"/crm/(?:v\d/)?(?:objects|properties|associations)/(?:\d{4}-\d{2}/)?(?P<name>[\w-]+)")
_SCOPE = re.compile(r"[a-z0-9._-]+")


def hubspot_failure(status: int, body: Any, path: str) -> Failure:
    """The failure behind an answer of the CRM API."""
    error: dict[str, Any] = body if isinstance(body, dict) else {}
    code = str(error.get("category") or error.get("errorType") or f"HTTP {status}")
    if status == 429:
        return _limit(error)
    if status in _LOCKED_STATUSES:
        return Failure(Remedy.LOCK, code, f"HubSpot holds the records locked (HTTP {status}); run again later")
    if status >= 500:
        return Failure(Remedy.BUSY, code, f"HubSpot is busy or out of service (HTTP {status}); run again later")
    text = _permission_text(error, path) if status == 403 else _mapping_text(status, error, path)
    if text:
        topic = "permission" if status == 403 else "field"
        return Failure(Remedy.CONFIGURATION, code, f"{text} ({code})", topic=topic)
    return Failure(Remedy.REFUSED, code, f"HubSpot refused a call{_of_object(path)} ({code}, HTTP {status})")


def _limit(error: dict[str, Any]) -> Failure:
    policy = str(error.get("policyName") or "")
    if policy == "DAILY" or "daily limit" in str(error.get("message") or "").lower():
        return Failure(Remedy.STOP, "DAILY", "HubSpot: the portal's daily API calls are used up. What is done is kept")
    text = "HubSpot asks for fewer requests at a time; run again later"
    return Failure(Remedy.RATE, policy or "RATE_LIMITS", text)


def _mapping_text(status: int, error: dict[str, Any], path: str) -> str | None:
    message = str(error.get("message") or "")
    if found := _NO_PROPERTY.search(message):
        return (
            f"HubSpot has no property {found['name']}{_of_object(path)}: take it out of mappings/hubspot.yaml or "
            "create it in the portal"
        )
    if found := _NO_OBJECT.search(message):
        return f"HubSpot has no object {found['name']}: correct mappings/hubspot.yaml"
    if status == 404:
        return (
            f"HubSpot has no such address{_of_object(path)}: check mappings/hubspot.yaml, hubspot.base_url "
            "(OKOSHI_HUBSPOT__BASE_URL) and hubspot.api_version"
        )
    return None


def _permission_text(error: dict[str, Any], path: str) -> str:
    context = error.get("context")
    wanted = context.get("requiredGranularScopes") if isinstance(context, dict) else None
    scopes = ", ".join(scope for scope in map(str, wanted or ()) if _SCOPE.fullmatch(scope))
    need = f"the scope {scopes}" if scopes else "a scope that covers it"
    return (
        "HubSpot: the token in hubspot.access_token (OKOSHI_HUBSPOT__ACCESS_TOKEN) may not do this"
        f"{_of_object(path)}. Give the service key {need} and put its new token there"
    )


def _of_object(path: str) -> str:
    found = _PATH_OBJECT.search(path)
    return f", object {found['name']}" if found else ""
