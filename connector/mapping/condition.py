"""Conditions that a company writes into its settings in the Common Expression Language, e.g. `deal.amount > 1000000`.

A setting of type `Condition` is checked when settings are read: a mistake names line and column. Programs' practice
asks whether it holds of a case. Knows records by their properties; reads and changes nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Any, NoReturn, get_origin

from cel_expr_python import cel
from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, PlainSerializer

from connector.mapping.positions import WRONG, did_you_mean
from connector.mapping.property_types import type_name
from connector.mapping.writing import blank
from connector.model.case import strictest
from connector.model.errors import ConfigurationError
from connector.model.records import RECORD_TYPES, Consent, Kind, Record

SUBJECTS: Mapping[str, Kind] = {"deal": Kind.OPPORTUNITY, "account": Kind.ACCOUNT, "person": Kind.PERSON}
TODAY = "today"
_NOT_PLAIN = frozenset({"ref", "same_as", "deleted"})
_MISTAKE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.+)")
_UNKNOWN_NAME = re.compile(r"undeclared reference to '([^']+)'")
_HAS = re.compile(r"has\s*\([^()]*\)")
_INTEGERS = range(-(2**63), 2**63)
"""What the language takes for a whole number."""

Plain = str | int | float | bool
Facts = Mapping[str, Mapping[str, Plain]]
"""Properties by subject (`deal`, `account`, `person`); one that is blank is absent."""


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression that says true or false of a case. Raises ValueError for one that makes no sense.

    It sees `deal`, `account` and `person` with their properties, and `today`. Days and `today` are texts such as
    `2026-11-18`, moments texts in ISO 8601 in the company's time zone, so that both compare as they stand;
    `days_between(deal.next_approach_date, today)` counts the days from one to the other.
    """

    source: str

    def __post_init__(self) -> None:
        _compiled(self.source)

    @property
    def looks_at_the_day(self) -> bool:
        """Whether its answer could change by the day alone."""
        return re.search(rf"\b{TODAY}\b", self.source) is not None

    def holds(self, facts: Facts, today: date) -> bool:
        """Whether it is true. One that asks for what is blank or of another kind has no answer and does not hold.

        Raises ConfigurationError for an expression that would never come to its end.
        """
        data = {subject: dict(facts.get(subject, {})) for subject in SUBJECTS} | {TODAY: today.isoformat()}
        try:
            answer = _compiled(self.source).eval(data=data)
        except RuntimeError:
            raise ConfigurationError(
                f"The condition `{self.source}` takes too long: its loops multiply. Write it without one.", code=WRONG
            ) from None
        return answer.type() == cel.Type.BOOL and bool(answer.value())

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> Any:
        told = PlainSerializer(lambda condition: condition.source, return_type=str)
        return handler.generate_schema(Annotated[str, BeforeValidator(_source_of), AfterValidator(cls), told])


def _source_of(value: Any) -> Any:
    return value.source if isinstance(value, Condition) else value


def facts_of(records: Iterable[Record], zone: tzinfo) -> dict[str, Plain]:
    """The plain properties of one company, person or deal out of all its records, the nearest first.

    Of several values the first counts, but a no to calls or mails anywhere is a no, and a yes-or-no is yes if any is.
    """
    values: dict[str, list[Any]] = {}
    for record in records:
        for name in _plain_properties(record.kind):
            if not blank(value := getattr(record, name)):
                values.setdefault(name, []).append(value)
    return {name: _plain(_one(several), zone) for name, several in values.items()}


def _one(several: list[Any]) -> Any:
    if isinstance(several[0], Consent):
        return strictest(several)
    return any(several) if isinstance(several[0], bool) else several[0]


def _plain(value: Any, zone: tzinfo) -> Plain:
    match value:
        case bool() | float():
            return value
        case int():
            return value if value in _INTEGERS else float(value)
        case Decimal():
            whole = value == value.to_integral_value() and int(value) in _INTEGERS
            return int(value) if whole else float(value)
        case datetime():
            return value.astimezone(zone).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
    return str(value)


