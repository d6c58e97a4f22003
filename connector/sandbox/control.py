"""The control URL: what the vendors saw, what they hold, what is true – and ways to move time, break things and act.

Plain HTTP on loopback, for tests and demos. It must not be mistaken for a vendor: nothing here is an API of theirs.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox.acts import ActError, act
from connector.sandbox.conditions import acting
from connector.sandbox.control_input import WrongRequest, duration, moment
from connector.sandbox.control_output import array, document, lines, stream
from connector.sandbox.days import Days
from connector.sandbox.drift.drift import Drift
from connector.sandbox.drift.kinds import KINDS as DRIFTS
from connector.sandbox.faults.armed import Faults
from connector.sandbox.faults.kinds import KINDS, prepared
from connector.sandbox.faults.lasting import Vendors
from connector.sandbox.traffic import VENDORS, RequestLog
from connector.sandbox.webhooks.dispatcher import Dispatcher
from connector.sandbox.world import World

_BOOLEANS = ("bool", "boolean")
_HIDDEN = ("_visible_at", "_truth_id", "_cleared")


@dataclass(frozen=True)
class Control:
    """What the control URL looks at and moves; `on_time` tells the files about a new time."""

    vendors: Vendors
    log: RequestLog
    faults: Faults
    drift: Drift
    webhooks: Dispatcher
    days: Days
    on_time: Callable[[], None]

    @property
    def world(self) -> World:
        return self.vendors.world


def create_control_app(control: Control) -> Starlette:
    return Starlette(
        routes=[Route(path, _endpoint(control, handler), methods=[method]) for method, path, handler in _SERVED],
        exception_handlers={WrongRequest: _refused, ActError: _refused},
    )


@dataclass(frozen=True)
class _Asked:
    """One request with its body already read."""

    query: Mapping[str, str]
    params: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as problem:
            raise WrongRequest("The body must be JSON.") from problem

    def one_or_more(self) -> list[Any]:
        found = self.json()
        return found if isinstance(found, list) else [found]

    def object(self) -> dict[str, Any]:
        found = self.json()
        if not isinstance(found, dict):
            raise WrongRequest("The body must be a JSON object.")
        return found


_Handler = Callable[[Control, _Asked], Response]


def _endpoint(control: Control, handler: _Handler) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        asked = _Asked(request.query_params, request.path_params, await request.body())
        return await run_in_threadpool(handler, control, asked)

    return endpoint


async def _refused(_request: Request, problem: Exception) -> Response:
    return JSONResponse({"error": str(problem)}, status_code=400)


def _index(_control: Control, _asked: _Asked) -> Response:
    methods = ("get", "post", "delete")
    paths = {
        method: [path for served, path, _ in _SERVED if served.lower() == method and path != "/"] for method in methods
    }
    return JSONResponse({**paths, "faults": sorted(KINDS), "drift": sorted(DRIFTS)})


# -- looking -----------------------------------------------------------------------------------------------------------


def _journal(control: Control, asked: _Asked) -> Response:
    since = _since(asked)
    return lines(_shown_entry(control.world, one) for one in control.world.journal() if one["seq"] > since)


def _requests(control: Control, asked: _Asked) -> Response:
    return lines(control.log.entries(_since(asked)))


def _forget_requests(control: Control, _asked: _Asked) -> Response:
    return JSONResponse({"deleted": control.log.clear()})


def _summary(control: Control, _asked: _Asked) -> Response:
    return JSONResponse(control.log.summary())


def _since(asked: _Asked) -> int:
    text = asked.query.get("since", "0")
    if not text.isdigit():
        raise WrongRequest(f"since must be a sequence number, not {text}.")
    return int(text)


def _state(control: Control, asked: _Asked) -> Response:
    """All records of one object, deleted and late ones included."""
    vendor = asked.params["vendor"].lower()
    tables = control.world.tables.get(vendor)
    if tables is None:
        raise WrongRequest(f"Unknown vendor {vendor}: choose from {', '.join(VENDORS)}.")
    known = [*tables, *(["associations"] if vendor == "hubspot" else [])]
    object_ = next((name for name in known if name.lower() == asked.params["object"].lower()), None)
    if object_ is None:
        raise WrongRequest(f"{vendor} has no object {asked.params['object']}: choose from {', '.join(known)}.")
    flags = _flags(control.world, vendor, object_)
    rows = (_shown(flags, row) for row in control.world.rows(vendor, object_))
    return lines(rows) if asked.query.get("format") == "jsonl" else array(rows)


def _flags(world: World, vendor: str, object_: str) -> frozenset[str]:
    """Columns that hold 0 and 1 but mean false and true."""
    table = world.tables[vendor].get(object_)
    return frozenset(one.name for one in table.columns if one.type in _BOOLEANS) if table else frozenset()


def _shown(flags: frozenset[str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: bool(value) if name in flags and value is not None else value
        for name, value in values.items()
        if value is not None or name not in _HIDDEN
    }


def _shown_entry(world: World, entry: dict[str, Any]) -> dict[str, Any]:
    flags = _flags(world, entry["vendor"], entry["object"])
    return {**entry, "before": _shown(flags, entry["before"]), "after": _shown(flags, entry["after"])}


def _truth(control: Control, _asked: _Asked) -> Response:
    """Lists may be made on demand: whatever iterates is written out item by item."""
    return stream(document(control.world.truth), "application/json")


# -- moving ------------------------------------------------------------------------------------------------------------


def _clock(control: Control, _asked: _Asked) -> Response:
    return JSONResponse({"now": control.world.now()})


def _move_clock(control: Control, asked: _Asked) -> Response:
    body = asked.object()
    if set(body) == {"advance"}:
        control.world.clock.advance(duration(str(body["advance"])))
    elif set(body) == {"now"}:
        control.world.clock.set(moment(str(body["now"])))
    else:
        raise WrongRequest('Send {"advance": "P1D"} or {"now": "2026-11-19T09:00:00+09:00"}.')
    control.on_time()
    return _clock(control, asked)


def _add_faults(control: Control, asked: _Asked) -> Response:
    """One fault or a list of them; the order is the order of use."""
    arming = [prepared(control.faults, control.vendors, one) for one in asked.one_or_more()]
    for arm in arming:
        arm()
    return JSONResponse({"added": len(arming)}, status_code=201)


def _faults(control: Control, _asked: _Asked) -> Response:
    return JSONResponse({"faults": control.faults.shown()})


def _clear_faults(control: Control, _asked: _Asked) -> Response:
    return JSONResponse({"deleted": control.faults.clear()})


def _drift(control: Control, _asked: _Asked) -> Response:
    return JSONResponse({"drift": control.drift.shown()})


def _add_drift(control: Control, asked: _Asked) -> Response:
    """One change of the schema or a list of them; of a list that is wrong the part before the fault has happened."""
    wanted = asked.one_or_more()
    for one in wanted:
        control.drift.apply(one)
    return JSONResponse({"added": len(wanted)}, status_code=201)


def _restore_drift(control: Control, _asked: _Asked) -> Response:
    return JSONResponse({"deleted": control.drift.restore()})


def _webhooks(control: Control, _asked: _Asked) -> Response:
    """Targets, and each delivery with its attempts."""
    return JSONResponse(control.webhooks.shown())


def _add_webhooks(control: Control, asked: _Asked) -> Response:
    return JSONResponse({"targets": [control.webhooks.add(one) for one in asked.one_or_more()]}, status_code=201)


def _clear_webhooks(control: Control, _asked: _Asked) -> Response:
    return JSONResponse({"deleted": control.webhooks.clear()})


def _end_sessions(control: Control, _asked: _Asked) -> Response:
    """Every Salesforce session becomes invalid, as an administrator can make it."""
    return JSONResponse({"deleted": control.vendors.org.sessions.invalidate_all()})


def _act(control: Control, asked: _Asked) -> Response:
    with acting():
        ids = act(control.world, asked.object())
    control.on_time()
    return JSONResponse({"ids": ids})


def _simulation(control: Control, _asked: _Asked) -> Response:
    return JSONResponse(control.days.setting())


def _simulate(control: Control, asked: _Asked) -> Response:
    return JSONResponse(control.days.begin(asked.object()), status_code=201)


def _play_day(control: Control, asked: _Asked) -> Response:
    """One day of the company's life; it ends with the next morning."""
    if asked.body and asked.object():
        raise WrongRequest("A day takes nothing: how people work is set by POST /simulation.")
    played = control.days.play()
    control.on_time()
    return JSONResponse(played)


