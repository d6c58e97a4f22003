"""Which vendor field or column feeds which property of ours: one object of one system as one kind of record.

Part of the schema of `mappings/`; used by sources. Knows the model's words and no vendor's client.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from connector.model.plan import Frozen
from connector.model.records import Kind
from connector.settings.sections import known_time_zone

Combine = Literal["first", "strictest", "join"]
Format = Literal["csv", "jsonl", "parquet"]

SYSTEM_NAME = r"^[A-Za-z][A-Za-z0-9_-]*$"
"""What a system of files may be called: its name is part of every reference to its records."""


class FieldSource(Frozen):
    """Where one property's value comes from.

    Exactly one of `field` (a vendor field, or a path such as `RecordType.DeveloperName`), `fields` (several, put
    together by `combine`) and `association` (HubSpot's name of the other object type) is given. With `object` the value
    is the id of another record and becomes `Ref(system, object, id)`; a blank gives nothing. With `values` the vendor's
    value, as text (`true`/`false` for booleans), is looked up, and what is not there becomes `default`. Without it the
    vendor's own value is taken. A blank always becomes `default`.
    """

    field: str | None = None
    fields: tuple[str, ...] = ()
    association: str | None = None
    object: str | None = None
    system: str | None = None
    """The system that `object` lives in; `None` is the mapped object's own system."""
    values: dict[str, Any] = Field(default_factory=dict)
    default: Any = None
    """`None` leaves the property at the model's own default."""
    combine: Combine = "first"
    """`first` value that is there, the `strictest` consent, or the texts that are there `join`ed by a space."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = [bool(self.field), bool(self.fields), bool(self.association)]
        if sum(given) != 1:
            raise ValueError("give exactly one of `field`, `fields` and `association`")
        if self.association and not self.object:
            raise ValueError("an association needs `object`, e.g. {association: contacts, object: contacts}")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """All vendor fields that this reads; empty for an association."""
        return (self.field,) if self.field else self.fields


def _as_sources(value: object) -> object:
    """`Name`, `{field: Name}` and a list of either all mean: a list of sources."""
    items = value if isinstance(value, list | tuple) else [value]
    return tuple({"field": item} if isinstance(item, str) else item for item in items)


_SourceInput = str | FieldSource | list[str | FieldSource]
Sources = Annotated[tuple[FieldSource, ...], BeforeValidator(_as_sources, json_schema_input_type=_SourceInput)]
"""Sources of one property: where it holds many references all are taken, else the first that gives a value."""


class ObjectMapping(Frozen):
    """One vendor object as one kind of record.

    `required` fields must be readable; an org may lack any other, and an `optional` object as a whole. A record in
    which an `essential` property has no value is set aside.
    """

    kind: Kind
    fields: dict[str, Sources]
    constants: dict[str, Any] = Field(default_factory=dict)
    required: tuple[str, ...] = ()
    essential: tuple[str, ...] = ()
    optional: bool = False

    def sources(self) -> Iterator[tuple[str, FieldSource]]:
        """(property, source) of every source."""
        for name, sources in self.fields.items():
            for source in sources:
                yield name, source

    @property
    def vendor_fields(self) -> tuple[str, ...]:
        """Every vendor field that is read, each once, in the order of the mapping."""
        return tuple(dict.fromkeys(name for _, source in self.sources() for name in source.names))

    @property
    def associations(self) -> tuple[str, ...]:
        """Every association that is read, each once."""
        return tuple(dict.fromkeys(source.association for _, source in self.sources() if source.association))


class SystemMapping(Frozen):
    """One system's objects, by the vendor's name of the object; their order is the order of reading."""

    objects: dict[str, ObjectMapping] = Field(default_factory=dict)


class Deleted(Frozen):
    """The column that says that a record is gone, and the values that say so; without `values`, true or 1."""

    field: str
    values: tuple[str, ...] = ()


def _as_deleted(value: object) -> object:
    return {"field": value} if isinstance(value, str) else value


class FileObjectMapping(ObjectMapping):
    """Exported files as one kind of record: where they are, how they are written, and which column says what."""

    path: str = Field(min_length=1)
    """A file or a pattern such as `exports/accounts-*.csv`, relative to the project directory or absolute."""
    id: str
    """The column that tells the records apart."""
    format: Format | None = None
    """`None`: as the name ends (.csv, .tsv, .jsonl, .ndjson, .parquet; all but Parquet also with .gz)."""
    modified: str | None = None
    """The column with the time of the last change; `None`, or a blank in it: the file's own time of modification."""
    deleted: Annotated[Deleted, BeforeValidator(_as_deleted, json_schema_input_type=str | Deleted)] | None = None
    encoding: str = "utf-8"
    """`cp932` is what Excel in Japan writes. A byte order mark is accepted."""
    delimiter: str | None = None
    """`None`: a comma, in .tsv a tab."""
    timezone: str | None = None
    """Where times without a zone were written; `None`: the company's."""
    snapshot: bool = False
    """True: the newest matching file is the whole, and a record that is not in it is gone. False: every file adds
    new and changed records, the older one first."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError("is no encoding; write utf-8, cp932 or utf-16") from None
        return value

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        value = "\t" if value in ("tab", "\\t") else value
        if value is not None and (len(value) != 1 or value in '"\r\n'):
            raise ValueError("must be one character, e.g. `;` or `tab`")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return known_time_zone(value) if value else None

    @model_validator(mode="after")
    def _format_is_told(self) -> Self:
        if self.written is None:
            raise ValueError("says no format by its ending; add `format: csv`, `format: jsonl` or `format: parquet`")
        return self

    @property
    def written(self) -> Format | None:
        """The format, as it is said or as the name ends."""
        name = self.path.lower().removesuffix(".gz")
        return self.format or next((format_ for ending, format_ in _ENDINGS.items() if name.endswith(ending)), None)

    @property
    def separator(self) -> str:
        """What stands between the values of a line."""
        return self.delimiter or ("\t" if self.path.lower().removesuffix(".gz").endswith(".tsv") else ",")


_ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


class FileSystemMapping(Frozen):
    """One system that is read from files: its objects by the name that the project gives them."""

    objects: dict[str, FileObjectMapping] = Field(default_factory=dict)
