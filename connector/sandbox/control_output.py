"""Long answers of the control URL: arrays, objects of lists and JSON Lines, written out as they are made.

Used by `control`; it must not know what is told.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from starlette.responses import Response, StreamingResponse

PIECE = 64_000


def document(members: Mapping[str, Any]) -> Iterator[str]:
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


def array(rows: Iterator[dict[str, Any]]) -> Response:
    return stream(_items(rows), "application/json")


def lines(rows: Iterator[dict[str, Any]]) -> Response:
    return stream((f"{_text(row)}\n" for row in rows), "application/x-ndjson")


def stream(pieces: Iterator[str], media_type: str) -> Response:
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
