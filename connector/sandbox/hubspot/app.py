"""The portal as an ASGI application: routes of both path families, sign-in, rate limits, the vendor's errors.

`server` runs it over TLS; what an endpoint answers is decided in the handlers, not here.
"""

import hmac
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connector.sandbox.hubspot import associations, catalog, errors, legacy, linking, objects, search, writes
from connector.sandbox.hubspot.ratelimit import RateLimits
from connector.sandbox.hubspot.wire import Call, Handler, Portal
from connector.sandbox.world import World

DATED = "2026-03"
_NO_ROUTE = (
    '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n'
    "<title>Error 404 Not Found</title>\n</head>\n<body><h2>HTTP ERROR 404</h2>\n<p>Not Found</p>\n</body>\n</html>\n"
)


def _families() -> Iterator[tuple[str, str, Handler]]:
    """Every served (method, path, handler): `v3/v4` and the dated family, and reading by v1 and v2."""
    for base in ("/crm/v3/objects", f"/crm/objects/{DATED}"):
        yield "POST", f"{base}/{{object}}/search", search.search
        yield "POST", f"{base}/{{object}}/batch/read", objects.batch_read
        yield "POST", f"{base}/{{object}}/batch/create", writes.batch_create
        yield "POST", f"{base}/{{object}}/batch/update", writes.batch_update
        yield "POST", f"{base}/{{object}}/batch/upsert", writes.batch_upsert
        yield "POST", f"{base}/{{object}}/batch/archive", writes.batch_archive
        yield "POST", f"{base}/{{object}}/merge", writes.merge
        yield "POST", f"{base}/{{object}}", writes.create
        yield "PATCH", f"{base}/{{object}}/{{id}}", writes.update
        yield "DELETE", f"{base}/{{object}}/{{id}}", writes.archive
        yield "GET", f"{base}/{{object}}/{{id}}", objects.read_one
        yield "GET", f"{base}/{{object}}", objects.list_page
    for base in ("/crm/v4/objects", f"/crm/objects/{DATED}"):
        yield "GET", f"{base}/{{object}}/{{id}}/associations/{{to}}", associations.of_record
        yield "PUT", f"{base}/{{from}}/{{id}}/associations/default/{{to}}/{{to_id}}", linking.put_default_link
        yield "PUT", f"{base}/{{from}}/{{id}}/associations/{{to}}/{{to_id}}", linking.put_link
    for base in ("/crm/v4/associations", f"/crm/associations/{DATED}"):
        yield "POST", f"{base}/{{from}}/{{to}}/batch/read", associations.batch_read
        yield "POST", f"{base}/{{from}}/{{to}}/batch/create", linking.batch_link
        yield "POST", f"{base}/{{from}}/{{to}}/batch/associate/default", linking.batch_default_link
        yield "GET", f"{base}/{{from}}/{{to}}/labels", associations.labels
    yield "POST", "/crm/v3/associations/{from}/{to}/batch/read", associations.batch_read_v3
    for base in ("/crm/v3/properties", f"/crm/properties/{DATED}"):
        yield "GET", f"{base}/{{object}}", catalog.properties
        yield "POST", f"{base}/{{object}}/batch/read", catalog.properties_batch_read
        yield "GET", f"{base}/{{object}}/groups", catalog.property_groups
        yield "GET", f"{base}/{{object}}/{{name}}", catalog.property_
    for base in ("/crm/v3/owners", f"/crm/owners/{DATED}"):
        yield "GET", base, catalog.owners
        yield "GET", f"{base}/{{id}}", catalog.owner
    for base in ("/crm/v3/pipelines", f"/crm/pipelines/{DATED}"):
        yield "GET", f"{base}/{{object}}", catalog.pipelines
        yield "GET", f"{base}/{{object}}/{{pipeline}}", catalog.pipeline
        yield "GET", f"{base}/{{object}}/{{pipeline}}/stages", catalog.stages
    for path in ("/account-info/v3/details", f"/account-info/{DATED}/details"):
        yield "GET", path, catalog.account
    yield "GET", "/crm/v4/objects/{object}", objects.list_page
    yield "GET", "/companies/v2/properties", legacy.company_properties
    yield "GET", "/companies/v2/companies/paged", legacy.companies_page
    yield "GET", "/companies/v2/companies/{id}", legacy.company
    yield "GET", "/properties/v1/deals/properties", legacy.deal_properties
    yield "GET", "/deals/v1/deal/paged", legacy.deals_page
    yield "GET", "/deals/v1/pipelines", legacy.deal_pipelines
    yield "GET", "/engagements/v1/engagements/modified/after", legacy.engagements_page
    for path in ("/crm/v3/schemas", f"/crm/schemas/{DATED}", "/crm-object-schemas/v3/schemas"):
        yield "GET", path, catalog.schemas


def create_app(world: World, portal: Portal) -> Starlette:
    limits = RateLimits(portal)
    routes = [
        Route(path, _endpoint(world, portal, limits, handler), methods=[method])
        for method, path, handler in _families()
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(_TrailingSlash)],
        exception_handlers={404: _no_route, 405: _no_method},
    )
    app.router.redirect_slashes = False
    return app


class _TrailingSlash:
    """HubSpot's own clients end some paths with a slash; both spellings are one path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(scope["path"]) > 1:
            scope = {**scope, "path": scope["path"].rstrip("/")}
        await self._app(scope, receive, send)


def _endpoint(
    world: World, portal: Portal, limits: RateLimits, handler: Handler
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        headers: dict[str, str] = {}
        try:
            _sign_in(request, portal)
            counted = limits.search if handler is search.search else limits.request
            headers = counted(world.clock.now())
            call = Call(
                world=world,
                portal=portal,
                path=request.url.path,
                params=request.path_params,
                query=request.query_params.multi_items(),
                body=await request.body(),
            )
            answer = await run_in_threadpool(handler, call)
        except errors.VendorError as refusal:
            return _response(refusal.body, refusal.status, {**headers, **refusal.headers})
        return _response(answer.body, answer.status, headers)

    return endpoint


def _sign_in(request: Request, portal: Portal) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), portal.access_token.encode()):
        raise errors.unauthenticated()


def _response(body: Any, status: int, headers: dict[str, str]) -> Response:
    content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    correlation = body.get("correlationId") if isinstance(body, dict) else None
    told = {**headers, "X-HubSpot-Correlation-Id": str(correlation or uuid.uuid4())}
    return Response(content, status, told, media_type="application/json;charset=utf-8" if content else None)


async def _no_route(_request: Request, _problem: Exception) -> Response:
    """The vendor's edge answers unknown paths, before any API sees them."""
    return Response(_NO_ROUTE, 404, media_type="text/html")


async def _no_method(_request: Request, _problem: Exception) -> Response:
    body = errors.error(405, "HTTP 405 Method Not Allowed").body
    return _response(body, 405, {})
