"""Bulk API 2.0 query jobs: a long reading that costs a call for each few thousand rows and can be taken up again.

Called by the Salesforce client. Sends through its session, so that an expired sign-in is renewed on the way. Must not
know objects or fields.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
import structlog
from simple_salesforce.api import Salesforce

from connector.clients.errors import FailedAttempt, Failure, Remedy, explained
from connector.clients.retry import RetryPolicy
from connector.clients.salesforce_csv import CutShort, rows
from connector.clients.salesforce_errors import salesforce_failure
from connector.clients.salesforce_values import BulkPage, BulkPosition, with_ids
from connector.clients.session import VendorSession
from connector.clients.trail import Trail
from connector.model.errors import OkoshiError, RetryLater

PAGE_ROWS = 5_000
"""Rows of one page: what is held in memory at a time, against the calls that a long reading costs."""

JOB_BOUND = timedelta(hours=1)
"""How long one job is waited for. The vendor's own bound is longer; then a later run has to take care."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds between two questions whether a job has ended; the pauses double, as each question is an API call."""

CSV_FORM = {"contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"}
ENDED = frozenset({"JobComplete", "Failed", "Aborted"})
_NO_COLUMN = "Field name not found"
_JOB_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_SELECTED = re.compile(r"\s*SELECT\s+([\w.,\s]+?)\s+FROM\s", re.IGNORECASE)
_CODE = re.compile(r"\b[A-Z]{3,}(?:_[A-Z]+)+\b")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, eq=False)
class BulkApi:
    """What all jobs need: addresses by simple-salesforce, the session that signs in, and the waiting rule."""

    api: Salesforce
    session: VendorSession
    retry: RetryPolicy

    def created(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A new job, with its id and state."""
        return self._job(
            lambda: self.api.restful(path, method="POST", data=json.dumps(body, ensure_ascii=False).encode())
        )

    def told(self, path: str) -> dict[str, Any]:
        """What the vendor says of a job."""
        return self._job(lambda: self.api.restful(path))

    def turn(self, path: str, state: str) -> None:
        """Asks for another state of a job. What the answer says besides is nobody's matter."""
        self.session.request("PATCH", f"{self.api.base_url}{path}", json={"state": state})

    def _job(self, call: Callable[[], Any]) -> dict[str, Any]:
        try:
            answer = call()
        except (ValueError, TypeError):
            answer = None
        if not isinstance(answer, dict) or not _JOB_ID.fullmatch(str(answer.get("id") or "")):
            raise RetryLater("Salesforce answered about a bulk job in an unknown shape; run again later")
        return answer

    def table(self, path: str, params: Mapping[str, str | int] | None = None) -> requests.Response:
        """A call that is answered in CSV."""
        return self.session.request("GET", f"{self.api.base_url}{path}", params=params, headers={"Accept": "text/csv"})

    def ended(self, path: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """The job's last word. `told` is what is known of it. Raises RetryLater when it does not end in time."""
        waited, pause = 0.0, FIRST_PAUSE
        while told.get("state") not in ENDED:
            if waited + pause > JOB_BOUND.total_seconds():
                raise RetryLater("Salesforce did not finish a bulk job within an hour; run again later")
            self.retry.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, LONGEST_PAUSE)
            told = self.told(path)
        return told

    def failed(self, path: str, told: Mapping[str, Any]) -> OkoshiError:
        """The error for a job that did not complete: by the code in its message, whose words stay out."""
        if told.get("state") == "Aborted":
            return RetryLater("somebody has aborted a bulk job of ours in Salesforce; run again")
        message = str(told.get("errorMessage") or "")
        found = _CODE.search(message)
        code = found[0] if found else "INVALID_FIELD" if _NO_COLUMN in message else None
        # Without a code nothing speaks against the same job at another time.
        error = [{"errorCode": code or "JOB_FAILED", "message": message}]
        failure = salesforce_failure(400 if code else 503, error, path)
        return explained(failure, self.session.budget.resume_at())


@dataclass(frozen=True, eq=False)
class QueryJobs:
    """Readings through query jobs."""

    bulk: BulkApi

    def pages(self, soql: str, *, include_deleted: bool, after: BulkPosition | None) -> Iterator[BulkPage]:
        """The rows, page by page, each with the position to go on from. The job is dropped when all are handed over.

        Who stops early leaves it for seven days, to go on from the last page. Raises BulkJobGone when it is not there
        any more.
        """
        columns = _columns(soql)
        position = after or self._begun(soql, include_deleted=include_deleted)
        trail = Trail("Salesforce", position.locator or "")
        if after is not None and after.locator is not None:
            self._await(after.job, self.bulk.told(_path(after.job)))
        while position.locator is not None:
            records, position = self._page(position, columns)
            records = with_ids(records) if "id" in columns else records
            if position.locator is not None:
                trail.onward(position.locator, empty=not records)
            if records:
                yield BulkPage(records, position)
        self._drop(position.job)

    def _begun(self, soql: str, *, include_deleted: bool) -> BulkPosition:
        # Asked twice where the first answer was lost; the job that nobody knows of expires by itself.
        job = self.bulk.created(
            "jobs/query", {"operation": "queryAll" if include_deleted else "query", "query": soql, **CSV_FORM}
        )
        position = BulkPosition(str(job["id"]), "")
        try:
            self._await(position.job, job)
        except RetryLater:  # no page was read, so nobody will come back for it
            self._tidy(lambda: self.bulk.turn(_path(position.job), "Aborted"))
            raise
        return position

    def _await(self, job: str, told: Mapping[str, Any]) -> None:
        end = self.bulk.ended(_path(job), told)
        if end["state"] != "JobComplete":
            raise self.bulk.failed(_path(job), end)

    def _page(
        self, position: BulkPosition, columns: Mapping[str, str]
    ) -> tuple[list[dict[str, str | None]], BulkPosition]:
        params: dict[str, str | int] = {"maxRecords": PAGE_ROWS}
        if position.locator:
            params["locator"] = position.locator

        def attempt() -> tuple[list[dict[str, str | None]], BulkPosition]:
            response = self.bulk.table(f"{_path(position.job)}/results", params)
            records = _named(_whole(response), columns)
            # The last page says so, by the word: where nothing is said, something on the way has dropped it.
            locator = response.headers.get("Sforce-Locator")
            if not locator:
                raise _cut_short()
            return records, BulkPosition(position.job, None if locator == "null" else locator)

        try:
            return self.bulk.retry.run(attempt, {Remedy.TRANSPORT})
        except FailedAttempt as failed:
            raise explained(failed.failure, self.bulk.session.budget.resume_at()) from None

    def _drop(self, job: str) -> None:
        self._tidy(lambda: self.bulk.api.restful(_path(job), method="DELETE"))

    def _tidy(self, call: Callable[[], object]) -> None:
        """What was read does not hang on this: a job that stays expires after seven days."""
        try:
            call()
        except OkoshiError as error:
            _log.debug("bulk job left behind", kind=type(error).__name__)


def _path(job: str) -> str:
    return f"jobs/query/{job}"


def _whole(response: requests.Response) -> list[dict[str, str | None]]:
    """The rows of a page, as many as its header tells; else FailedAttempt, for the page can be asked for again."""
    told = response.headers.get("Sforce-NumberOfRecords", "")
    try:
        records = rows(response.content)
    except CutShort:
        records = []
        told = ""
    if told != str(len(records)):
        raise _cut_short()
    return records


def _columns(soql: str) -> Mapping[str, str]:
    """The SELECTed names by their lower case: the vendor may write them otherwise, and in another order."""
    found = _SELECTED.match(soql)
    names = [name.strip() for name in found[1].split(",")] if found else []
    return {name.lower(): name for name in names}


def _named(records: list[dict[str, str | None]], columns: Mapping[str, str]) -> list[dict[str, str | None]]:
    """The rows with their columns as they were SELECTed. Raises FailedAttempt where one of them is missing."""
    if not records or records[0].keys() == set(columns.values()):
        return records
    names = {name: columns.get(name.lower(), name) for name in records[0]}
    if not set(columns.values()) <= set(names.values()):
        raise _cut_short()
    return [{names[name]: value for name, value in row.items()} for row in records]


def _cut_short() -> FailedAttempt:
    text = "Salesforce sent a page of a bulk query cut short; run again, it goes on from there"
    return FailedAttempt(Failure(Remedy.TRANSPORT, "csv", text))
