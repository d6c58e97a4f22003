"""The kinds of drift: what each takes, checked, what it changes, and how it is taken back.

Chosen by `drift` by name and vendor. Raises `WrongRequest` for what the schema does not have.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from connector.sandbox.control_input import Members, WrongRequest
from connector.sandbox.drift.schema import Change, Schema, Undo, hubspot_object
from connector.sandbox.hubspot import scopes
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.properties import FIELD_TYPES
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.world import World

SALESFORCE_TYPES: Final = (
    *("boolean", "combobox", "currency", "date", "datetime", "double", "email", "int", "percent", "phone"),
    *("picklist", "reference", "string", "textarea", "url"),
)


def _with_field(name: str, change: Callable[[Field], Field] | None) -> Change:
    """The object with one field changed, or without it."""

    def changed(table: SObject) -> SObject:
        fields = tuple(
            change(one) if one.name == name and change else one for one in table.fields if one.name != name or change
        )
        return replace(table, fields=fields)

    return changed


def _field_removed(schema: Schema, members: Members) -> Undo:
    table, found = schema.field(members)
    members.refuse_unknown()
    return schema.lay_over(table.name, _with_field(found.name, None))


def _field_invisible(schema: Schema, members: Members) -> Undo:
    """The integration user's permission is withdrawn: for it the field is not there, for people it is."""
    table, found = schema.field(members)
    members.refuse_unknown()
    return schema.lay_over(table.name, _with_field(found.name, None), permission=True)


def _field_read_only(schema: Schema, members: Members) -> Undo:
    table, found = schema.field(members)
    members.refuse_unknown()

    def locked(one: Field) -> Field:
        return replace(one, flags=one.flags.replace("c", "").replace("u", ""))

    return schema.lay_over(table.name, _with_field(found.name, locked), permission=True)


def _field_changed(schema: Schema, members: Members) -> Undo:
    table, found = schema.field(members)
    type_ = members.choice("type", SALESFORCE_TYPES)
    length = members.whole("length", None, 1)
    members.refuse_unknown()
    if type_ is None and length is None:
        raise WrongRequest("field_changed needs type or length.")

    def changed(one: Field) -> Field:
        return replace(one, type=type_ or one.type, length=one.length if length is None else length)

    return schema.lay_over(table.name, _with_field(found.name, changed))


def _object_invisible(schema: Schema, members: Members) -> Undo:
    table = schema.table(members)
    members.refuse_unknown()
    return schema.lay_over(table.name, None, permission=True)


def _picklist_renamed(schema: Schema, members: Members) -> Undo:
    """The value is another one from now on, in the definition and in the records that have it."""
    table, found = schema.field(members)
    old, new = _renaming(members, found.picklist)

    def renamed(one: Field) -> Field:
        return replace(one, picklist=tuple(new if value == old else value for value in one.picklist))

    undo = schema.lay_over(table.name, _with_field(found.name, renamed))
    ids = _rename_rows(schema.world, f"salesforce_{table.name}", (found.name, "Id"), (old, new))

    def all_undone() -> None:
        undo()
        _rename_rows(schema.world, f"salesforce_{table.name}", (found.name, "Id"), (new, old), ids)

    return all_undone


def _property_archived(schema: Schema, members: Members) -> Undo:
    object_, found = schema.property(members)
    members.refuse_unknown()
    portal = definitions(schema.world)
    portal.archive(object_, found.name, schema.world.now())
    return lambda: portal.put(object_, found)


def _property_removed(schema: Schema, members: Members) -> Undo:
    object_, found = schema.property(members)
    members.refuse_unknown()
    portal = definitions(schema.world)
    portal.forget(object_, found.name)
    return lambda: portal.put(object_, found)


def _property_changed(schema: Schema, members: Members) -> Undo:
    object_, found = schema.property(members)
    type_ = members.choice("type", FIELD_TYPES)
    members.refuse_unknown()
    if type_ is None:
        raise WrongRequest(f"field_changed needs type, one of {', '.join(FIELD_TYPES)}.")
    portal = definitions(schema.world)
    portal.put(object_, replace(found, type=type_, field_type=FIELD_TYPES[type_]))
    return lambda: portal.put(object_, found)


def _option_renamed(schema: Schema, members: Members) -> Undo:
    object_, found = schema.property(members)
    old, new = _renaming(members, tuple(one.value for one in found.options))
    options = tuple(replace(one, value=new, label=new) if one.value == old else one for one in found.options)
    portal = definitions(schema.world)
    portal.put(object_, replace(found, options=options))
    ids = _rename_rows(schema.world, f"hubspot_{object_}", (found.name, "id"), (old, new))

    def undo() -> None:
        portal.put(object_, found)
        _rename_rows(schema.world, f"hubspot_{object_}", (found.name, "id"), (new, old), ids)

    return undo


def _scope_withdrawn(schema: Schema, members: Members) -> Undo:
    scope = members.choice("scope", scopes.KNOWN)
    members.refuse_unknown()
    if scope is None:
        raise WrongRequest(f"scope_withdrawn needs scope, one of {', '.join(scopes.KNOWN)}.")
    return schema.withdraw(frozenset({scope}))


def _hubspot_object_invisible(schema: Schema, members: Members) -> Undo:
    object_ = hubspot_object(members)
    members.refuse_unknown()
    return schema.withdraw(scopes.scopes_of_object(object_))


def _renaming(members: Members, known: tuple[str, ...]) -> tuple[str, str]:
    old, new = members.needed("from", "提案"), members.needed("to", "提案中")
    members.refuse_unknown()
    if old not in known:
        raise WrongRequest(f"from is one of {', '.join(known) or 'no values: the field has no picklist'}, not {old}.")
    return old, new


def _rename_rows(
    world: World, table: str, columns: tuple[str, str], values: tuple[str, str], ids: list[str] | None = None
) -> list[str]:
    """Replace a value in all records (or in these); no journal entry, as it is the administrator's mass change."""
    (column, key), (old, new) = columns, values
    with world.transaction():
        rows = world.tuples(f'SELECT "{key}" FROM "{table}" WHERE "{column}" = ?', (old,))
        found = [str(row[0]) for row in rows if ids is None or str(row[0]) in ids]
        for one in found:
            world.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE "{key}" = ?', (new, one))
    return found


KINDS: Final[Mapping[str, Mapping[str, Callable[[Schema, Members], Undo]]]] = {
    "field_removed": {"salesforce": _field_removed, "hubspot": _property_removed},
    "field_invisible": {"salesforce": _field_invisible, "hubspot": _property_removed},
    "field_read_only": {"salesforce": _field_read_only},
    "field_changed": {"salesforce": _field_changed, "hubspot": _property_changed},
    "picklist_renamed": {"salesforce": _picklist_renamed, "hubspot": _option_renamed},
    "object_invisible": {"salesforce": _object_invisible, "hubspot": _hubspot_object_invisible},
    "property_archived": {"hubspot": _property_archived},
    "scope_withdrawn": {"hubspot": _scope_withdrawn},
}
