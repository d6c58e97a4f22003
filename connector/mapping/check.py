"""What a shape alone cannot tell: whether a property exists, mapped values fit it, and a reference says where it leads.

Called by the loader with one object's mapping at a time. Pure; knows the model's records.
"""

import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from connector.mapping.objects import SYSTEM_NAME, FieldSource, FileObjectMapping, ObjectMapping
from connector.mapping.positions import YamlPath, did_you_mean
from connector.mapping.schema import Mappings
from connector.model.records import RECORD_TYPES, Ref
from connector.settings.mistakes import items, told

NEEDED_BY_EVERY_RECORD = ("modified_at",)
SET_BY_THE_SOURCE = frozenset({"ref"})

Mistake = tuple[YamlPath, str]


def mistakes(mapping: ObjectMapping) -> Iterator[Mistake]:
    """(path below the object, what is wrong and the remedy) of every mistake."""
    properties = _properties(mapping)
    given = {*mapping.fields, *mapping.constants}
    if isinstance(mapping, FileObjectMapping):
        yield from _file_mistakes(mapping)
    else:
        for name in NEEDED_BY_EVERY_RECORD:
            if name not in given:
                yield ("fields",), f"`{name}` is needed; add e.g. `{name}: SystemModstamp`"
    for name, annotation in properties.items():
        for index, source in enumerate(mapping.fields.get(name, ())):
            for path, message in _source_mistakes(name, annotation, source):
                yield ("fields", name, index, *path), message
        if name in mapping.constants and (wrong := _wrong(name, annotation, mapping.constants[name])):
            yield ("constants", name), wrong
    yield from _unknown_names(mapping, [*properties])


def _file_mistakes(mapping: FileObjectMapping) -> Iterator[Mistake]:
    """What holds for files only: they know no associations, and one key says when a record was modified."""
    if "modified_at" in (*mapping.fields, *mapping.constants):
        part = "fields" if "modified_at" in mapping.fields else "constants"
        yield (part, "modified_at"), "say `modified: <column>` beside `path` instead"
    for name, source in mapping.sources():
        if source.association:
            yield ("fields", name), "a file has no associations; give `field`, a column that holds ids (several: `;`)"
    if mapping.written == "parquet" and mapping.path.lower().endswith(".gz"):
        yield ("path",), "Parquet is compressed in itself; give the file without .gz"


def misnamed(mappings: Mappings) -> Iterator[tuple[str, str]]:
    """(system of files, what is wrong with its name)."""
    for name, mapping in mappings.files.items():
        if name in ("salesforce", "hubspot"):
            yield name, f"{name} is read by its own interface; give the system of these files another name"
        elif not re.fullmatch(SYSTEM_NAME, name):
            yield name, "the file's name becomes the system's; write it with letters, digits, `_` and `-`"
        yield from (
            (name, f"`{object_}`: no object's name may hold `:`") for object_ in mapping.objects if ":" in object_
        )


def astray(mappings: Mappings, system: str, mapping: ObjectMapping) -> Iterator[Mistake]:
    """References of one object of `system` to a system that is not there, or to an object that no file feeds."""
    for name, sources in mapping.fields.items():
        for index, source in enumerate(sources):
            target = source.system or system
            if target not in mappings.systems:
                known = [*mappings.systems]
                yield ("fields", name, index, "system"), f"there is no system {target}; {did_you_mean(target, known)}"
            elif source.object and target in mappings.files and source.object not in mappings.files[target].objects:
                hint = did_you_mean(source.object, [*mappings.files[target].objects])
                yield ("fields", name, index, "object"), f"{target} has no object {source.object}; {hint}"


def _unknown_names(mapping: ObjectMapping, properties: list[str]) -> Iterator[Mistake]:
    for part, names in (("fields", mapping.fields), ("constants", mapping.constants)):
        for name in names:
            if name not in properties:
                yield (part, name), f"a record of kind {mapping.kind} has no `{name}`; {did_you_mean(name, properties)}"
    for index, name in enumerate(mapping.required):
        if name not in mapping.vendor_fields:
            yield ("required", index), f"`{name}` is required but no property is read from it; map it or remove it here"
    for index, name in enumerate(mapping.essential):
        if name not in mapping.fields:
            yield ("essential", index), f"`{name}` is essential but is read from nothing; map it or remove it here"


def _properties(mapping: ObjectMapping) -> dict[str, Any]:
    fields = RECORD_TYPES[mapping.kind].model_fields
    return {name: info.annotation for name, info in fields.items() if name not in SET_BY_THE_SOURCE}


def _source_mistakes(name: str, annotation: Any, source: FieldSource) -> Iterator[Mistake]:
    if _is_reference(annotation):
        if not source.object:
            yield (
                (),
                f"`{name}` leads to another record; say which: {{field: …, object: <the vendor's name of the object>}}",
            )
        return
    if source.object:
        yield (), f"`{name}` holds no reference; remove `object`"
    for key, value in source.values.items():
        if wrong := _wrong(name, annotation, value):
            yield ("values", key), wrong
    if source.default is not None and (wrong := _wrong(name, annotation, source.default)):
        yield ("default",), wrong


def _is_reference(annotation: Any) -> bool:
    return annotation is Ref or any(_is_reference(part) for part in get_args(annotation))


def _wrong(name: str, annotation: Any, value: Any) -> str | None:
    """What is wrong with a value that a property is given, and what would be right; `None` if it fits."""
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError as error:
        choices = _choices(annotation)
        if choices:
            return f"this value does not fit `{name}`; write one of {', '.join(choices)}"
        return f"`{name}`: {told(items(error))}"
    return None


def _choices(annotation: Any) -> list[str]:
    members = getattr(annotation, "__members__", None)
    if members is not None:
        return [str(member.value) for member in members.values()]
    found: list[str] = []
    for part in get_args(annotation):
        found += [part] if isinstance(part, str) else _choices(part)
    return found
