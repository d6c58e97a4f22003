"""Bulk API 2.0 ingest jobs: many writes with few calls, and a result for each record, in the order of the records.

Called by the Salesforce client. A job does nothing before it is closed: until then trouble means that nothing was
written. Must not know what the records are.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import structlog

from connector.clients.errors import AnswerLost, BulkJobGone, FailedAttempt, Failure, Remedy, explained
from connector.clients.salesforce_bulk import CSV_FORM, BulkApi
from connector.clients.salesforce_csv import CutShort, rows, uploads
from connector.clients.salesforce_values import LOOKED_UP, RowError, RowResult, full_id
from connector.model.errors import OkoshiError

BulkOperation = Literal["insert", "update", "upsert", "delete"]

_ID_LENGTH = 15  # of 18 characters the last three follow from the others; answers show either form
_FIELD = re.compile(r"\w+(?:\.\w+)*")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Load:
    """One kind of job. `key` is the column that tells records apart: results come in any order."""

    operation: BulkOperation
    object: str
    key: str

    @property
    def job(self) -> dict[str, str]:
        """What makes it."""
        upsert = {"externalIdFieldName": self.key} if self.operation == "upsert" else {}
        return {"operation": self.operation, "object": self.object, **upsert, **CSV_FORM}

    def key_of(self, record: Mapping[str, Any]) -> str:
        """What tells this record, or this row of a result, from the others."""
        return _key(self.key, record.get(self.key))


@dataclass(frozen=True, eq=False)
class IngestJobs:
    """Writes through ingest jobs."""

    bulk: BulkApi

    def run(self, load: Load, records: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """One result for each record, in order; `lost` where nobody knows. Raises only when nothing was written.

        AnswerLost: nobody knows of any of them.
        """
        keys = [load.key_of(record) for record in records]
        if not all(keys) or len(set(keys)) < len(keys):
            raise ValueError(f"each record needs a {load.key} of its own: the results are told apart by it")
        results: list[RowResult] = []
        following = iter(keys)
        for number, upload in uploads(records):
            part = list(islice(following, number))
            try:
                results += self._job(load, part, upload)
            except OkoshiError as error:
                if not results:
                    raise
                late = isinstance(error, AnswerLost) and error.late
                results += [RowResult.unanswered(error, late=late)] * number
        return results

    def _job(self, load: Load, keys: Sequence[str], upload: bytes) -> list[RowResult]:
        job = self._filled(load, upload)
        self._close(job)
        path = _path(job)
        try:
            end = self.bulk.ended(path, self.bulk.told(path))
        except OkoshiError as error:
            raise _at_work() from error
        # An aborted job keeps what it has done, and may have done more than it has counted.
        if end["state"] == "Failed" and str(end.get("numberRecordsProcessed") or 0) == "0":
            raise self.bulk.failed(path, end)
        return self._results(load, job, keys, end)

    def _filled(self, load: Load, upload: bytes) -> str:
        """A job with its records, not closed yet. Where an answer is lost another job is made: an open one never runs.

        Raises what means that nothing was written.
        """

        def attempt() -> str:
            job = ""
            try:
                job = str(self.bulk.created("jobs/ingest", load.job)["id"])
                self.bulk.session.request(
                    "PUT",
                    f"{self.bulk.api.base_url}{_path(job)}/batches",
                    data=upload,
                    headers={"Content-Type": "text/csv; charset=UTF-8"},
                )
            except OkoshiError as error:
                self._abandon(job)
                if not isinstance(error, AnswerLost):
                    raise
                text = "Salesforce did not take the records of a bulk job; nothing was written, run again later"
                raise FailedAttempt(Failure(Remedy.TRANSPORT, "upload", text)) from None
            return job

        try:
            return self.bulk.retry.run(attempt, {Remedy.TRANSPORT})
        except FailedAttempt as failed:
            raise explained(failed.failure, self.bulk.session.budget.resume_at()) from None

    def _close(self, job: str) -> None:
        """Lets the job run. A lost answer is settled by the job's state, and closing it once more does no harm."""

        def attempt() -> None:
            try:
                self.bulk.turn(_path(job), "UploadComplete")
            except (AnswerLost, BulkJobGone) as error:  # gone: in no state to be closed, so perhaps closed already
                lost.append(error)
                if self._is_open(job):
                    raise FailedAttempt(Failure(Remedy.TRANSPORT, "close", str(error))) from None

        lost: list[OkoshiError] = []
        try:
            self.bulk.retry.run(attempt, {Remedy.TRANSPORT})
        except FailedAttempt:
            raise _at_work() from None
        except AnswerLost:
            raise
        except OkoshiError as error:
            if lost:  # an earlier try may still arrive
                raise _at_work() from error
            self._abandon(job)
            raise

    def _is_open(self, job: str) -> bool:
        try:
            return self.bulk.told(_path(job)).get("state") == "Open"
        except OkoshiError as error:
            raise _at_work() from error

    def _abandon(self, job: str) -> None:
        """So that no open job is left among the org's; one that stays open is harmless."""
        if job:
            try:
                self.bulk.turn(_path(job), "Aborted")
            except OkoshiError as error:
                _log.debug("bulk job left behind", kind=type(error).__name__)

    def _results(self, load: Load, job: str, keys: Sequence[str], end: Mapping[str, Any]) -> list[RowResult]:
        found: dict[str, RowResult] = {}
        trouble: OkoshiError | None = None
        all_failed = end.get("numberRecordsFailed") == len(keys)
        for kind in ("failedResults", "successfulResults") if all_failed else ("successfulResults", "failedResults"):
            if found.keys() >= set(keys):
                break
            try:
                for key, result in self._told(load, job, kind):
                    known = found.setdefault(key, result)
                    if known.success != result.success:
                        found[key] = RowResult.unanswered(AnswerLost(f"Salesforce contradicts itself; {LOOKED_UP}"))
            except OkoshiError as error:
                trouble = error
        # What is in neither list was not processed, or its line cannot be told: both are looked up.
        unknown = trouble or AnswerLost(f"Salesforce ended a bulk job without a word on some records; {LOOKED_UP}")
        return [found.get(key) or RowResult.unanswered(unknown) for key in keys]

    def _told(self, load: Load, job: str, kind: str) -> Iterable[tuple[str, RowResult]]:
        def attempt() -> list[dict[str, str | None]]:
            try:
                return rows(self.bulk.table(f"{_path(job)}/{kind}").content)
            except CutShort as error:
                text = f"Salesforce sent the results of a bulk job cut short; {LOOKED_UP}"
                raise FailedAttempt(Failure(Remedy.TRANSPORT, "csv", text)) from error

        try:
            told = self.bulk.retry.run(attempt, {Remedy.TRANSPORT})
        except FailedAttempt as failed:
            raise explained(failed.failure, self.bulk.session.budget.resume_at()) from None
        names = {name.lower(): name for name in ("sf__Id", "sf__Created", "sf__Error", load.key)}
        lines = [{names.get(name.lower(), name): value for name, value in row.items()} for row in told]
        return [(_told_key(load, line), _result(load, line, failed=kind == "failedResults")) for line in lines]


