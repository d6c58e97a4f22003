"""Reads the places that settings may come from, one after the other, and remembers which is which.

Called by `load_settings` only. Knows the names of keys, not their meaning.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic_settings import BaseSettings, DotEnvSettingsSource

from connector.model.errors import ConfigurationError
from connector.settings.sections import SETTINGS_FILE

PREFIX = "okoshi_"
DELIMITER = "__"
SECRETS_DIR_VARIABLE = "OKOSHI_SECRETS_DIR"
CONTAINER_SECRETS_DIR = Path("/run/secrets")
PATH_KEYS = frozenset({"ca_bundle", "private_key_file"})

WRONG = "setting_wrong"

T = TypeVar("T")
BLANK = ("", "~", "null")

Values = dict[str, Any]
KeyPath = tuple[str | int, ...]
Position = tuple[int, int]
"""Line and column, counted from 1."""


@dataclass(frozen=True)
class Place:
    """One place, what a person would call it, what it says and, for a file of ours, where in it."""

    name: str
    values: Values = field(default_factory=dict)
    positions: Mapping[KeyPath, Position] = field(default_factory=dict)

    def says(self, path: Iterable[str | int]) -> bool:
        """Whether this place holds a value at the path, or one that should have been a section on the way."""
        found: Any = self.values
        for step in path:
            if not isinstance(found, dict):
                return True
            if step not in found:
                return False
            found = found[step]
        return True

    def where(self, path: KeyPath) -> str:
        """What a person would call the place of this value: the file's line where there is one."""
        known = next((path[:length] for length in range(len(path), 0, -1) if path[:length] in self.positions), None)
        return ":".join(map(str, (self.name, *self.positions[known]))) if known else self.name

    def paths(self) -> Iterator[KeyPath]:
        """The path of every value here."""
        waiting: list[tuple[KeyPath, Any]] = [((), self.values)]
        while waiting:
            path, value = waiting.pop()
            yield path
            parts = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
            waiting += [((*path, step), part) for step, part in parts]


def nested(pairs: Mapping[str, str | None], sections: frozenset[str], *, prefix_needed: bool = True) -> Values:
    """`{"OKOSHI_HUBSPOT__ACCESS_TOKEN": "x"}` as `{"hubspot": {"access_token": "x"}}`; blank counts as not set."""
    values: Values = {}
    for name, text in pairs.items():
        lowered = name.lower()
        has_prefix = lowered.startswith(PREFIX)
        path = lowered.removeprefix(PREFIX).split(DELIMITER)
        is_ours = has_prefix or (not prefix_needed and len(path) > 1 and path[0] in sections)
        if not is_ours or not text or not all(path) or (len(path) == 1 and path[0] not in sections):
            continue
        target = values
        for step in path[:-1]:
            target = target.setdefault(step, {})
        target[path[-1]] = _decoded(text)
    return values


def _decoded(text: str) -> Any:
    """Lists and mappings are written as JSON in the environment; anything else is text."""
    if text[0] not in "[{":
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def environment(sections: frozenset[str]) -> Place:
    """The process environment."""
    return Place("environment variables OKOSHI_<SECTION>__<KEY>", nested(os.environ, sections))


def env_file(path: Path | None, sections: frozenset[str]) -> Place:
    """The file given by `--env-file`."""
    if path is None:
        return Place("--env-file (not given)")
    if not path.is_file():
        raise ConfigurationError(
            f"The env file {path} does not exist. Correct --env-file, or leave it out.", code=WRONG
        )
    source = _reading(path, lambda: DotEnvSettingsSource(BaseSettings, env_file=path, env_file_encoding="utf-8"))
    return Place(f"env file {path}", nested(source.env_vars, sections))


def secrets(sections: frozenset[str]) -> Place:
    """A directory with one file a secret, as container platforms mount it: `hubspot__access_token`, prefixed or not."""
    configured = os.environ.get(SECRETS_DIR_VARIABLE)
    directory = Path(configured) if configured else CONTAINER_SECRETS_DIR
    if not directory.is_dir():
        if configured:
            raise ConfigurationError(
                f"{SECRETS_DIR_VARIABLE} names {directory}, which is no directory. Correct it.", code=WRONG
            )
        return Place(f"secrets directory {directory} (not there; {SECRETS_DIR_VARIABLE} names another)")
    names = {path.name: "x" for path in _reading(directory, lambda: sorted(directory.iterdir())) if path.is_file()}
    ours = [name for name in names if nested({name: "x"}, sections, prefix_needed=False)]
    texts = {name: _text(directory / name).strip() for name in ours}
    return Place(f"secrets directory {directory}", nested(texts, sections, prefix_needed=False))


def settings_file(project_dir: Path) -> Place:
    """`okoshi.yaml` in the project directory; relative paths in it are relative to that directory."""
    path = project_dir / SETTINGS_FILE
    if not path.is_file():
        return Place(f"{path} (not there)")
    try:
        loader = yaml.BaseLoader(_text(path))  # texts only: an id may be 0123
        node = loader.get_single_node()
        content = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = error.problem or "this is not YAML"
        raise ConfigurationError(
            f"{path}:{line}:{column}: {problem}. Check indentation, colons and quotes there.", code=WRONG
        ) from None
    except yaml.YAMLError:
        raise ConfigurationError(
            f"{path}:1:1: holds characters that YAML forbids. Save it as plain text.", code=WRONG
        ) from None
    if content is None:
        return Place(str(path))
    if not isinstance(content, dict):
        raise ConfigurationError(
            f"{path}:1:1: must hold sections such as `salesforce:`, each with its keys indented below.", code=WRONG
        )
    given = {str(key): _section(value, project_dir) for key, value in content.items() if value not in BLANK}
    return Place(str(path), given, dict(_positions(node, path)))


def _positions(node: yaml.Node | None, file: Path, above: KeyPath = ()) -> Iterator[tuple[KeyPath, Position]]:
    """(path, position) of each section and of each key in it. No key may be there twice: one of them would be lost."""
    seen: set[str] = set()
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        line, column = key.start_mark.line + 1, key.start_mark.column + 1
        name = str(key.value)
        if name in seen:
            raise ConfigurationError(
                f"{file}:{line}:{column}: `{name}` is there twice. Keep one of the two.", code=WRONG
            )
        seen.add(name)
        yield (*above, name), (line, column)
        if not above:
            yield from _positions(value, file, (name,))


def _section(value: Any, project_dir: Path) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        str(key): str(project_dir / item) if key in PATH_KEYS and isinstance(item, str) else item
        for key, item in value.items()
        if item not in BLANK
    }


def _text(path: Path) -> str:
    return _reading(path, lambda: path.read_text(encoding="utf-8"))


def _reading(path: Path, read: Callable[[], T]) -> T:
    """What `read` answers; says what to do where the file cannot be read."""
    try:
        return read()
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read ({error.strerror}). Give this user the right to read it.", code=WRONG
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8 text. Save it as UTF-8.", code=WRONG) from None
