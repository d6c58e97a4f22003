"""Salesforce's error codes: what each means for us.

Called by `answers`. Answers are lists of `{message, errorCode, fields}`, those of signing in one object. Names of
objects and fields are taken out of messages; the rest of them stays out.
"""

import re
from typing import Any

from connector.clients.errors import Failure, Remedy, code_in

_LATER = "run again later"
_BY_CODE = {
    "INVALID_SESSION_ID": (Remedy.SIGN_IN, "Salesforce does not accept the session"),
    "UNABLE_TO_LOCK_ROW": (Remedy.LOCK, f"Salesforce: somebody else holds the records; {_LATER}"),
    "INVALID_QUERY_LOCATOR": (
        Remedy.LATER,
        "Salesforce dropped a query half-way; run again, it goes on from the last page",
    ),
    "QUERY_TIMEOUT": (
        Remedy.LATER,
        "Salesforce gave up a query after its two minutes; run again, it goes on from there",
    ),
    "STORAGE_LIMIT_EXCEEDED": (Remedy.STOP, "Salesforce has no storage left: an administrator must free some"),
}
_BUSY_STATUSES = frozenset({406, 420})
_MAPPING_CODES = frozenset({"INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY", "INVALID_FIELD_FOR_INSERT_UPDATE"})
_PERMISSION_CODES = frozenset(
    {
        "API_CURRENTLY_DISABLED",
        "API_DISABLED_FOR_ORG",
        "FEATURENOTENABLED",
        "FUNCTIONALITY_NOT_ENABLED",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
    }
)
_JOB = re.compile(r"/jobs/(?:query|ingest)/\w")
_JOB_GONE_CODES = frozenset({"INVALIDJOB", "INVALIDJOBSTATE", "INVALIDLOCATOR", "INVALID_QUERY_LOCATOR"})
_JOB_GONE_STATUSES = frozenset({404, 409})  # 409: made with another API version
_PATH_OBJECT = re.compile(r"/sobjects/(?P<object>\w+)")
_CLOSED = {
    "/chatter/feed-elements": (
        "Salesforce takes no Chatter post there: the record is gone or hidden from the integration user, or Chatter is "
        "off or closed to it"
    ),
    "/actions/standard/customNotificationAction": (
        "Salesforce lets the integration user send no notification: give it a permission set with “Send Custom "
        "Notifications”"
    ),
}
"""What it means that people cannot be told in Salesforce, by the end of the address."""
_GRANT = "grant the integration user access to it in a permission set, or take it out of mappings/salesforce.yaml"
_MAPPING_TEXTS = (
    (
        re.compile(r"No such column '(?P<field>[\w.]+)' on (?:entity|sobject of type) '?(?P<object>\w+)'?"),
        f"Salesforce shows no field {{object}}.{{field}} to the integration user: {_GRANT}",
    ),
    (
        re.compile(r"Field name not found : (?P<field>\w+)"),
        f"Salesforce shows no field {{field}} to the integration user: {_GRANT}",
    ),
    (
        re.compile(r"sObject type '(?P<object>\w+)' is not supported"),
        f"Salesforce shows no object {{object}} to the integration user: {_GRANT}",
    ),
    (
        re.compile(r"Didn't understand relationship '(?P<field>\w+)'"),
        f"Salesforce shows no relationship {{field}} to the integration user: {_GRANT}",
    ),
    (
        re.compile(r"field '?(?P<field>\w+)'? can ?not be (?P<use>\w+)", re.IGNORECASE),
        "Salesforce: the field {field} can not be {use}: map another one in mappings/salesforce.yaml",
    ),
)


def salesforce_failure(status: int, body: Any, path: str) -> Failure:
    """The failure behind an answer of the REST API."""
    first = body[0] if isinstance(body, list) and body else body
    error: dict[str, Any] = first if isinstance(first, dict) else {}
    if isinstance(error.get("errors"), list) and error["errors"] and isinstance(error["errors"][0], dict):
        error = error["errors"][0]  # of an action, each of whose inputs failed
    told = (error.get("errorCode"), error.get("statusCode"), error.get("error"))
    code = code_in(*told, otherwise=str(status)).upper()
    message = str(error.get("message") or "")
    topic = "storage_full" if code == "STORAGE_LIMIT_EXCEEDED" else None
    if _JOB.search(path) and (status in _JOB_GONE_STATUSES or code in _JOB_GONE_CODES):
        remedy, text = Remedy.GONE, "Salesforce does not have this bulk job any more"
    elif code in _BY_CODE:
        remedy, text = _BY_CODE[code]
    elif code == "REQUEST_LIMIT_EXCEEDED":
        remedy, text = _limit(message)
    elif status == 429:
        remedy, text = Remedy.RATE, f"Salesforce asks for fewer requests at a time; {_LATER}"
    elif status >= 500 or status in _BUSY_STATUSES:
        remedy, text = Remedy.BUSY, f"Salesforce is busy or out of service; {_LATER}"
    elif code in _MAPPING_CODES:
        remedy, text, topic = Remedy.CONFIGURATION, _mapping_text(message), "field"
    elif code in _PERMISSION_CODES:
        remedy, text, topic = Remedy.CONFIGURATION, _permission_text(path), "permission"
    elif status == 404:
        remedy, text, topic = Remedy.CONFIGURATION, _missing_text(path), "permission"
    else:
        remedy, text = Remedy.REFUSED, f"Salesforce refused a call{_of_object(path)}"
    return Failure(remedy, code, f"{text} ({_told(status, code)})", topic=topic)


