"""What a vendor, or the edge in front of it, answers when it is not well: pages of HTML, limits, locks, dead sessions.

Used by the deeds that answer instead of the vendor. Wordings and shapes follow what both vendors send.
"""

from collections.abc import Mapping
from typing import Any, Final

from connector.sandbox.faults.exchange import HTML, JSON, Whole, page
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.errors import VendorError
from connector.sandbox.salesforce.errors import SalesforceError

PHRASES: Final = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
HUBSPOT_POLICIES: Final = ("DAILY", "TEN_SECONDLY_ROLLING", "SECONDLY")
SALESFORCE_POLICIES: Final = ("TotalRequests", "Concurrent")
SHAPES: Final = ("documented", "recorded")
PAGES: Final = ("login", "maintenance")

_EDGE: Final = (
    "<html>\r\n<head><title>{status} {phrase}</title></head>\r\n<body>\r\n<center><h1>{status} {phrase}</h1>"
    "</center>\r\n<hr><center>{server}</center>\r\n</body>\r\n</html>\r\n"
)
_LOGIN: Final = (
    '<!DOCTYPE html>\n<html lang="ja"><head><title>ログイン | {name}</title><meta name="robots" content="noindex">'
    '</head>\n<body onload="redirectOnLoad();"><noscript>JavaScript を有効にしてください。</noscript>\n'
    '<form id="login_form" method="post" action="/"><input name="username" type="email">'
    '<input name="pw" type="password"></form></body></html>\n'
)
_MAINTENANCE: Final = (
    '<!DOCTYPE html>\n<html lang="en"><head><title>Down for Maintenance</title></head>\n<body><h1>We are down for'
    " maintenance.</h1><p>Sorry for the inconvenience. We will be back shortly.</p></body></html>\n"
)
_SERVERS: Final = {"salesforce": "sfdcedge", "hubspot": "cloudflare"}
_NAMES: Final = {"salesforce": "Salesforce", "hubspot": "HubSpot"}


def edge_page(vendor: str, status: int, headers: Mapping[str, str] | None = None) -> Whole:
    """A 5xx as the edge words it: HTML, not JSON."""
    server = _SERVERS[vendor]
    text = _EDGE.format(status=status, phrase=PHRASES[status], server=server)
    return page(status, text, HTML, {"Server": server, **(headers or {})})


def human_page(vendor: str, kind: str) -> Whole:
    """A page for people, with the status of a success."""
    return page(200, (_LOGIN if kind == "login" else _MAINTENANCE).format(name=_NAMES[vendor]), HTML)


def rate_limit(vendor: str, policy: str | None, shape: str) -> Whole:
    """The refusal by one limit; HubSpot's has two shapes, of which the recorded one names no policy."""
    if vendor == "salesforce":
        daily = policy == "TotalRequests"
        told = (
            "TotalRequests Limit exceeded." if daily else "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
        )
        return refusal(SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", told))
    if shape == "recorded":
        return refusal(errors.search_rate_limited())
    return refusal(errors.rate_limited(policy or "TEN_SECONDLY_ROLLING"))


def expired_session(vendor: str, body: str) -> Whole:
    """401, as the API has it or as a gateway's page."""
    if body == "html":
        text = "<html><head><title>401 Unauthorized</title></head><body><h1>401 Unauthorized</h1></body></html>\n"
        return page(401, text, HTML)
    if vendor == "salesforce":
        return refusal(SalesforceError(401, "INVALID_SESSION_ID", "Session expired or invalid"))
    message = "The OAuth token used to make this call expired 12 second(s) ago."
    return refusal(errors.error(401, message, "EXPIRED_AUTHENTICATION"))


LOCK_CODE: Final = "UNABLE_TO_LOCK_ROW"
LOCK_MESSAGE: Final = "unable to obtain exclusive access to this record"


def lock(vendor: str, status: int) -> Whole:
    """Somebody else holds the records; nothing was written."""
    if vendor == "hubspot":
        return refusal(errors.locked())
    told = SalesforceError(status, LOCK_CODE, LOCK_MESSAGE)
    return page(status, [{**told.body()[0], "fields": []}], JSON)


def migration(retry_after: int) -> Whole:
    return refusal(errors.migrating(retry_after))


def refusal(error: VendorError | SalesforceError) -> Whole:
    """A vendor's own error as an answer."""
    body: Any = error.body() if isinstance(error, SalesforceError) else dict(error.body)
    return page(error.status, body, JSON, {} if isinstance(error, SalesforceError) else error.headers)
