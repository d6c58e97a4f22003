"""What may leave the process: a default-deny table of (method, path) per vendor, and a guard on sockets for a dry run.

The session asks the table about every request just before it is sent, so nothing above can evade it; the table also
names each operation and says which ones write. Must not know settings or credentials.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest

from connector.clients.egress import EgressRefused, egress_only
from connector.model.errors import OkoshiError

__all__ = ["EgressRefused", "ReadOnlyViolation", "Route", "RouteGuard", "egress_only"]


class ReadOnlyViolation(OkoshiError):
    """Something tried to send a request that this run may not send; a dry run writes nothing, whoever asks."""


class AnswerForm(StrEnum):
    """What the body of a success has to be; anything else came from something in front of the vendor."""

    JSON = "json"
    CSV = "csv"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Route:
    """One kind of request: method, the whole path as a pattern, its name in counters, and whether it changes things."""

    method: str
    path: re.Pattern[str]
    operation: str
    writes: bool = False
    answer: AnswerForm = AnswerForm.JSON

    def fits(self, method: str, path: str) -> bool:
        return method == self.method and self.path.fullmatch(path) is not None


def _routes(
    prefix: str, *rows: tuple[str, str, str], writes: bool = False, answer: AnswerForm = AnswerForm.JSON
) -> tuple[Route, ...]:
    return tuple(
        Route(method, re.compile(prefix + path), operation, writes, answer) for method, path, operation in rows
    )


_NAME = r"[A-Za-z][A-Za-z0-9_]*"
_SALESFORCE_API = r"/services/data/v\d+\.\d"
_QUERY_JOB = r"/jobs/query/[A-Za-z0-9]{15,18}"
_INGEST_JOB = r"/jobs/ingest/[A-Za-z0-9]{15,18}"
_SIGN_IN = _routes("", ("POST", r"(?:/[A-Za-z0-9_-]+)*/services/oauth2/token", "sign_in"))
_SALESFORCE_READS = _routes(
    _SALESFORCE_API,
    ("GET", r"/query/?(?:[A-Za-z0-9-]+)?", "query"),
    ("GET", r"/queryAll/?(?:[A-Za-z0-9-]+)?", "query_all"),
    ("GET", rf"/sobjects/{_NAME}/describe/?", "describe"),
    ("GET", r"/limits/?", "limits"),
    ("POST", rf"/composite/sobjects/{_NAME}", "retrieve"),
    # A query job is a reading that the vendor does in its own time: making, ending and dropping one changes no record.
    ("POST", r"/jobs/query", "bulk_query"),
    ("GET", _QUERY_JOB, "bulk_query_state"),
    ("PATCH", _QUERY_JOB, "bulk_query_abort"),
    ("DELETE", _QUERY_JOB, "bulk_query_delete"),
) + _routes(_SALESFORCE_API, ("GET", rf"{_QUERY_JOB}/results", "bulk_query_results"), answer=AnswerForm.CSV)
_SALESFORCE_WRITES = _routes(
    _SALESFORCE_API,
    ("POST", r"/composite/sobjects", "create"),
    ("PATCH", r"/composite/sobjects", "update"),
    ("PATCH", rf"/composite/sobjects/{_NAME}/{_NAME}", "upsert"),
    ("DELETE", r"/composite/sobjects", "delete"),
    ("POST", r"/jobs/ingest", "bulk_write"),
    ("PATCH", _INGEST_JOB, "bulk_write_close"),
    ("POST", r"/chatter/feed-elements", "post"),
    ("POST", r"/actions/standard/customNotificationAction", "notify"),
    writes=True,
)
_SALESFORCE_WRITES += _routes(
    _SALESFORCE_API, ("PUT", rf"{_INGEST_JOB}/batches", "bulk_write_upload"), writes=True, answer=AnswerForm.EMPTY
)
# Only who writes has such a job to ask about.
_SALESFORCE_WRITES += _routes(_SALESFORCE_API, ("GET", _INGEST_JOB, "bulk_write_state"))
_SALESFORCE_WRITES += _routes(
    _SALESFORCE_API,
    ("GET", rf"{_INGEST_JOB}/(?:successfulResults|failedResults)", "bulk_write_results"),
    answer=AnswerForm.CSV,
)

_TYPE = r"[A-Za-z0-9_-]+"
_VERSION = r"\d{4}-\d{2}"
_OBJECTS = rf"/crm/(?:v3/objects|objects/{_VERSION})/{_TYPE}"
_LINKS = rf"/crm/(?:v4/associations|associations/{_VERSION})/{_TYPE}/{_TYPE}"
_PROPERTIES = rf"/crm/(?:v3/properties|properties/{_VERSION})/{_TYPE}"
_LISTS = rf"/crm/(?:v3/lists|lists/{_VERSION})"
_HUBSPOT_READS = _routes(
    "",
    ("GET", rf"{_OBJECTS}/?", "list"),
    ("POST", rf"{_OBJECTS}/search/?", "search"),
    ("POST", rf"{_OBJECTS}/batch/read/?", "batch_read"),
    ("POST", rf"{_LINKS}/batch/read/?", "associations"),
    ("GET", rf"{_LINKS}/labels/?", "association_types"),
    ("GET", rf"{_PROPERTIES}/?", "properties"),
    ("GET", rf"/crm/(?:v3/owners|owners/{_VERSION})/?", "owners"),
    ("POST", rf"{_LISTS}/search/?", "lists"),
    ("GET", rf"{_LISTS}/{_TYPE}/memberships/?", "memberships"),
    ("GET", r"/marketing/v3/forms/?", "forms"),
    ("GET", rf"/form-integrations/v1/submissions/forms/{_TYPE}/?", "form_submissions"),
    ("GET", rf"/events/(?:v3/events|event-occurrences/{_VERSION})/?", "events"),
    ("GET", rf"/account-info/(?:v3|{_VERSION})/details/?", "account_details"),
)
_HUBSPOT_WRITES = _routes(
    "",
    *(("POST", rf"{_OBJECTS}/batch/{kind}/?", f"batch_{kind}") for kind in ("create", "update", "upsert", "archive")),
    ("POST", rf"{_LINKS}/batch/associate/default/?", "associate"),
    ("POST", rf"{_LINKS}/batch/archive/?", "dissociate"),
    ("PUT", rf"{_LISTS}/{_TYPE}/memberships/add/?", "join_list"),
    ("PUT", rf"{_LISTS}/{_TYPE}/memberships/remove/?", "leave_list"),
    ("POST", rf"{_PROPERTIES}/?", "create_property"),
    ("POST", rf"{_PROPERTIES}/groups/?", "create_property_group"),
    writes=True,
)
# Cannot be undone, so no sink may send it: only who was asked by a person for exactly this pair.
_HUBSPOT_MERGE = _routes("", ("POST", rf"{_OBJECTS}/merge/?", "merge"), writes=True)

_READS = {"salesforce": _SIGN_IN + _SALESFORCE_READS, "hubspot": _HUBSPOT_READS}
_WRITES: dict[str, tuple[Route, ...]] = {"salesforce": _SALESFORCE_WRITES, "hubspot": _HUBSPOT_WRITES}

# Both vendors let a POST claim to be another method; a request that does so is not what its route says.
_METHOD_OVERRIDES = frozenset({"_httpmethod", "x-http-method-override", "x-http-method", "x-method-override"})


class RouteGuard:
    """Names the route of a request, or refuses it. Whatever is not in the table is refused."""

    def __init__(self, vendor: str, routes: Iterable[Route]) -> None:
        self.vendor = vendor
        self._routes = tuple(routes)

    @classmethod
    def reading(cls, vendor: str) -> "RouteGuard":
        """Lets signing in and reading through, nothing else: for dry runs and everything that only looks."""
        return cls(vendor, _READS[vendor])

    @classmethod
    def writing(cls, vendor: str) -> "RouteGuard":
        """Adds exactly the writes that sinks use."""
        return cls(vendor, _READS[vendor] + _WRITES[vendor])

    @classmethod
    def merging(cls) -> "RouteGuard":
        """Reading in HubSpot, and merging two records there; no other write."""
        return cls("hubspot", _HUBSPOT_READS + _HUBSPOT_MERGE)

    def route(self, request: PreparedRequest) -> Route:
        """The route of a request that may be sent. Raises ReadOnlyViolation for every other one."""
        parts = urlsplit(request.url or "")
        method = request.method or ""
        claims = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        claims.update(name.lower() for name in request.headers)
        if not claims & _METHOD_OVERRIDES:
            for route in self._routes:
                if route.fits(method, parts.path):
                    return route
        raise ReadOnlyViolation(
            f"{method} {parts.path} on {self.vendor} was not sent: it is not among the requests that this run may make"
        )
