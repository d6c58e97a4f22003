"""The Salesforce org as an ASGI application: routes, sessions, the daily budget, and refusals in the vendor's form.

Made by the sandbox's server. Handlers are plain functions that run in the thread pool.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connector.sandbox.salesforce import (
    actions,
    auth,
    bulk_ingest,
    bulk_query,
    chatter,
    collections,
    composite,
    composite_batch,
    composite_tree,
    describe,
    limits,
    sobjects,
)
from connector.sandbox.salesforce.auth import Sessions
from connector.sandbox.salesforce.bulk_jobs import BulkJobs
from connector.sandbox.salesforce.call import Call, Org, answer
from connector.sandbox.salesforce.errors import SalesforceError, not_found
from connector.sandbox.salesforce.limits import DailyBudget
from connector.sandbox.salesforce.query import QueryService
from connector.sandbox.salesforce.soql.parser import parse
from connector.sandbox.world import World

MAX_URI_AND_HEADERS: Final = 16_384
METHODS: Final = ("HEAD", "GET", "POST", "PUT", "PATCH", "DELETE")
Handler = Callable[[Call], Response]

__all__ = ["Org", "OrgState", "create_app"]


@dataclass(frozen=True)
class OrgState:
    """The running org; `sessions.invalidate_all()` ends every session."""

    world: World
    org: Org
    sessions: Sessions
    budget: DailyBudget
    queries: QueryService
    bulk: BulkJobs


class _WithoutTrailingSlash:
    """The vendor takes every path with or without a slash at its end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(scope["path"]) > 1:
            scope["path"] = scope["path"].rstrip("/") or "/"
        await self._app(scope, receive, send)


def create_app(world: World, org: Org) -> Starlette:
    """The application; `app.state.org` is its `OrgState`."""
    state = OrgState(
        world=world,
        org=replace(org, integration_user_id=org.integration_user_id or _integration_user(world, org)),
        sessions=Sessions(),
        budget=DailyBudget(world.clock, org.daily_limit),
        queries=QueryService(world),
        bulk=BulkJobs(world),
    )
    parse("SELECT Id FROM User")  # builds the grammar now, so that no client waits for it
    app = Starlette(
        routes=_routes(state),
        exception_handlers={HTTPException: _http_refusal},
    )
    app.router.redirect_slashes = False
    app.add_middleware(_WithoutTrailingSlash)
    app.state.org = state
    return app


def _integration_user(world: World, org: Org) -> str:
    sql = (
        'SELECT "Id" FROM "salesforce_User" WHERE "IsActive" = 1'
        ' ORDER BY "Username" = ? DESC, "LastName" = \'Integration\' DESC, "Id" LIMIT 1'
    )
    found = world.tuples(sql, (org.username,))
    return str(found[0][0]) if found else "0055h0000000001AAA"


def _routes(state: OrgState) -> list[Route]:
    data = "/services/data/v{version}"
    table: tuple[tuple[str, Mapping[str, Handler]], ...] = (
        ("", {"GET": describe.resources}),
        ("/limits", {"GET": lambda call: limits.limits(call, state.budget, state.bulk.limits())}),
        ("/limits/recordCount", {"GET": limits.record_count}),
        ("/sobjects", {"GET": describe.describe_global}),
        ("/sobjects/{object}", {"GET": describe.describe_basic, "POST": sobjects.create}),
        ("/sobjects/{object}/describe", {"GET": describe.describe_object}),
        ("/sobjects/{object}/updated", {"GET": sobjects.updated}),
        ("/sobjects/{object}/deleted", {"GET": sobjects.deleted}),
        ("/sobjects/{object}/{id}", dict.fromkeys(("GET", "PATCH", "DELETE"), sobjects.record)),
        (
            "/sobjects/{object}/{field}/{value:path}",
            dict.fromkeys(("GET", "PATCH", "DELETE"), sobjects.by_external_id),
        ),
        (
            "/composite/sobjects",
            {
                "POST": collections.create_many,
                "PATCH": collections.update_many,
                "DELETE": collections.delete_many,
            },
        ),
        ("/composite/sobjects/{object}", dict.fromkeys(("GET", "POST"), collections.retrieve_many)),
        ("/composite/sobjects/{object}/{field}", {"PATCH": collections.upsert_many}),
        ("/query", {"GET": sobjects.query}),
        ("/queryAll", {"GET": sobjects.query_all}),
        ("/query/{locator}", {"GET": sobjects.query_more}),
        ("/queryAll/{locator}", {"GET": sobjects.query_more}),
        *bulk_query.routes(state.bulk),
        *bulk_ingest.routes(state.bulk),
        *chatter.routes(),
        *actions.routes(),
        ("/composite", {"POST": lambda call: composite.composite(call, partial(_perform, routes, call))}),
        ("/composite/batch", {"POST": lambda call: composite_batch.batch(call, partial(_perform, routes, call))}),
        ("/composite/tree/{object}", {"POST": composite_tree.tree}),
    )
    routes: list[DataRoute] = []
    routes.extend(DataRoute(state, data + path, handlers) for path, handlers in table)
    return [*_open_routes(state), *routes]


