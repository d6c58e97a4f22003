"""One query level's object, its SQL alias, and the joins that its parent paths need.

Used by the condition and query compilers. Resolving a path is where unknown fields and relationships are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.soql import tree
from connector.sandbox.salesforce.soql.parser import at

MAX_LEVELS: Final = 5
_CUSTOM_HINT: Final = (
    " If you are attempting to use a custom field, be sure to append the '__c' after the custom field name."
    " Please reference your WSDL or the describe call for the appropriate names."
)
_ADDRESS_PARTS: Final = ("City", "Country", "PostalCode", "State", "Street")
_NAME_TYPE: Final = Field("Type", "string", label="Type", flags="fsg")


@dataclass(frozen=True)
class Environment:
    """What a compilation needs besides the query: the org's objects, the time, the query's text."""

    tables: Mapping[str, SObject]
    now: datetime
    timezone: ZoneInfo
    text: str
    include_deleted: bool = False

    def fault(self, code: str, position: int, message: str) -> SalesforceError:
        return SalesforceError(400, code, at(self.text, position, message))


@dataclass(frozen=True)
class Expression:
    """A resolved field: SQL text, the field's facts, and whether the value can be null."""

    sql: str
    field: Field
    nullable: bool


@dataclass(frozen=True)
class Parent:
    """A joined parent: one alias per possible object, and the foreign key that leads there."""

    key: str
    aliases: tuple[tuple[SObject, str], ...]

    @property
    def polymorphic(self) -> bool:
        return len(self.aliases) > 1


class Source:
    """The FROM part of one query level while it is being compiled."""

    def __init__(self, environment: Environment, table: SObject, alias: str, spoken: str | None) -> None:
        self.environment = environment
        self.table = table
        self.alias = alias
        self._spoken = {spoken.lower()} if spoken else set()
        if table.name.lower() not in table.by_relationship:
            self._spoken.add(table.name.lower())
        self._parents: dict[tuple[str, ...], Parent] = {(): Parent(f'{alias}."Id"', ((table, alias),))}
        self._joins: list[str] = []

    @property
    def from_sql(self) -> str:
        return " ".join([f'"salesforce_{self.table.name}" {self.alias}', *self._joins])

    def local(self, path: tree.Path) -> tuple[str, ...]:
        """The path's names without the query's own alias in front."""
        names = path.names
        return names[1:] if len(names) > 1 and names[0].lower() in self._spoken else names

    def resolve(self, path: tree.Path) -> Expression:
        names = self.local(path)
        if len(names) > MAX_LEVELS + 1:
            message = f"SOQL relationships cannot be more than {MAX_LEVELS} levels deep: {path.text}"
            raise self.environment.fault("MALFORMED_QUERY", path.position, message)
        parent = self.parent(names[:-1], path.position)
        return self._field(parent, names[-1], path.position, through_parent=len(names) > 1)

    def parent(self, names: tuple[str, ...], position: int) -> Parent:
        """The joined parent at the end of the relationship names."""
        key = tuple(name.lower() for name in names)
        if key in self._parents:
            return self._parents[key]
        before = self.parent(names[:-1], position)
        if before.polymorphic:
            raise self._unknown_relationship(names[-1], position)
        table, alias = before.aliases[0]
        field = table.by_relationship.get(key[-1])
        targets = [name for name in field.reference_to if name in self.environment.tables] if field else []
        if field is None or not targets:
            raise self._unknown_relationship(names[-1], position)
        foreign = f'{alias}."{field.name}"'
        joined = [(self.environment.tables[name], self._join(name, foreign)) for name in targets]
        self._parents[key] = Parent(foreign, tuple(joined))
        return self._parents[key]

    def relationship_name(self, names: tuple[str, ...]) -> str:
        """The relationship's own spelling, for the answer."""
        if not names:
            return ""
        table = self._parents[tuple(name.lower() for name in names[:-1])].aliases[0][0]
        return table.by_relationship[names[-1].lower()].relationship or names[-1]

    def _join(self, object_: str, foreign: str) -> str:
        alias = f"{self.alias}_{len(self._joins) + 1}"
        self._joins.append(f'LEFT JOIN "salesforce_{object_}" {alias} ON {alias}."Id" = {foreign}')
        return alias

    def _field(self, parent: Parent, name: str, position: int, *, through_parent: bool) -> Expression:
        if parent.polymorphic:
            return self._name_object_field(parent, name, position)
        table, alias = parent.aliases[0]
        field = table.by_name.get(name.lower())
        if field is None:
            if through_parent and name.lower() == "type":
                return Expression(_type_sql(parent), _NAME_TYPE, nullable=True)
            raise self._unknown_field(name, table.name, position)
        sql = _address_sql(table, alias, field) if field.type == "address" else f'{alias}."{field.name}"'
        return Expression(sql, field, nullable=through_parent or field.has("nillable"))

    def _name_object_field(self, parent: Parent, name: str, position: int) -> Expression:
        """A field of Who, What and the like: those that the vendor's Name object has."""
        if name.lower() == "type":
            return Expression(_type_sql(parent), _NAME_TYPE, nullable=True)
        found = [(table.by_name.get(name.lower()), alias) for table, alias in parent.aliases]
        present = [(field, alias) for field, alias in found if field is not None]
        if not present or present[0][0].custom:
            raise self._unknown_field(name, "Name", position)
        columns = ", ".join(f'{alias}."{field.name}"' for field, alias in present)
        sql = f"COALESCE({columns})" if len(present) > 1 else columns
        return Expression(sql, present[0][0], nullable=True)

    def _unknown_field(self, name: str, entity: str, position: int) -> SalesforceError:
        message = f"No such column '{name}' on entity '{entity}'.{_CUSTOM_HINT}"
        return self.environment.fault("INVALID_FIELD", position, message)

    def _unknown_relationship(self, name: str, position: int) -> SalesforceError:
        message = (
            f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom"
            " relationship, be sure to append the '__r' after the custom relationship name. Please reference your"
            " WSDL or the describe call for the appropriate names."
        )
        return self.environment.fault("INVALID_FIELD", position, message)


def require(source: Source, path: tree.Path, use: str, expression: Expression) -> Expression:
    """Refuse a field that the vendor does not filter, sort or group by."""
    if not expression.field.has(use):
        verb = {"filterable": "filtered", "sortable": "sorted", "groupable": "grouped"}[use]
        message = f"field '{path.names[-1]}' can not be {verb} in a query call"
        raise source.environment.fault("INVALID_FIELD", path.position, message)
    return expression


def _type_sql(parent: Parent) -> str:
    cases = " ".join(f"WHEN {alias}.\"Id\" IS NOT NULL THEN '{table.name}'" for table, alias in parent.aliases)
    return f"CASE {cases} END"


def _address_sql(table: SObject, alias: str, field: Field) -> str:
    stem = field.name.removesuffix("Address")
    parts = [(part, table.by_name[(stem + part).lower()].name) for part in _ADDRESS_PARTS]
    columns = ", ".join(f"'{part[0].lower()}{part[1:]}', {alias}.\"{name}\"" for part, name in parts)
    filled = ", ".join(f'{alias}."{name}"' for _, name in parts)
    return f"CASE WHEN COALESCE({filled}) IS NOT NULL THEN json_object({columns}) END"
