"""HubSpot's errors: what each means for us. Every field of an error answer is optional, and a 429 has two shapes.

Called by `answers`. Names of properties, objects and scopes are taken out of messages; the rest stays out.
"""

import re
from typing import Any

from connector.clients.errors import Failure, Remedy, code_in
from connector.model.errors import ConfigurationError

_LOCKED, _MIGRATING, _CONFLICT = 423, 477, 409
STATUSES_THAT_SPEAK = frozenset({_LOCKED, _MIGRATING})
"""Statuses that say all themselves, whatever the body is."""

_MOST_NAMES = 5
_NO_PROPERTY = re.compile(
    r"[Pp]ropert(?:y|ies) (?:with name |named )?[\"'\\]*(?P<name>[A-Za-z]\w*)[\"'\\]* (?:does not|do not|doesn't) exist"
)
_NO_OBJECT = re.compile(r"Unable to infer object type from:?\s*(?P<name>[\w-]+)")
_PATH_OBJECT = re.compile(r"/crm/(?:v\d/)?(?:objects|properties|associations)/(?:\d{4}-\d{2}/)?(?P<name>[\w-]+)")
_SCOPE = re.compile(r"[a-z0-9._-]+")
_WORD = re.compile(r"\w{1,100}")


class NotInThisTier(ConfigurationError):
    """The portal's edition, or the token, lacks this kind of data; whoever reads it may do without."""


def hubspot_failure(status: int, body: Any, path: str) -> Failure:
    """The failure behind an answer of the CRM API."""
    error: dict[str, Any] = body if isinstance(body, dict) else {}
    code = code_in(error.get("category"), error.get("errorType"), otherwise=f"HTTP {status}")
    if status == 429:
        return _limit(error)
    if status == _LOCKED:
        return Failure(Remedy.LOCK, code, f"HubSpot holds the records locked (HTTP {status}); run again later")
    if status == _MIGRATING:  # to another data centre: hours, as its Retry-After says
        return Failure(Remedy.LATER, code, f"HubSpot is moving the portal (HTTP {status}); run again later")
    if status >= 500:
        return Failure(Remedy.BUSY, code, f"HubSpot is busy or out of service (HTTP {status}); run again later")
    text = _permission_text(error, path) if status == 403 else _mapping_text(status, error, path)
    if text:
        topic = "permission" if status == 403 else "field"
        return Failure(Remedy.CONFIGURATION, code, f"{text} ({code})", topic=topic)
    text = f"HubSpot refused a call{_of_object(path)} ({code}, HTTP {status}{_details(error)})"
    return Failure(Remedy.REFUSED, "CONFLICT" if status == _CONFLICT else code, text)


def _details(error: dict[str, Any]) -> str:
    """Codes and names of properties of a refusal, without the values."""
    told: dict[str, None] = {}
    errors = error.get("errors")
    for one in errors if isinstance(errors, list) else ():
        context = one.get("context") if isinstance(one, dict) else None
        names = context.get("propertyName") if isinstance(context, dict) else None
        words = [str(one.get("code") or ""), *map(str, names if isinstance(names, list) else ())] if context else ()
        told |= dict.fromkeys([" ".join(word for word in words if _WORD.fullmatch(word))])
    found = [one for one in told if one]
    return "".join(f"; {one}" for one in found[:_MOST_NAMES])


def _limit(error: dict[str, Any]) -> Failure:
    policy = code_in(error.get("policyName"), otherwise="").upper()
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
    if status == 404 and "NOT_FOUND" not in f"{error.get('category')} {error.get('subCategory')}":
        return (
            f"HubSpot has no such address{_of_object(path)}: check mappings/hubspot.yaml, hubspot.base_url "
            "(OKOSHI_HUBSPOT__BASE_URL) and hubspot.api_version"
        )
    return None


def _permission_text(error: dict[str, Any], path: str) -> str:
    context = error.get("context")
    wanted = context.get("requiredGranularScopes") if isinstance(context, dict) else None
    scopes = ", ".join(
        scope for scope in map(str, wanted if isinstance(wanted, list) else ()) if _SCOPE.fullmatch(scope)
    )
    need = f"the scope {scopes}" if scopes else "a scope that covers it"
    return (
        "HubSpot: the token in hubspot.access_token (OKOSHI_HUBSPOT__ACCESS_TOKEN) may not do this"
        f"{_of_object(path)}. Give the service key {need} and put its new token there"
    )


def _of_object(path: str) -> str:
    found = _PATH_OBJECT.search(path)
    return f", object {found['name']}" if found else ""
