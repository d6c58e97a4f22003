"""The Salesforce client: SOQL pages, describes and sObject Collections over simple-salesforce and our own session.

Called by the Salesforce source and sink, and by doctor. Must not know mappings or the model of sales.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from simple_salesforce.api import Salesforce

from connector.clients.auth import FixedToken, SalesforceSignIn
from connector.clients.budget import SalesforceBudget, Usage
from connector.clients.egress import Endpoint
from connector.clients.errors import AnswerLost, BulkJobGone, FailedAttempt, Failure, Remedy
from connector.clients.guard import RouteGuard
from connector.clients.retry import RetryPolicy
from connector.clients.salesforce_alerts import SalesforceAlerts
from connector.clients.salesforce_bulk import BulkApi, QueryJobs
from connector.clients.salesforce_ingest import BulkOperation, IngestJobs, Load
from connector.clients.salesforce_values import (
    LOCKED,
    LOOKED_UP,
    BulkPage,
    BulkPosition,
    FieldDescription,
    ObjectDescription,
    RowError,
    RowResult,
    description,
    next_page,
    records_of,
    row_results,
    with_ids,
)
from connector.clients.session import VendorSession
from connector.clients.trail import Trail
from connector.model.errors import ConfigurationError, OkoshiError, RetryLater
from connector.settings import SalesforceSettings

__all__ = [
    "BulkJobGone",
    "BulkPage",
    "BulkPosition",
    "FieldDescription",
    "ObjectDescription",
    "RowError",
    "RowResult",
    "SalesforceClient",
]

COLLECTION_SIZE = 200
"""Most records in one sObject Collections call."""

RETRIEVE_SIZE = 2_000
"""Most ids in one retrieving call."""

SOQL_BYTES = 15_000
"""Most bytes of an encoded query: address and headers together may have 16,384."""

_WITH_IDS = re.compile(r"\s*SELECT\s+Id\b", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SESSION_REMEDY = (
    "Salesforce does not accept the session in salesforce.session_id (OKOSHI_SALESFORCE__SESSION_ID): put a fresh one "
    "there, or set salesforce.auth to client_credentials or jwt"
)


@dataclass(eq=False)
class SalesforceClient(SalesforceAlerts):
    """One signed-in connection to an org, safe to use from several threads. Signs in when first needed.

    Raises ConfigurationError, RetryLater, StopSync and Refused; a write also AnswerLost, and after any other error
    nothing of that call was written.
    """

    settings: SalesforceSettings
    read_only: bool = field(kw_only=True)
    reserve_percent: int = field(default=0, kw_only=True)
    budget: SalesforceBudget | None = field(default=None, kw_only=True)
    """Given where a deployment has rules of its own; else a plain one with `reserve_percent`."""
    retry: RetryPolicy = field(default_factory=RetryPolicy, kw_only=True)

    def __post_init__(self) -> None:
        settings = self.settings.require()
        guard = RouteGuard.reading("salesforce") if self.read_only else RouteGuard.writing("salesforce")
        self._session = VendorSession(
            guard,
            self.budget or SalesforceBudget(self.reserve_percent),
            ca_bundle=settings.ca_bundle,
            read_timeout=settings.timeout_seconds,
            retry=self.retry,
        )
        self._session.signs_in_with(
            FixedToken(settings.session_id.get_secret_value(), _SESSION_REMEDY)
            if settings.auth == "session" and settings.session_id
            else SalesforceSignIn(settings, self._session)
        )
        # The library insists on a session id; the session's own sign-in replaces the header on every request.
        self._api = Salesforce(
            session_id="signed-in-by-the-session",
            instance_url=settings.instance_url,
            session=self._session,
            version=settings.api_version,
            object_pairs_hook=None,
        )
        self._bulk = BulkApi(self._api, self._session, self.retry)
        self._described: dict[str, ObjectDescription] = {}
        self._notification_types = {}
        self._describing = threading.Lock()

    @property
    def usage(self) -> Usage:
        """Calls that were made, by operation, and the org's own count."""
        return self._session.budget.usage

    @property
    def endpoints(self) -> frozenset[Endpoint]:
        """Where this client connects to, for `egress_only`."""
        return self._session.endpoints(self.settings.instance_url or "", self.settings.token_endpoint)

    def close(self) -> None:
        """Closes the pooled connections."""
        self._session.close()

    def check(self) -> None:
        """One cheap call that proves address, credentials and API permission."""
        for _ in self.query("SELECT Id FROM User LIMIT 1"):
            return

    def query(self, soql: str, *, include_deleted: bool = False) -> Iterator[list[dict[str, Any]]]:
        """The rows of a query, one list a page. An empty result is no page.

        The caller escapes values and keeps the text under SOQL_BYTES, chunking `IN (…)`.
        """
        if len(quote(soql)) > SOQL_BYTES:
            raise ValueError(f"a query of {len(soql)} characters does not fit an address; split its IN (…) list")
        page = self._read(lambda: self._api.query(soql, include_deleted=include_deleted))
        trail = Trail("Salesforce")
        whole = with_ids if _WITH_IDS.match(soql) else list
        while True:
            records = whole(records_of(page))
            if records:
                yield records
            following = next_page(page, self.settings.instance_url or "")
            if following is None:
                return
            place = trail.onward(following, empty=not records)
            page = self._read(partial(self._api.query_more, place, identifier_is_url=True))

    def bulk_query(
        self, soql: str, *, include_deleted: bool = False, after: BulkPosition | None = None
    ) -> Iterator[BulkPage]:
        """The rows of a long query by Bulk API 2.0: pages of text values by SELECTed name, None for empty ones.

        `after` goes on from the position of a page that was read in any earlier run. Raises BulkJobGone where that is
        too long ago, and Refused with the code INVALIDENTITY for an object that has no bulk queries.
        """
        return QueryJobs(self._bulk).pages(soql, include_deleted=include_deleted, after=after)

    def retrieve(self, object_: str, ids: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any] | None]:
        """The records of these ids in their order, None for one that is not there; 2,000 a call.

        A field that the org does not show fails the whole call, so the caller has looked at `describe`.
        """
        found: list[dict[str, Any] | None] = []
        for start in range(0, len(ids), RETRIEVE_SIZE):
            part = list(ids[start : start + RETRIEVE_SIZE])
            body = json.dumps({"ids": part, "fields": list(fields)}).encode()
            answer = self._parsed(partial(self._api.restful, f"composite/sobjects/{object_}", method="POST", data=body))
            told = answer if isinstance(answer, list) else []
            if len(told) != len(part) or not all(row is None or isinstance(row, dict) for row in told):
                raise RetryLater("Salesforce sent an answer of an unknown shape; run again later")
            found += told
        return found

    def describe(self, object_: str) -> ObjectDescription:
        """What the org shows of an object, asked once per client. Raises ConfigurationError where it shows nothing."""
        if not _NAME.fullmatch(object_):
            raise ConfigurationError(
                f"“{object_}” can not be the name of a Salesforce object: correct mappings/salesforce.yaml"
            )
        with self._describing:
            if object_ not in self._described:
                self._described[object_] = description(
                    object_, self._read(lambda: self._api.restful(f"sobjects/{object_}/describe"))
                )
            return self._described[object_]

    def create(self, object_: str, records: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """Creates at most 200 records; one result each, in order."""
        return self._write("POST", "composite/sobjects", _typed(object_, records), makes=True)

    def bulk_write(
        self,
        operation: BulkOperation,
        object_: str,
        records: Sequence[Mapping[str, Any]],
        external_id_field: str | None = None,
    ) -> list[RowResult]:
        """Writes any number of records by Bulk API 2.0; one result each, in order, `lost` where nobody knows.

        Results come in any order and are told apart by `external_id_field`, on insert too, else by `Id`: it must be
        different in all records. A field that a record does not name stays; None and "" empty it.
        """
        load = Load(operation, object_, external_id_field or "Id")
        return self._repeating_locked(list(records), partial(IngestJobs(self._bulk).run, load))

    def update(self, object_: str, records: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """Updates at most 200 records, each with its `Id`; one result each, in order."""
        return self._write("PATCH", "composite/sobjects", _typed(object_, records))

    def upsert(self, object_: str, external_id_field: str, records: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """Creates or updates at most 200 records by a field that is an external id; one result each, in order."""
        path = f"composite/sobjects/{object_}/{external_id_field}"
        return self._write("PATCH", path, _typed(object_, records), makes=True)

    def delete(self, ids: Sequence[str]) -> list[RowResult]:
        """Deletes at most 200 records; one result each, in order."""
        _refuse_more_than_a_collection(ids)
        return self._repeating_locked(list(ids), self._delete_once)

    def _delete_once(self, ids: Sequence[str]) -> list[RowResult]:
        params = {"ids": ",".join(ids), "allOrNone": "false"}
        return row_results(
            self._answer(lambda: self._api.restful("composite/sobjects", params=params, method="DELETE")), len(ids)
        )

    def _write(self, method: str, path: str, records: list[dict[str, Any]], *, makes: bool = False) -> list[RowResult]:
        def once(chosen: Sequence[dict[str, Any]]) -> list[RowResult]:
            body = json.dumps({"allOrNone": False, "records": list(chosen)}, ensure_ascii=False).encode()
            answer = self._answer(lambda: self._api.restful(path, method=method, data=body))
            return row_results(answer, len(chosen), makes=makes)

        _refuse_more_than_a_collection(records)
        return self._repeating_locked(records, once)

    def _repeating_locked(self, rows: list[Any], once: Callable[[Sequence[Any]], list[RowResult]]) -> list[RowResult]:
        """Sends all rows, then those again that somebody else held locked: such a row was not written."""
        if not rows:
            return []
        results: list[RowResult | None] = [None] * len(rows)

        def attempt() -> None:
            waiting = [number for number, result in enumerate(results) if result is None or result.locked]
            for number, result in zip(waiting, once([rows[number] for number in waiting]), strict=True):
                results[number] = result
            if any(result and result.locked for result in results):
                raise FailedAttempt(Failure(Remedy.LOCK, LOCKED, "Salesforce: somebody else holds the records"))

        try:
            self.retry.run(attempt, {Remedy.LOCK})
        except AnswerLost as error:
            # Once rows have an answer it must not be lost: only of those sent again nobody knows.
            if None in results:
                raise
            lost = RowResult.unanswered(error, late=error.late)
            results = [lost if result and result.locked else result for result in results]
        except (FailedAttempt, OkoshiError):
            # Those still locked are handed over as refused.
            if None in results:
                raise
        return [result for result in results if result]

    def _parsed(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except (ValueError, TypeError):  # the library's own words would quote the page
            raise RetryLater("Salesforce sent a page that is no JSON; run again later") from None

    def _read(self, call: Callable[[], Any]) -> dict[str, Any]:
        answer = self._parsed(call)
        if not isinstance(answer, dict):
            raise RetryLater("Salesforce sent an answer of an unknown shape; run again later")
        return answer

    def _answer(self, call: Callable[[], Any]) -> list[Any]:
        try:
            answer = call()
        except (ValueError, TypeError):
            answer = None
        if not isinstance(answer, list):
            raise AnswerLost(f"Salesforce answered a write of some records in an unknown shape; {LOOKED_UP}")
        return answer


def _refuse_more_than_a_collection(rows: Sequence[object]) -> None:
    if len(rows) > COLLECTION_SIZE:
        raise ValueError(f"at most {COLLECTION_SIZE} records a call, got {len(rows)}")


def _typed(object_: str, records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"attributes": {"type": object_}, **record} for record in records]
