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
from connector.clients.errors import AnswerLost, FailedAttempt, Failure, Remedy
from connector.clients.guard import RouteGuard
from connector.clients.retry import RetryPolicy
from connector.clients.salesforce_values import (
    LOCKED,
    LOOKED_UP,
    FieldDescription,
    ObjectDescription,
    RowError,
    RowResult,
    description,
    row_results,
)
from connector.clients.session import VendorSession
from connector.model.errors import ConfigurationError, OkoshiError, RetryLater
from connector.settings import SalesforceSettings

__all__ = ["FieldDescription", "ObjectDescription", "RowError", "RowResult", "SalesforceClient"]

COLLECTION_SIZE = 200
"""Most records in one sObject Collections call."""

SOQL_BYTES = 15_000
"""Most bytes of an encoded query: address and headers together may have 16,384."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SESSION_REMEDY = (
    "Salesforce does not accept the session in salesforce.session_id (OKOSHI_SALESFORCE__SESSION_ID): put a fresh one "
    "there, or set salesforce.auth to client_credentials or jwt"
)


@dataclass(eq=False)
class SalesforceClient:
    """One signed-in connection to an org, safe to use from several threads. Signs in when first needed.

    Raises ConfigurationError, RetryLater, StopSync and Refused; a write also AnswerLost, and after any other error
    nothing of that call was written.
    """

    settings: SalesforceSettings
    read_only: bool = field(kw_only=True)
    reserve_percent: int = field(default=0, kw_only=True)
    retry: RetryPolicy = field(default_factory=RetryPolicy, kw_only=True)

    def __post_init__(self) -> None:
        settings = self.settings.require()
        guard = RouteGuard.reading("salesforce") if self.read_only else RouteGuard.writing("salesforce")
        self._session = VendorSession(
            guard,
            SalesforceBudget(self.reserve_percent),
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
        self._described: dict[str, ObjectDescription] = {}
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
        while True:
            records = page.get("records") or []
            if records:
                yield records
            following = page.get("nextRecordsUrl")
            if page.get("done", True) or not following:
                return
            if not str(following).startswith("/services/data/"):
                raise RetryLater("Salesforce named an unexpected address for the next page; run again later")
            page = self._read(partial(self._api.query_more, following, identifier_is_url=True))

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
        return self._write("POST", "composite/sobjects", _typed(object_, records))

    def update(self, object_: str, records: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """Updates at most 200 records, each with its `Id`; one result each, in order."""
        return self._write("PATCH", "composite/sobjects", _typed(object_, records))

    def upsert(self, object_: str, external_id_field: str, records: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """Creates or updates at most 200 records by a field that is an external id; one result each, in order."""
        return self._write("PATCH", f"composite/sobjects/{object_}/{external_id_field}", _typed(object_, records))

    def delete(self, ids: Sequence[str]) -> list[RowResult]:
        """Deletes at most 200 records; one result each, in order."""
        return self._repeating_locked(list(ids), self._delete_once)

    def _delete_once(self, ids: Sequence[str]) -> list[RowResult]:
        params = {"ids": ",".join(ids), "allOrNone": "false"}
        return row_results(
            self._answer(lambda: self._api.restful("composite/sobjects", params=params, method="DELETE")), len(ids)
        )

    def _write(self, method: str, path: str, records: list[dict[str, Any]]) -> list[RowResult]:
        def once(chosen: Sequence[dict[str, Any]]) -> list[RowResult]:
            body = json.dumps({"allOrNone": False, "records": list(chosen)}, ensure_ascii=False).encode()
            return row_results(self._answer(lambda: self._api.restful(path, method=method, data=body)), len(chosen))

        return self._repeating_locked(records, once)

    def _repeating_locked(self, rows: list[Any], once: Callable[[Sequence[Any]], list[RowResult]]) -> list[RowResult]:
        """Sends all rows, then those again that somebody else held locked: such a row was not written."""
        if not rows:
            return []
        if len(rows) > COLLECTION_SIZE:
            raise ValueError(f"at most {COLLECTION_SIZE} records a call, got {len(rows)}")
        results: list[RowResult | None] = [None] * len(rows)

        def attempt() -> None:
            waiting = [number for number, result in enumerate(results) if result is None or result.locked]
            for number, result in zip(waiting, once([rows[number] for number in waiting]), strict=True):
                results[number] = result
            if any(result and result.locked for result in results):
                raise FailedAttempt(Failure(Remedy.LOCK, LOCKED, "Salesforce: somebody else holds the records"))

        try:
            self.retry.run(attempt, {Remedy.LOCK})
        except AnswerLost:
            raise
        except (FailedAttempt, OkoshiError):
            # Once rows have an answer it must not be lost: those still locked are handed over as refused.
            if None in results:
                raise
        return [result for result in results if result]

    def _read(self, call: Callable[[], Any]) -> dict[str, Any]:
        try:
            answer = call()
        except ValueError as error:
            raise RetryLater("Salesforce sent a page that is no JSON; run again later") from error
        if not isinstance(answer, dict):
            raise RetryLater("Salesforce sent an answer of an unknown shape; run again later")
        return answer

    def _answer(self, call: Callable[[], Any]) -> list[Any]:
        answer = call()
        if not isinstance(answer, list):
            raise AnswerLost(f"Salesforce answered a write of some records in an unknown shape; {LOOKED_UP}")
        return answer


def _typed(object_: str, records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"attributes": {"type": object_}, **record} for record in records]