def _told(status: int, code: str) -> str:
    return f"HTTP {status}" if code == str(status) else f"{code}, HTTP {status}"


def _limit(message: str) -> tuple[Remedy, str]:
    """One code for two limits: how many long requests run at a time, and how many calls a day may see."""
    if "concurrent" in message.lower():
        return Remedy.RATE, f"Salesforce has too many long requests at a time; {_LATER}"
    return Remedy.STOP, "Salesforce: the org's daily API calls are used up. What is done is kept"


def _mapping_text(message: str) -> str:
    for pattern, text in _MAPPING_TEXTS:
        if found := pattern.search(message):
            return text.format(**found.groupdict())
    return (
        "Salesforce does not understand a query: check the fields in mappings/salesforce.yaml against the org's objects"
    )


def _permission_text(path: str) -> str:
    return _closed_text(path) or (
        f"Salesforce: the integration user may not do this{_of_object(path)}. Give it a permission set with “API "
        "Enabled” and access to the objects in mappings/salesforce.yaml"
    )


def _missing_text(path: str) -> str:
    if found := _PATH_OBJECT.search(path):
        return f"Salesforce shows no object {found['object']} to the integration user: {_GRANT}"
    return _closed_text(path) or (
        "Salesforce has no such API address: check salesforce.instance_url (OKOSHI_SALESFORCE__INSTANCE_URL) and "
        "salesforce.api_version"
    )


def _closed_text(path: str) -> str | None:
    return next((text for end, text in _CLOSED.items() if path.endswith(end)), None)


def _of_object(path: str) -> str:
    found = _PATH_OBJECT.search(path)
    return f", object {found['object']}" if found else ""


_SIGN_IN_TEXTS = {
    "invalid_client_id": (
        "Salesforce does not know the connected app: check salesforce.client_id (OKOSHI_SALESFORCE__CLIENT_ID) against "
        "its “Consumer Key”"
    ),
    "invalid_client": (
        "Salesforce does not accept the connected app's credentials: check salesforce.client_id "
        "(OKOSHI_SALESFORCE__CLIENT_ID) and salesforce.client_secret (OKOSHI_SALESFORCE__CLIENT_SECRET) against its "
        "“Consumer Key and Secret”"
    ),
    "invalid_grant": (
        "Salesforce does not let the integration user in: check salesforce.username, salesforce.private_key_file (its "
        "certificate must be the connected app's), salesforce.jwt_audience (https://test.salesforce.com for a sandbox "
        "org) and this machine's clock, and pre-authorise the user for the app by a profile or permission set; for "
        "client credentials name a “Run As” user"
    ),
    "unsupported_grant_type": (
        "Salesforce: the flow in salesforce.auth is not enabled for the connected app; enable it or set another one"
    ),
    "invalid_app_access": (
        "Salesforce: the user in salesforce.username is not approved for the connected app; assign its permission set"
    ),
    "inactive_user": "Salesforce: the integration user is not active; activate it or change salesforce.username",
    "inactive_org": "Salesforce: the org is closed or in maintenance; check salesforce.instance_url",
}
_RATE_CODES = frozenset({"slow_down", "login_rate_exceeded", "rate_limit_exceeded"})
_BUSY_CODES = frozenset({"temporarily_unavailable", "server_error", "unknown_error"})


def sign_in_failure(status: int, body: Any) -> Failure:
    """The failure behind an answer of the token endpoint, `{error, error_description}`."""
    told = body.get("error") if isinstance(body, dict) else None
    code = code_in(told, otherwise=str(status)).lower()
    if status == 429 or code in _RATE_CODES:
        return Failure(Remedy.RATE, code, f"Salesforce asks for fewer sign-ins at a time; {_LATER}")
    if status >= 500 or code in _BUSY_CODES:
        return Failure(Remedy.BUSY, code, f"Salesforce can not sign anyone in now ({_told(status, code)}); {_LATER}")
    text = _SIGN_IN_TEXTS.get(
        code, "Salesforce refused to sign in: check salesforce.token_url, salesforce.auth and salesforce.client_id"
    )
    return Failure(Remedy.CONFIGURATION, code, f"{text} ({_told(status, code)})", topic="credentials")
