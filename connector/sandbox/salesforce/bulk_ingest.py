"""Ingest jobs of Bulk API 2.0: open, upload once, close, look, fetch what was accepted, refused and left alone.

Called by the application. What becomes of a row is `bulk_load`'s knowledge; a job's rows are written from the moment
in which its upload is closed, whether anybody looks or not.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from connector.sandbox.salesforce.bulk_csv import BadUpload, Sheet, read
from connector.sandbox.salesforce.bulk_jobs import (
    ABORTED,
    ENDED,
    FAILED,
    JOB_COMPLETE,
    OPEN,
    UPLOAD_COMPLETE,
    BulkJobs,
    Job,
    form_of,
    invalid_job,
    listing,
    progress,
    shown,
    wanted_state,
    wrong_state,
)
from connector.sandbox.salesforce.bulk_load import Task, Written, load
from connector.sandbox.salesforce.call import Call, answer
from connector.sandbox.salesforce.errors import SalesforceError, not_found
from connector.sandbox.salesforce.records import find_object
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.sobjects import lookup_field

OPERATIONS: Final = ("insert", "update", "upsert", "delete")
CSV_TYPE: Final = "text/csv"
Handler = Callable[[Call], Response]


@dataclass
class IngestJob(Job):
    key: str | None = None
    uploads: list[bytes] = field(default_factory=list)
    sheet: Sheet = field(default_factory=lambda: Sheet(()))
    batches: list[list[Written]] = field(default_factory=list)

    @property
    def written(self) -> list[Written]:
        """Rows with their fate. Batches end in any order, and the results tell them as they end."""
        return [one for batch in (*self.batches[1::2], *self.batches[0::2]) for one in batch]

    @property
    def unprocessed(self) -> Sequence[tuple[str, ...]]:
        return self.sheet.rows[sum(len(batch) for batch in self.batches) :]


def routes(jobs: BulkJobs) -> tuple[tuple[str, Mapping[str, Handler]], ...]:
    one: dict[str, Handler] = {"GET": partial(show, jobs), "PATCH": partial(move, jobs), "DELETE": partial(drop, jobs)}
    return (
        ("/jobs/ingest", {"GET": partial(show_all, jobs), "POST": partial(create, jobs)}),
        ("/jobs/ingest/{job}", one),
        ("/jobs/ingest/{job}/batches", {"PUT": partial(upload, jobs)}),
        ("/jobs/ingest/{job}/{kind}", {"GET": partial(results, jobs)}),
    )


def create(jobs: BulkJobs, call: Call) -> Response:
    """POST /jobs/ingest {object, operation, externalIdFieldName?, contentType?, columnDelimiter?, lineEnding?}."""
    body = call.json_object()
    operation = body.get("operation")
    if operation == "hardDelete":
        message = (
            "hardDelete operation requires special user profile permission, please contact your system administrator"
        )
        raise SalesforceError(400, "FEATURENOTENABLED", message)
    if operation not in OPERATIONS:
        raise invalid_job(f"Unsupported operation of an ingest job: {operation}")
    table = _table(call, body)
    key = _key(table, body) if operation == "upsert" else None
    form, now = form_of(body), jobs.now()

    def make(job_id: str) -> IngestJob:
        common = (job_id, operation, table.name, call.user_id, call.version, now, form)
        return IngestJob(*common, state=OPEN, changed=now, key=key)

    return answer(_shown(jobs.open(make)))


def _table(call: Call, body: Mapping[str, Any]) -> SObject:
    name = str(body.get("object"))
    try:
        table = find_object(call.world, name)
    except SalesforceError as error:
        raise invalid_job(f"Unable to find object: {name}") from error
    if not table.writable:
        raise SalesforceError(400, "INVALIDENTITY", f"Entity '{table.name}' is not supported by the Bulk API.")
    return table


def _key(table: SObject, body: Mapping[str, Any]) -> str:
    name = body.get("externalIdFieldName")
    if not name:
        message = f"External ID was blank for {table.name}. An External ID must be specified for upsert."
        raise invalid_job(message)
    try:
        return lookup_field(table, str(name)).name
    except SalesforceError as error:
        message = f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field for"
        raise invalid_job(f"{message} {table.name}") from error


def show_all(jobs: BulkJobs, _call: Call) -> Response:
    """GET /jobs/ingest."""
    return listing(list(jobs.all(IngestJob)))


def show(jobs: BulkJobs, call: Call) -> Response:
    """GET /jobs/ingest/<job>."""
    job = jobs.find(IngestJob, call.path["job"])
    jobs.look(job)
    times = {"apiActiveProcessingTime": progress(job)["totalProcessingTime"], "apexProcessingTime": 0}
    failed = {"numberRecordsFailed": job.failed if job.state in ENDED else 0}
    return answer(_shown(job) | {"jobType": "V2Ingest", **progress(job), **failed, **times})


def upload(jobs: BulkJobs, call: Call) -> Response:
    """PUT /jobs/ingest/<job>/batches: the whole of the data; a second upload is told when the job is closed."""
    job = jobs.find(IngestJob, call.path["job"])
    if not call.headers.get("content-type", "").lower().startswith(CSV_TYPE):
        raise SalesforceError(415, "UNSUPPORTED_MEDIA_TYPE", "The data of an ingest job must be sent as text/csv")
    if len(call.body) > jobs.rules.upload_bytes:
        message = f"The data exceeds the maximum of {jobs.rules.upload_bytes} bytes"
        raise SalesforceError(413, "REQUEST_ENTITY_TOO_LARGE", message)
    with jobs.lock:
        if job.state != OPEN:
            raise wrong_state(f"Data can only be uploaded to a Job in state Open; its state is {job.state}")
        job.uploads.append(call.body)
    return Response(status_code=201)


def move(jobs: BulkJobs, call: Call) -> Response:
    """PATCH /jobs/ingest/<job> {"state": "UploadComplete" | "Aborted"}."""
    job = jobs.find(IngestJob, call.path["job"])
    match wanted_state(call):
        case "Aborted":
            jobs.abort(job)
            _keep_unprocessed(job)
        case "UploadComplete":
            _close(jobs, job)
            jobs.start(job, partial(_process, jobs, job, call))
        case other:
            raise wrong_state(f"The state of an ingest job cannot be set to {other}")
    return answer(_shown(job))


def _close(jobs: BulkJobs, job: IngestJob) -> None:
    with jobs.lock:
        if job.state != OPEN:
            raise wrong_state(f"Closing a Job in state {job.state} is not allowed")
        if len(job.uploads) > 1:
            message = (
                f"Found multipe contents for job: <{job.id[:15]}>, please 'Close' / 'Abort' / 'Delete' the current Job"
                " then create a new Job and make sure you only do 'PUT' once on a given Job."
            )
            raise invalid_job(message)
        if not job.uploads:
            raise wrong_state("A Job without data cannot be closed: upload it first")
        job.move(UPLOAD_COMPLETE, jobs.now())


def _process(jobs: BulkJobs, job: IngestJob, call: Call) -> None:
    """All rows, unless the data is no good or somebody aborts the job meanwhile."""
    if job.state == ABORTED:
        return
    try:
        job.sheet = read(job.uploads.pop(), job.form)
        jobs.spend_batches(len(job.sheet.rows))
        task = Task(job.operation, find_object(call.world, job.object), job.key)
        for batch in load(call, task, job.sheet, jobs.rules.batch_rows):
            job.batches.append(batch)
            if job.state == ABORTED:
                break
    except BadUpload as bad:
        job.error = str(bad)
    except SalesforceError as refused:
        job.error = f"{refused.code} : {refused.message}"
    with jobs.lock:
        job.failed = sum(one.error is not None for one in job.written)
        job.done(FAILED if job.error else JOB_COMPLETE, len(job.written))


def _keep_unprocessed(job: IngestJob) -> None:
    """What was uploaded to a job that is aborted while open can be fetched again – if it can be read."""
    with suppress(BadUpload):
        for data in job.uploads[:1]:
            job.sheet = read(data, job.form)


def drop(jobs: BulkJobs, call: Call) -> Response:
    """DELETE /jobs/ingest/<job>."""
    return jobs.delete(jobs.find(IngestJob, call.path["job"]))


def results(jobs: BulkJobs, call: Call) -> Response:
    """GET /jobs/ingest/<job>/successfulResults, failedResults or unprocessedrecords, in any case of letters."""
    job = jobs.find(IngestJob, call.path["job"])
    if job.state not in ENDED:
        raise wrong_state(f"Results are available once the job has ended; its state is {job.state}")
    columns, written = job.sheet.columns, job.written
    match call.path["kind"].lower():
        case "successfulresults":
            rows = ((one.record_id, str(one.created).lower(), *one.row) for one in written if one.error is None)
            return _csv(job, ("sf__Id", "sf__Created", *columns), rows)
        case "failedresults":
            failed = ((one.record_id, one.error, *one.row) for one in written if one.error is not None)
            return _csv(job, ("sf__Id", "sf__Error", *columns), failed)
        case "unprocessedrecords":
            return _csv(job, columns, job.unprocessed)
        case _:
            raise not_found()


def _csv(job: IngestJob, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    return Response(job.form.lines([header]) + job.form.lines(rows), media_type=CSV_TYPE)


def _shown(job: IngestJob) -> dict[str, Any]:
    more = {} if job.key is None else {"externalIdFieldName": job.key}
    if job.state == OPEN:
        more["contentUrl"] = f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"
    return shown(job) | more
