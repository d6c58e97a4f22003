"""Bulk API 2.0 jobs: their states, their life of seven days, the rolling daily allowances, and how they are shown.

Kept by the application; the query and the ingest resources open, find and move jobs. It must not know what a job does.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from starlette.responses import Response

from connector.sandbox.clock import stored_datetime
from connector.sandbox.salesforce.bulk_csv import DELIMITERS, LINE_ENDINGS, Form
from connector.sandbox.salesforce.bulk_rules import Allowance, BulkRules
from connector.sandbox.salesforce.call import Call, answer, no_content
from connector.sandbox.salesforce.errors import SalesforceError, not_found
from connector.sandbox.salesforce.ids import salesforce_id
from connector.sandbox.salesforce.soql.shape import wire_datetime
from connector.sandbox.world import World

OPEN: Final = "Open"
UPLOAD_COMPLETE: Final = "UploadComplete"
IN_PROGRESS: Final = "InProgress"
JOB_COMPLETE: Final = "JobComplete"
FAILED: Final = "Failed"
ABORTED: Final = "Aborted"
ENDED: Final = frozenset({JOB_COMPLETE, FAILED, ABORTED})
KEPT: Final = timedelta(days=7)
ROWS_PER_POLL: Final = 100_000
MILLISECONDS_PER_ROW: Final = 2
SIDE_BY_SIDE: Final = 4
PATIENCE_SECONDS: Final = 1.0
"""How long a request waits for a job's work: small jobs end in it, and so behave alike each time."""


@dataclass
class Job:
    """One job. `outcome` is the state in which it will end, known as soon as its work is done."""

    id: str
    operation: str
    object: str
    user_id: str
    version: str
    created: datetime
    form: Form
    state: str
    changed: datetime
    outcome: str | None = None
    error: str | None = None
    processed: int = 0
    failed: int = 0
    polls_left: int = 1
    work: "Future[None] | None" = None

    def move(self, state: str, now: datetime) -> None:
        self.state, self.changed = state, now

    def done(self, outcome: str, processed: int) -> None:
        """The work is over; clients learn it some polls later."""
        self.outcome, self.processed = outcome, processed
        self.polls_left = 1 + processed // ROWS_PER_POLL

    def polled(self, now: datetime) -> None:
        """Processing takes time: the first look finds the job in progress, a later one at its end."""
        if self.state == UPLOAD_COMPLETE:
            self.move(IN_PROGRESS, now)
        elif self.state == IN_PROGRESS and self.outcome is not None:
            self.polls_left -= 1
            if self.polls_left <= 0:
                self.move(self.outcome, now)


JobT = TypeVar("JobT", bound=Job)