class DataRoute(Route):
    """One data resource: its handlers by method, each behind the session and the daily budget."""

    def __init__(self, state: OrgState, path: str, handlers: Mapping[str, Handler]) -> None:
        self.handlers = handlers
        super().__init__(path, partial(_data_answer, state, handlers), methods=list(handlers))


async def _data_answer(state: OrgState, handlers: Mapping[str, Handler], request: Request) -> Response:
    body = await request.body()
    return await run_in_threadpool(_guarded, state, handlers, request, body)


def _guarded(state: OrgState, handlers: Mapping[str, Handler], request: Request, body: bytes) -> Response:
    too_long = _too_long(request)
    if too_long:
        return too_long
    try:
        if request.path_params["version"] not in state.org.api_versions:
            raise not_found()
        user_id = state.sessions.user_of(_bearer(request))
        state.budget.spend()
        response = _handled(handlers, _call(state, request, body, user_id))
    except SalesforceError as error:
        response = answer(error.body(), error.status)
    response.headers["Sforce-Limit-Info"] = state.budget.header
    return response


def _handled(handlers: Mapping[str, Handler], call: Call) -> Response:
    """The handler's answer, refusals included."""
    try:
        return handlers["GET" if call.method == "HEAD" else call.method](call)
    except SalesforceError as error:
        return answer(error.body(call.base), error.status)
    except sobjects.SeveralFound as several:
        return answer(several.addresses, 300)


def _call(state: OrgState, request: Request, body: bytes, user_id: str) -> Call:
    method = request.method
    if method == "POST" and request.query_params.get("_HttpMethod"):
        method = request.query_params["_HttpMethod"].upper()
    return Call(
        world=state.world,
        org=state.org,
        queries=state.queries,
        method=method,
        path=request.path_params,
        params=request.query_params,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        user_id=user_id,
        version=request.path_params["version"],
        scope=request.scope,
    )


def _perform(routes: Sequence[DataRoute], call: Call, part: composite.Part) -> Response:
    """One part of a composite request, as if it had come by itself."""
    address = urlsplit(part.url)
    path = unquote(address.path).rstrip("/")
    for route in routes:
        match, found = route.matches({"type": "http", "path": path, "method": part.method, "headers": []})
        if match is Match.FULL and not path.endswith("/composite"):
            inner = replace(
                call,
                method=part.method,
                path=found["path_params"],
                params=dict(parse_qsl(address.query, keep_blank_values=True)),
                headers=part.headers,
                body=part.body,
                scope={},
            )
            return _handled(route.handlers, inner)
    error = not_found()
    return answer(error.body(), error.status)


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in {"bearer", "oauth"} else None


def _too_long(request: Request) -> Response | None:
    """The edge's refusal of long addresses and headers comes as HTML, not JSON."""
    uri = len(request.scope.get("raw_path", b"")) + len(request.scope["query_string"])
    headers = sum(len(name) + len(value) + 4 for name, value in request.scope["headers"])
    if uri + headers <= MAX_URI_AND_HEADERS:
        return None
    status, title = (414, "URI Too Long") if uri > headers else (431, "Request Header Fields Too Large")
    page = f"<html><head><title>{status} {title}</title></head><body><h1>{status} {title}</h1></body></html>"
    return Response(page, status, media_type="text/html")


def _open_routes(state: OrgState) -> list[Route]:
    """Sign-in and what needs no session, or answers in OAuth's own form."""

    async def token(request: Request) -> Response:
        request.scope["okoshi.operation"] = "token"
        given = (await request.body(), request.headers)
        return await run_in_threadpool(auth.token, state.org, state.world, state.sessions, given)

    async def revoke(request: Request) -> Response:
        return auth.revoke(state.sessions, request.query_params, await request.body())

    async def identity(request: Request) -> Response:
        try:
            user_id = state.sessions.user_of(_bearer(request))
        except SalesforceError:
            return Response("Bad_OAuth_Token", 403, media_type="text/html")
        return await run_in_threadpool(auth.identity, state.org, state.world, user_id)

    async def versions(_request: Request) -> Response:
        return describe.versions(state.org)

    async def soap(request: Request) -> Response:
        return auth.soap_login_refused(request.path_params["version"])

    return [
        Route("/services/oauth2/token", token, methods=["POST"]),
        Route("/services/oauth2/revoke", revoke, methods=["GET", "POST"]),
        Route("/services/oauth2/userinfo", identity, methods=["GET", "POST"]),
        Route("/id/{organization}/{user}", identity, methods=["GET", "POST"]),
        Route("/services/data", versions, methods=["GET"]),
        Route("/services/Soap/{kind}/{version:path}", soap, methods=["POST"]),
    ]


async def _http_refusal(request: Request, problem: Exception) -> Response:
    status = problem.status_code if isinstance(problem, HTTPException) else 500
    if status == 405 and isinstance(problem, HTTPException):
        told = (problem.headers or {}).get("Allow", "")
        allowed = ",".join(one for one in METHODS if one in told.split(", "))
        message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
        return answer([{"message": message, "errorCode": "METHOD_NOT_ALLOWED"}], 405)
    error = not_found()
    return answer(error.body(), error.status)