@cache
def _plain_properties(kind: Kind) -> Mapping[str, str]:
    """What a condition may ask of a record of this kind, with the name of its type."""
    fields = RECORD_TYPES[kind].model_fields.items()
    types = {name: type_name(info.annotation) for name, info in fields if get_origin(info.annotation) is not tuple}
    return {name: kind_ for name, kind_ in types.items() if kind_ != "Ref" and name not in _NOT_PLAIN}


@lru_cache(maxsize=256)
def _compiled(source: str) -> Any:
    """The expression ready to be asked. Raises ValueError with place and remedy.

    The language knows no record with fields of certain kinds. So names and kinds are checked with one variable for each
    property; then `has(…)`, which asks for a key of a map, stands aside as `true`.
    """
    _checked(_environment(typed=False), source)
    kind = _checked(_environment(typed=True), _HAS.sub(_as_true, source)).return_type()
    if kind != cel.Type.BOOL:
        raise ValueError("says neither true nor false; compare something, e.g. `deal.amount > 1000000`")
    return _checked(_maps(), source)


def _checked(environment: Any, source: str) -> Any:
    try:
        return environment.compile(source)
    except RuntimeError as error:
        _refuse(str(error))


def _refuse(error: str) -> NoReturn:
    found = _MISTAKE.search(error)
    if found is None:
        raise ValueError("is no condition; write e.g. `deal.amount > 1000000`")
    line, column, what = found.groups()
    if name := _UNKNOWN_NAME.search(what):
        what = _unknown(name[1])
    elif "null" in what:
        what += "; a blank property is absent: ask e.g. `has(deal.amount)`"
    raise ValueError(f"line {line}, column {column} of the condition: {what}")


def _unknown(name: str) -> str:
    subject, _, rest = name.partition(".")
    if subject not in SUBJECTS:
        return f"there is no `{name}`; {did_you_mean(name, [*SUBJECTS, TODAY, _DAYS_BETWEEN])}"
    known = sorted(_plain_properties(SUBJECTS[subject]))
    return f"`{subject}` has no `{rest}`; {did_you_mean(rest, known)}" if rest else f"write `{subject}.<property>`"


def _as_true(found: re.Match[str]) -> str:
    """`true`, as long as what it stands for, so that places in messages stay right."""
    blanks = "".join("\n" if character == "\n" else " " for character in found[0][len("true") :])
    return f"true{blanks}"


_DAYS_BETWEEN = "days_between"


def _days_between(start: str, end: str) -> int:
    return (date.fromisoformat(end[:10]) - date.fromisoformat(start[:10])).days


def _functions() -> list[Any]:
    texts = [cel.Type.STRING, cel.Type.STRING]
    overload = cel.Overload("days_between_texts", return_type=cel.Type.INT, parameters=texts, impl=_days_between)
    return [cel.FunctionDecl(_DAYS_BETWEEN, [overload])]


@cache
def _maps() -> Any:
    properties = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    variables = {**dict.fromkeys(SUBJECTS, properties), TODAY: cel.Type.STRING}
    return cel.NewEnv(variables=variables, functions=_functions())


@cache
def _environment(*, typed: bool) -> Any:
    variables = {name: kind if typed else cel.Type.DYN for name, kind in _properties()}
    return cel.NewEnv(variables={**variables, TODAY: cel.Type.STRING}, functions=_functions())


def _properties() -> Iterator[tuple[str, Any]]:
    """Every property by its full name; numbers of all kinds compare with each other."""
    kinds = {"bool": cel.Type.BOOL, "int": cel.Type.DYN, "Decimal": cel.Type.DYN}
    for subject, kind in SUBJECTS.items():
        for name, called in _plain_properties(kind).items():
            yield f"{subject}.{name}", kinds.get(called, cel.Type.STRING)
