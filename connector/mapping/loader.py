"""Reads the preset and the project's own `mappings/` laid over it, key by key, and validates both together.

Called once by the command. Knows the files' names; what is in them is the schema's matter.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connector.mapping.check import astray, misnamed, mistakes
from connector.mapping.positions import (
    WRONG,
    Document,
    Position,
    Positions,
    YamlPath,
    did_you_mean,
    explain,
    read_file,
)
from connector.mapping.schema import Mappings
from connector.model.errors import ConfigurationError

FOLDER = "mappings"
WITH_ONE_FILE_EACH = ("programs", "texts", "files")
ONLY_REPORTED = frozenset({"report", "quality"})
ORIGINS = frozenset({"field", "fields", "association"})
PROPERTY_PATH = ("objects", "Contact", "fields", "name")


@cache
def preset_folder() -> Path:
    """The preset that comes with Okoshi: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "presets", package.parents[1] / FOLDER):
        if folder.is_dir():
            return folder
    raise ConfigurationError("The preset mappings are missing from this installation; install Okoshi again.")


def load_mappings(project_dir: Path | None = None) -> Mappings:
    """The preset with the project's own files over it, key by key.

    Lists, single values and a property's source are replaced whole; `null` removes what the preset says. Raises
    ConfigurationError with one line a mistake: "file:line:column: what is wrong; remedy".
    """
    content: dict[str, Any] = {}
    by_path: dict[YamlPath, Position] = {}
    for folder, called in _folders(project_dir):
        for document_path, document in _documents(folder, called):
            content = _overlaid(content, _placed(document_path, document.content))
            by_path |= {(*document_path, *path): position for path, position in document.positions.items()}
    positions = Positions(by_path)
    content["texts"] = {language: dict(_flat(texts)) for language, texts in content.get("texts", {}).items()}
    content["version"] = _version(content)
    try:
        mappings = Mappings.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError(explain(error, positions), code=WRONG) from None
    _check(mappings, positions)
    return mappings.located(positions)


def _folders(project_dir: Path | None) -> Iterator[tuple[Path, str]]:
    preset = preset_folder()
    yield preset, f"preset {FOLDER}"
    own = project_dir / FOLDER if project_dir else preset
    if own.is_dir() and own.resolve() != preset.resolve():
        yield own, FOLDER


def _documents(folder: Path, called: str) -> Iterator[tuple[YamlPath, Document]]:
    """Every file of one folder with its place in the whole, in a stable order."""
    known = set(Mappings.model_fields) - {"version", *WITH_ONE_FILE_EACH}
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        name = f"{called}/{path.name}"
        if path.stem not in known:
            raise ConfigurationError(
                f"{name}:1:1: no mapping file has this name; {did_you_mean(path.stem, sorted(known))}",
                code=WRONG,
            )
        yield (path.stem,), read_file(path, name)
    for part in WITH_ONE_FILE_EACH:
        for path in sorted([*(folder / part).glob("*.yaml"), *(folder / part).glob("*.yml")]):
            yield (part, path.stem), read_file(path, f"{called}/{part}/{path.name}")


def _placed(path: YamlPath, content: dict[str, Any]) -> dict[str, Any]:
    """One file's content in the whole. A program's own texts, by language, join the others under its name."""
    texts = content.get("texts") if path[0] == "programs" else None
    if not isinstance(texts, dict):
        return _at(path, content)
    settings = {key: value for key, value in content.items() if key != "texts"}
    by_language = {language: {str(path[1]): own} for language, own in texts.items()}
    return _at(path, settings) | {"texts": by_language}


def _at(path: YamlPath, content: dict[str, Any]) -> dict[str, Any]:
    for step in reversed(path):
        content = {str(step): content}
    return content


def _overlaid(below: Mapping[str, Any], above: Mapping[str, Any], path: tuple[str, ...] = ()) -> dict[str, Any]:
    """`above` over `below`, mapping by mapping."""
    merged = dict(below)
    for key, value in above.items():
        here = (*path, key)
        base = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            keep = isinstance(base, dict) and not _is_whole_source(here, value)
            merged[key] = _overlaid(base if keep and base else {}, value, here)
        else:
            merged[key] = value
    return merged


def _is_whole_source(path: tuple[str, ...], value: Mapping[str, Any]) -> bool:
    """Whether this says anew where a property comes from, so that nothing of the preset's source may remain in it."""
    below = path[2:] if path[0] == "files" else path[1:]
    is_property = len(below) == len(PROPERTY_PATH) and below[0] == "objects" and below[2] == "fields"
    return is_property and not ORIGINS.isdisjoint(value)


def _flat(texts: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Texts by dotted key, however deep they were written."""
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _version(content: Mapping[str, Any]) -> str:
    """Hash of the values alone: a comment or another order of keys changes nothing. Reports decide about no case."""
    judged_by = {name: part for name, part in content.items() if name not in ONLY_REPORTED}
    canonical = json.dumps(judged_by, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _check(mappings: Mappings, positions: Positions) -> None:
    found = [f"{positions.find(('files', name))}: {message}" for name, message in misnamed(mappings)]
    for system, mapping in mappings.systems.items():
        above = ("files", system) if system in mappings.files else (system,)
        for name, object_ in mapping.objects.items():
            for path, message in (*mistakes(object_), *astray(mappings, system, object_)):
                found.append(f"{positions.find((*above, 'objects', name, *path))}: {message}")
    if found:
        raise ConfigurationError("\n".join(found), code=WRONG)