def _told_key(load: Load, row: Mapping[str, str | None]) -> str:
    """Whose result a line is; a record that had an id before is also named by `sf__Id`."""
    by_id = load.key == "Id" and row.get("sf__Id")
    return _key("Id", row["sf__Id"]) if by_id else load.key_of(row)


def _key(field: str, value: Any) -> str:
    text = str(value or "")
    return text[:_ID_LENGTH] if field == "Id" else text


def _result(load: Load, row: Mapping[str, str | None], *, failed: bool) -> RowResult:
    record_id = full_id(row.get("sf__Id"))
    if failed:
        return RowResult(id=record_id, success=False, errors=(_error(row.get("sf__Error") or ""),))
    if record_id is None and load.operation in ("insert", "upsert"):
        lost = AnswerLost(f"Salesforce wrote a record without telling its id; {LOOKED_UP}")
        return RowResult.unanswered(lost)
    return RowResult(id=record_id, success=True, created=row.get("sf__Created") == "true")


def _error(text: str) -> RowError:
    """`CODE:message:Field__c --`: the vendor's one line for code, words and fields, of which the last may be absent."""
    code, _, rest = text.partition(":")
    message, colon, tail = rest.rpartition(":")
    fields = tuple(re.split(r"[\s,]+", tail.strip().removesuffix("--").strip()))
    if not colon or not tail.strip().endswith("--") or not all(_FIELD.fullmatch(name) for name in fields if name):
        return RowError(code.strip() or "UNKNOWN_EXCEPTION", rest.strip())
    return RowError(code.strip(), message.strip(), tuple(name for name in fields if name))


def _at_work() -> AnswerLost:
    return AnswerLost(f"Salesforce has taken a bulk job and may still be at work on it; {LOOKED_UP}", late=True)


def _path(job: str) -> str:
    return f"jobs/ingest/{job}"
