"""Reads YAML and remembers where each value stands, so that an error can name file, line and column.

Used by the loader and by `Mappings.program`. Knows nothing of what the values mean.
"""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from connector.model.errors import ConfigurationError
from connector.settings import mistakes

if TYPE_CHECKING or not yaml.__with_libyaml__:
    from yaml import SafeLoader as _Fastest
else:
    from yaml import CSafeLoader as _Fastest  # libyaml: ten times as fast, and in every wheel of PyYAML

WRONG = "mapping_wrong"
YamlPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Position:
    """A place in a file, counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Positions:
    """Where each value stands, by its path through all mapping files."""

    by_path: dict[YamlPath, Position] = field(default_factory=dict)

    @cached_property
    def _prefixes(self) -> frozenset[YamlPath]:
        return frozenset(path[:length] for path in self.by_path for length in range(len(path) + 1))

    def written(self) -> Iterator[YamlPath]:
        """The path of every value, that of a text also with its dotted key, as the schema sees it."""
        for path in self.by_path:
            yield path
            if path[:1] == ("texts",):
                yield (*path[:2], ".".join(map(str, path[2:])))

    def find(self, path: Sequence[str | int]) -> str:
        """The position of the value at `path`, or of what is nearest around it; unknown steps are skipped."""
        known: YamlPath = ()
        for step in _steps(path):
            if (*known, step) in self._prefixes:
                known = (*known, step)
        position = self.by_path.get(known)
        return str(position) if position else "mappings/" + "/".join(str(step) for step in path[:2]) + ".yaml"


def _steps(path: Sequence[str | int]) -> Iterator[str | int]:
    """The steps of a path; a dotted one, as texts have, also in its parts."""
    for step in path:
        yield step
        if isinstance(step, str) and "." in step:
            yield from step.split(".")


@dataclass(frozen=True)
class Document:
    """One YAML file's content and the positions of its values, by path from its root."""

    content: dict[str, Any]
    positions: dict[YamlPath, Position]


class _Loader(_Fastest):
    """Reads less into plain words than YAML 1.1: `no` and `on`, dates and `0120` stay the texts that people mean."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|false|False", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+", "-+0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


@lru_cache(maxsize=64)
def read(text: str, file: str) -> Document:
    """A mapping file's content; `file` is how messages call it. ConfigurationError names line, column and remedy.

    A text is taken apart once only: a schedule reads the same files for every cycle, and this is most of the work.
    """
    loader = _Loader(text)
    try:
        _refuse_aliases(text)
        node = loader.get_single_node()
        if node is None:
            return Document({}, {})
        positions = dict(_walk(node, file, ()))
        content = _content(loader, node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1)
        raise ConfigurationError(
            f"{where}: {error.problem or 'not YAML'}; check indentation, colons and quotes there", code=WRONG
        ) from None
    except yaml.YAMLError:
        raise ConfigurationError(
            f"{file}:1:1: holds characters that YAML forbids; save it as plain text", code=WRONG
        ) from None
    finally:
        loader.dispose()
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file}:1:1: must hold keys with values, e.g. `objects:`; see the preset", code=WRONG)
    return Document(content, positions)


def read_file(path: Path, file: str) -> Document:
    """The same for a file on disk."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{file}:1:1: cannot be read ({error.strerror}); give the right to read it", code=WRONG
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file}:1:1: is not UTF-8 text; save it as UTF-8", code=WRONG) from None
    return read(text, file)


def _refuse_aliases(text: str) -> None:
    """They can nest without end, and a message about them could not name one place."""
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.AliasEvent):
            mark: Any = event.start_mark  # either loader's own kind of mark
            raise yaml.constructor.ConstructorError(None, None, "write the value out instead of using an alias", mark)


def _walk(node: yaml.Node, file: str, path: YamlPath) -> Iterator[tuple[YamlPath, Position]]:
    """(path, position) of every value; a value under a key stands where its key does. No key may be there twice."""
    if not path:
        yield path, _position(node, file)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = _key(key)
            if name in seen:
                raise ConfigurationError(
                    f"{_position(key, file)}: `{name}` is there twice; keep one of the two", code=WRONG
                )
            seen.add(name)
            yield (*path, name), _position(key, file)
            yield from _walk(value, file, (*path, name))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*path, index), _position(value, file)
            yield from _walk(value, file, (*path, index))


def _content(loader: _Loader, node: yaml.Node) -> Any:
    """Plain values; keys are always text, just as they are written."""
    if isinstance(node, yaml.MappingNode):
        return {_key(key): _content(loader, value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_content(loader, value) for value in node.value]
    value: Hashable = loader.construct_object(node)
    return value


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(None, None, "a key must be plain text", node.start_mark)
    return str(node.value)


def _position(node: yaml.Node, file: str) -> Position:
    return Position(file, node.start_mark.line + 1, node.start_mark.column + 1)


def explain(error: ValidationError, positions: Positions, path: YamlPath = ()) -> str:
    """One line a mistake: where it stands, what is wrong, and what would be right. Shows no values."""
    lines = []
    written = (known[len(path) :] for known in positions.written() if known[: len(path)] == path)
    for place, found in mistakes.by_value(mistakes.items(error), written):
        name = ".".join(map(str, place or path))
        lines.append(f"{positions.find((*path, *place))}: {name}: {_remedy(found)}")
    return "\n".join(lines)


def _remedy(found: Sequence[mistakes.Item]) -> str:
    kinds = {item["type"] for item in found}
    if "extra_forbidden" in kinds:
        return "there is no such key; remove it or correct its spelling (`okoshi config schema` lists all keys)"
    if "missing" in kinds:
        return "this key is needed; add it"
    return mistakes.told(found)


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """A remedy for a misspelt name."""
    similar = get_close_matches(name, known, n=1)
    return f"did you mean `{similar[0]}`?" if similar else f"known are {', '.join(sorted(known))}"
