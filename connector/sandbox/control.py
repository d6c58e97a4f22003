"""The control URL: what the vendors saw, what they hold, what is true – and ways to move time, break things and act.

Plain HTTP on loopback, for tests and demos. It must not be mistaken for a vendor: nothing here is an API of theirs.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from connector.sandbox.acts import ActError, act
from connector.sandbox.control_input import WrongRequest, count, duration, fault, moment
from connector.sandbox.traffic import VENDORS, Faults, RequestLog
from connector.sandbox.world import World

PIECE = 64_000
_BOOLEANS = ("bool", "boolean")
_HIDDEN = ("_visible_at", "_truth_id")


@dataclass(frozen=True)
class Control:
    """What the control URL looks at and moves; `on_time` tells the files about a new time.

    `end_sessions` makes every Salesforce session invalid, as an administrator can.
    """

    world: World
    log: RequestLog
    faults: Faults
    on_time: Callable[[], None]
    end_sessions: Callable[[], int]


def create_control_app(control: Control) -> Starlette:
    served = (
        ("GET", "/", _index),
        ("GET", "/journal", _journal),
        ("GET", "/requests", _requests),
        ("DELETE", "/requests", _forget_requests),
        ("GET", "/requests/summary", _summary),
        ("GET", "/state/{vendor}/{object}", _state),
        ("GET", "/truth", _truth),
        ("GET", "/clock", _clock),
        ("POST", "/clock", _move_clock),
        ("POST", "/faults", _add_faults),
        ("DELETE", "/faults", _clear_faults),
        ("DELETE", "/sessions", _end_sessions),
        ("POST", "/act", _act),
    )
    return Starlette(
        routes=[Route(path, _endpoint(control, handler), methods=[method]) for method, path, handler in served],
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
    paths = ["/journal", "/requests", "/requests/summary", "/state/{vendor}/{object}", "/truth", "/clock"]
    return JSONResponse(
        {"get": paths, "post": ["/clock", "/faults", "/act"], "delete": ["/requests", "/faults", "/sessions"]}
    )


# -- looking -----------------------------------------------------------------------------------------------------------


def _journal(control: Control, asked: _Asked) -> Response:
    since = _since(asked)
    return _lines(_shown_entry(control.world, one) for one in control.world.journal() if one["seq"] > since)


def _requests(control: Control, asked: _Asked) -> Response:
    return _lines(control.log.entries(_since(asked)))


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
    return _lines(rows) if asked.query.get("format") == "jsonl" else _array(rows)


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
    return _stream(_document(control.world.truth), "application/json")


def _document(members: Mapping[str, Any]) -> Iterator[str]:
    yield "{"
    for index, (name, value) in enumerate(members.items()):
        yield f"{', ' if index else ''}{_text(name)}: "
        made = value() if callable(value) else value
        if isinstance(made, (str, bytes, Mapping)) or not isinstance(made, Iterable):
            yield _text(made)
        else:
            yield from _items(made)
    yield "}\n"


def _items(values: Iterable[Any]) -> Iterator[str]:
    yield "["
    for index, value in enumerate(values):
        yield f"{',' if index else ''}\n{_text(value)}"
    yield "]"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _array(rows: Iterator[dict[str, Any]]) -> Response:
    return _stream(_items(rows), "application/json")


def _lines(rows: Iterator[dict[str, Any]]) -> Response:
    return _stream((f"{_text(row)}\n" for row in rows), "application/x-ndjson")


def _stream(pieces: Iterator[str], media_type: str) -> Response:
    return StreamingResponse(_gathered(pieces), media_type=media_type)


def _gathered(pieces: Iterator[str]) -> Iterator[str]:
    """Larger pieces: each one sent costs a change of threads."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


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
    body = asked.json()
    wanted = body if isinstance(body, list) else [body]
    parsed = [(fault(one), count(one, "skip", 0) or 0, count(one, "times", 1)) for one in wanted]
    for one, skip, times in parsed:
        control.faults.add(one, skip, times)
    return JSONResponse({"added": len(parsed)}, status_code=201)


def _clear_faults(control: Control, _asked: _Asked) -> Response:
    return JSONResponse({"deleted": control.faults.clear()})


def _end_sessions(control: Control, _asked: _Asked) -> Response:
    return JSONResponse({"deleted": control.end_sessions()})


def _act(control: Control, asked: _Asked) -> Response:
    ids = act(control.world, asked.object())
    control.on_time()
    return JSONResponse({"ids": ids})