@dataclass
class BulkJobs:
    """All jobs of the org. `lock` guards their states: a client may poll while another call still works."""

    world: World
    rules: BulkRules = field(default_factory=BulkRules)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._opened = 0
        self._queries, self._batches = Allowance(), Allowance()
        self._workers = ThreadPoolExecutor(SIDE_BY_SIDE, "bulk")

    def now(self) -> datetime:
        return self.world.clock.now().replace(microsecond=0)

    def open(self, make: Callable[[str], JobT]) -> JobT:
        """A new job, made with its id."""
        with self.lock:
            self._opened += 1
            job = make(salesforce_id("750", self._opened))
            self._jobs[job.id] = job
            return job

    def find(self, kind: type[JobT], job_id: str) -> JobT:
        """The job by either form of its id; 404 for one that never was, is deleted, or is older than a week."""
        with self.lock:
            job = next((one for one in self.all(kind) if job_id in {one.id, one.id[:15]}), None)
            if job is None:
                raise not_found()
            return job

    def all(self, kind: type[JobT]) -> list[JobT]:
        with self.lock:
            horizon = self.now() - KEPT
            self._jobs = {job.id: job for job in self._jobs.values() if job.created > horizon}
            return [job for job in self._jobs.values() if isinstance(job, kind)]

    def spend_query(self) -> None:
        with self.lock:
            self._queries.spend(self.now(), 1, self.rules.query_jobs_a_day, "bulk v2 query jobs")

    def spend_batches(self, rows: int) -> None:
        with self.lock:
            count = max(1, -(-rows // self.rules.rows_per_charged_batch))
            self._batches.spend(self.now(), count, self.rules.batches_a_day, "bulk batches")

    def limits(self) -> Mapping[str, tuple[int, int]]:
        """Maximum and rest of the two allowances, by their names in /limits."""
        with self.lock:
            shown = {
                "DailyBulkApiBatches": (self.rules.batches_a_day, self._batches),
                "DailyBulkV2QueryJobs": (self.rules.query_jobs_a_day, self._queries),
            }
            return {name: (most, max(0, most - spent.used(self.now()))) for name, (most, spent) in shown.items()}

    def start(self, job: Job, work: Callable[[], None]) -> None:
        """Begin the job's work; whether anybody looks at the job or not, it will be done."""
        job.work = self._workers.submit(work)
        _await(job)

    def look(self, job: Job) -> None:
        """A client asks for the job's state."""
        _await(job)
        with self.lock:
            job.polled(self.now())

    def abort(self, job: Job) -> None:
        with self.lock:
            if job.state in ENDED:
                word = "already Completed" if job.state == JOB_COMPLETE else f"already {job.state}"
                raise wrong_state(f"Aborting {word} Job not allowed")
            job.move(ABORTED, self.now())

    def delete(self, job: Job) -> Response:
        """Gone at once with its data, queued work included; not while it is open or in progress."""
        with self.lock:
            if job.state not in ENDED | {UPLOAD_COMPLETE}:
                raise wrong_state(f"Deleting a Job in state {job.state} is not allowed")
            job.move(ABORTED if job.state == UPLOAD_COMPLETE else job.state, self.now())
            del self._jobs[job.id]
        return no_content()


def _await(job: Job) -> None:
    if job.work and wait([job.work], PATIENCE_SECONDS).done:
        job.work.result()  # what went wrong in the sandbox itself shows as a server's error


def wrong_state(message: str) -> SalesforceError:
    return SalesforceError(400, "INVALIDJOBSTATE", message)


def invalid_job(message: str) -> SalesforceError:
    return SalesforceError(400, "INVALIDJOB", message)


def form_of(body: Mapping[str, Any]) -> Form:
    """How the job's CSV is to be written, by the request that opens it."""
    delimiter, ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if body.get("contentType", "CSV") != "CSV":
        raise invalid_job("Unsupported contentType: only CSV is supported")
    if delimiter not in DELIMITERS or ending not in LINE_ENDINGS:
        raise invalid_job(f"Unsupported columnDelimiter or lineEnding: {delimiter}, {ending}")
    return Form(delimiter, ending)


def shown(job: Job) -> dict[str, Any]:
    """What every answer about a job tells."""
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.user_id,
        "createdDate": wire_datetime(stored_datetime(job.created)),
        "systemModstamp": wire_datetime(stored_datetime(job.changed)),
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
        "lineEnding": job.form.line_ending,
        "columnDelimiter": job.form.delimiter,
    }


def progress(job: Job) -> dict[str, Any]:
    """What is told besides of a job that is asked for by itself; counts come with the end."""
    ended = job.state in ENDED
    told = {
        "numberRecordsProcessed": job.processed if ended else 0,
        "retries": 0,
        "totalProcessingTime": job.processed * MILLISECONDS_PER_ROW if ended else 0,
    }
    return told | ({"errorMessage": job.error} if job.error and job.state == FAILED else {})


def listing(jobs: list[Job]) -> Response:
    """GET of all jobs: one page, the latest first, without counts."""
    latest = sorted(jobs, key=lambda job: job.id, reverse=True)
    return answer({"done": True, "records": [shown(job) for job in latest], "nextRecordsUrl": None})


def wanted_state(call: Call) -> str:
    return str(call.json_object().get("state"))
