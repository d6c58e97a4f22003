"""Query jobs of Bulk API 2.0: SOQL in, CSV out, page by page through locators.

Called by the application. A job holds the rows of the moment in which it ran, as soon as it was opened. Which SOQL
exists is the compiler's knowledge; which of it a bulk query refuses is told here.
"""

import gzip
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.responses import Response

from connector.sandbox.salesforce.bulk_jobs import (
    ABORTED,
    JOB_COMPLETE,
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
from connector.sandbox.salesforce.bulk_results import Results, leaves_of, run
from connector.sandbox.salesforce.call import Call, answer
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.query import Ask
from connector.sandbox.salesforce.schema import Field
from connector.sandbox.salesforce.soql import tree
from connector.sandbox.salesforce.soql.compiler import Plan
from connector.sandbox.salesforce.soql.parser import parse
from connector.sandbox.salesforce.soql.shape import converter

OPERATIONS: Final = ("query", "queryAll")
NOT_IN_BULK: Final = frozenset({"TaskStatus"})
Handler = Callable[[Call], Response]
_COMPOUND: Final = converter(Field("", "address"))


@dataclass
class QueryJob(Job):
    results: Results | None = None


def routes(jobs: BulkJobs) -> tuple[tuple[str, Mapping[str, Handler]], ...]:
    one: dict[str, Handler] = {"GET": partial(show, jobs), "PATCH": partial(abort, jobs), "DELETE": partial(drop, jobs)}
    return (
        ("/jobs/query", {"GET": partial(show_all, jobs), "POST": partial(create, jobs)}),
        ("/jobs/query/{job}", one),
        ("/jobs/query/{job}/results", {"GET": partial(results, jobs)}),
    )


def create(jobs: BulkJobs, call: Call) -> Response:
    """POST /jobs/query {operation, query, contentType?, columnDelimiter?, lineEnding?}."""
    body = call.json_object()
    operation, soql = body.get("operation"), body.get("query")
    if operation not in OPERATIONS:
        raise invalid_job(f"Unsupported operation of a query job: {operation}")
    if not isinstance(soql, str) or not soql.strip():
        raise invalid_job("A query job needs a query")
    call.name("createQueryJob", soql)
    form = form_of(body)
    plan, chunked = _compiled(call, soql, include_deleted=operation == "queryAll")
    jobs.spend_query()
    now = jobs.now()

    def make(job_id: str) -> QueryJob:
        common = (job_id, operation, plan.table.name, call.user_id, call.version, now, form)
        return QueryJob(*common, state=UPLOAD_COMPLETE, changed=now)

    job = jobs.open(make)

    def work() -> None:
        job.results = run(call.world, form, plan, jobs.rules.query_chunk_rows if chunked else 0)
        with jobs.lock:
            job.done(JOB_COMPLETE, len(job.results))

    jobs.start(job, work)
    return answer(shown(job))


def show_all(jobs: BulkJobs, _call: Call) -> Response:
    """GET /jobs/query."""
    return listing(list(jobs.all(QueryJob)))


def show(jobs: BulkJobs, call: Call) -> Response:
    """GET /jobs/query/<job>."""
    job = jobs.find(QueryJob, call.path["job"])
    jobs.look(job)
    return answer(shown(job) | {"jobType": "V2Query", **progress(job), "isPkChunkingSupported": True})


def abort(jobs: BulkJobs, call: Call) -> Response:
    """PATCH /jobs/query/<job> {"state": "Aborted"}."""
    job = jobs.find(QueryJob, call.path["job"])
    if wanted_state(call) != ABORTED:
        raise wrong_state("The state of a query job can only be set to Aborted")
    jobs.abort(job)
    return answer(shown(job))


def drop(jobs: BulkJobs, call: Call) -> Response:
    """DELETE /jobs/query/<job>."""
    return jobs.delete(jobs.find(QueryJob, call.path["job"]))


def results(jobs: BulkJobs, call: Call) -> Response:
    """GET /jobs/query/<job>/results?locator=&maxRecords=: CSV, compressed for whoever understands it."""
    job = jobs.find(QueryJob, call.path["job"])
    if job.state != JOB_COMPLETE or job.results is None:
        raise wrong_state(f"Results are available once the job is complete; its state is {job.state}")
    start, count = _place(call, len(job.results)), _most(call, jobs.rules.result_rows)
    stop = min(start + count, len(job.results))
    headers = {
        "Sforce-Locator": "null" if stop >= len(job.results) else _locator(stop),
        "Sforce-NumberOfRecords": str(stop - start),
    }
    content = job.results.page(start, stop)
    if "gzip" in call.headers.get("accept-encoding", ""):
        content, headers = gzip.compress(content, 1), headers | {"Content-Encoding": "gzip"}
    return Response(content, headers=headers, media_type="text/csv")


def _locator(row: int) -> str:
    return b64encode(str(row).encode()).decode().rstrip("=")


def _place(call: Call, rows: int) -> int:
    """The row where a locator points; locators stay valid while the job is kept."""
    given = call.params.get("locator")
    if not given:
        return 0
    try:
        row = int(b64decode(given + "=" * (-len(given) % 4), validate=True))
    except ValueError as error:
        raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator") from error
    if not 0 <= row < rows:
        raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return row


def _most(call: Call, usual: int) -> int:
    given = call.params.get("maxRecords")
    if given is None:
        return usual
    if not given.isdecimal() or int(given) < 1:
        raise SalesforceError(400, "INVALID_INPUT", "maxRecords must be a positive number")
    return int(given)


def _compiled(call: Call, soql: str, *, include_deleted: bool) -> tuple[Plan, bool]:
    """The plan, and whether the vendor would divide it by keys: ORDER BY and LIMIT prevent that.

    Refusals: `API_ERROR` for compound fields is what orgs answer, `INVALIDENTITY` for objects too; for the other
    clauses the manual only says that they are not supported.
    """
    query = parse(soql)
    _refuse_clauses(query)
    plan = call.queries.plan(Ask(soql, call.base, include_deleted=include_deleted))
    if plan.aggregate is not None:
        raise _unsupported("Aggregate functions and GROUP BY are not supported in Bulk Query")
    if plan.table.name in NOT_IN_BULK:
        message = f"Entity '{plan.table.name}' is not supported by the Bulk API."
        raise SalesforceError(400, "INVALIDENTITY", message)
    if any(leaf.convert is _COMPOUND for _, leaf in leaves_of(plan.node, ())):
        raise SalesforceError(400, "API_ERROR", "Selecting compound data not supported in Bulk Query")
    return plan, not query.order_by and query.limit is None


def _refuse_clauses(query: tree.Query) -> None:
    if any(isinstance(item, tree.ChildQuery) for item in query.select):
        raise _unsupported("Aggregate Relationships not supported in Bulk V2 Query with CSV content type")
    if any(isinstance(item, tree.TypeOf) for item in query.select):
        raise _unsupported("TYPEOF is not supported in Bulk Query")
    if query.offset is not None:
        raise _unsupported("OFFSET is not supported in Bulk Query")


def _unsupported(message: str) -> SalesforceError:
    return SalesforceError(400, "FEATURENOTENABLED", message)