def _figures(control: Control, _asked: _Asked) -> Response:
    return JSONResponse(control.days.figures())


_SERVED: tuple[tuple[str, str, _Handler], ...] = (
    ("GET", "/", _index),
    ("GET", "/journal", _journal),
    ("GET", "/requests", _requests),
    ("DELETE", "/requests", _forget_requests),
    ("GET", "/requests/summary", _summary),
    ("GET", "/state/{vendor}/{object}", _state),
    ("GET", "/truth", _truth),
    ("GET", "/clock", _clock),
    ("POST", "/clock", _move_clock),
    ("GET", "/faults", _faults),
    ("POST", "/faults", _add_faults),
    ("DELETE", "/faults", _clear_faults),
    ("GET", "/drift", _drift),
    ("POST", "/drift", _add_drift),
    ("DELETE", "/drift", _restore_drift),
    ("GET", "/webhooks", _webhooks),
    ("POST", "/webhooks", _add_webhooks),
    ("DELETE", "/webhooks", _clear_webhooks),
    ("DELETE", "/sessions", _end_sessions),
    ("POST", "/act", _act),
    ("GET", "/simulation", _simulation),
    ("POST", "/simulation", _simulate),
    ("GET", "/simulation/figures", _figures),
    ("POST", "/day", _play_day),
)
