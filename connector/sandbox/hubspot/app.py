"""The portal as an ASGI application: routes of both path families, sign-in, rate limits, the vendor's errors.

`server` runs it over TLS; what an endpoint answers is decided in the handlers, not here.
"""

import hmac
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connector.sandbox.hubspot import errors, search
from connector.sandbox.hubspot.changes import publish
from connector.sandbox.hubspot.ratelimit import RateLimits
from connector.sandbox.hubspot.routes import served
from connector.sandbox.hubspot.scopes import refuse_withdrawn
from connector.sandbox.hubspot.wire import Answer, Call, Handler, Portal
from connector.sandbox.world import World

_NO_ROUTE = (
    '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n'
    "<title>Error 404 Not Found</title>\n</head>\n<body><h2>HTTP ERROR 404</h2>\n<p>Not Found</p>\n</body>\n</html>\n"
)


def create_app(world: World, portal: Portal) -> Starlette:
    limits = RateLimits(portal)
    routes = [
        Route(path, _endpoint(world, portal, limits, handler), methods=[method]) for method, path, handler in served()
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(_TrailingSlash)],
        exception_handlers={404: _no_route, 405: _no_method},
    )
    app.router.redirect_slashes = False
    app.state.limits = limits
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
            refuse_withdrawn(world, request.method, request.url.path)
            counted = limits.search if handler is search.search else limits.request
            headers = counted(world.clock.now())
            call = Call(
                world=world,
                portal=portal,
                path=request.url.path,
                params=request.path_params,
                query=request.query_params.multi_items(),
                body=await request.body(),
                used_today=limits.used_today,
            )
            answer = await run_in_threadpool(_handled, handler, call, writes=request.method != "GET")
        except errors.VendorError as refusal:
            return _response(refusal.body, refusal.status, {**headers, **refusal.headers})
        return _response(answer.body, answer.status, headers)

    return endpoint


def _handled(handler: Handler, call: Call, *, writes: bool) -> Answer:
    """The answer; whoever listens is told what changed before the client is."""
    answer = handler(call)
    if writes:
        publish(call.world)
    return answer


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
