"""The syntax tree of a SOQL query: plain values, made by the parser and read by the compiler.

Positions are offsets in the query's text, for messages that point at the fault as the vendor's do.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Path:
    """A field, perhaps through parents: `Account.Owner.Name`."""

    names: tuple[str, ...]
    position: int

    @property
    def text(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True)
class Call:
    """A function of a field: COUNT(Id), MAX(CloseDate), CALENDAR_YEAR(CreatedDate), FIELDS(ALL), COUNT()."""

    name: str
    argument: "Path | Call | None"
    position: int


Operand = Path | Call


@dataclass(frozen=True)
class Literal:
    """A value; `kind` is string, number, boolean, null, date, datetime or range (TODAY, LAST_N_DAYS:5)."""

    kind: str
    text: str
    position: int


@dataclass(frozen=True)
class Comparison:
    operand: Operand
    operator: str
    value: Literal


@dataclass(frozen=True)
class Membership:
    operand: Operand
    negated: bool
    values: "tuple[Literal, ...] | Query"


@dataclass(frozen=True)
class Conjunction:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Disjunction:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Negation:
    part: "Condition"


Condition = Comparison | Membership | Conjunction | Disjunction | Negation


@dataclass(frozen=True)
class Selected:
    """A field or function of the SELECT list with its alias."""

    operand: Operand
    alias: str | None = None


@dataclass(frozen=True)
class ChildQuery:
    query: "Query"


@dataclass(frozen=True)
class TypeOf:
    """TYPEOF What WHEN Account THEN Phone ELSE Name END."""

    relationship: Path
    branches: tuple[tuple[str, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]


Item = Selected | ChildQuery | TypeOf


@dataclass(frozen=True)
class Ordering:
    operand: Operand
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    select: tuple[Item, ...]
    source: Path
    alias: str | None = None
    where: Condition | None = None
    group_by: tuple[Operand, ...] = ()
    having: Condition | None = None
    order_by: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None
    all_rows: bool = False
