"""Which exported files there are, which of them are new, and how far one was read: the cursor of a stream of files.

Used by the file source. Looks at names and stamps only, never into a file.
"""

import glob
import json
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Self

Stamp = tuple[int, int, int]
"""Size in bytes, time of modification and of the last change of any kind, in nanoseconds."""

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Found:
    """A file as it was when it was found."""

    path: Path
    name: str
    stamp: Stamp

    def unchanged(self) -> bool:
        """Whether it still is that file."""
        try:
            return _stamp(self.path) == self.stamp
        except OSError:
            return False


def matching(project_dir: Path, pattern: str) -> list[Found]:
    """The files of this name or pattern, the newest last; of those of one time, the one that sorts last."""
    found = []
    for name in glob.glob(pattern, root_dir=project_dir, recursive=True):  # noqa: PTH207 -- takes absolute patterns too
        path = project_dir / name
        if path.is_file():
            found.append(Found(path, name, _stamp(path)))
    return sorted(found, key=lambda file: (file.stamp[1], _natural(file.name)))


def _stamp(path: Path) -> Stamp:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _natural(name: str) -> list[tuple[int, str]]:
    """Orders `export-9` before `export-10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(name)]


@dataclass(frozen=True)
class Position:
    """A cursor: the files that were read, and where the reading of one more stands.

    `fields` is the fingerprint of what was read of each line, `lines` how many lines the last whole snapshot had, and
    `nameless` says that one of them told no id.
    """

    fields: str
    read: Mapping[str, Stamp] = field(default_factory=dict)
    lines: int = 0
    reading: tuple[str, Stamp] | None = None
    line: int = 0
    nameless: bool = False

    @classmethod
    def parse(cls, cursor: str | None, fields: str) -> Self:
        """Where `cursor` stands. If it covers other fields than are read now, only `lines` is known."""
        if cursor is None:
            return cls(fields)
        known = json.loads(cursor)
        if known["fields"] != fields:
            return cls(fields, lines=known["lines"])
        reading = known["reading"]
        return cls(
            fields=fields,
            read={name: _as_stamp(stamp) for name, stamp in known["read"].items()},
            lines=known["lines"],
            reading=(reading[0], _as_stamp(reading[1])) if reading else None,
            line=known["line"],
            nameless=known["nameless"],
        )

    def text(self) -> str:
        """The cursor."""
        return json.dumps(vars(self))

    def has_read(self, file: Found) -> bool:
        """Whether this very file was read to its end."""
        return self.read.get(file.name) == file.stamp

    def lines_read(self, file: Found) -> int:
        """How many lines of this very file were read before the reading was interrupted."""
        return self.line if self.reading == (file.name, file.stamp) else 0


def _as_stamp(numbers: Sequence[int]) -> Stamp:
    size, modified, changed = numbers
    return size, modified, changed


class Ids:
    """The ids of one snapshot, told apart by 64 bits of their hash: 8 to 32 bytes an id, however long it is."""

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * 1024))
        self._count = 0

    def add(self, id_: str) -> bool:
        """Notes an id; says whether it is new."""
        if 2 * self._count >= len(self._slots):
            self._grow()
        return self._put(int.from_bytes(blake2b(id_.encode(), digest_size=8).digest()) or 1)

    def _put(self, number: int) -> bool:
        slots, mask = self._slots, len(self._slots) - 1
        place = number & mask
        while held := slots[place]:
            if held == number:
                return False
            place = (place + 1) & mask
        slots[place] = number
        self._count += 1
        return True

    def _grow(self) -> None:
        old, self._count = self._slots, 0
        self._slots = array("Q", bytes(8 * 2 * len(old)))
        for number in old:
            if number:
                self._put(number)
