"""What drift changes: the Salesforce objects as they are laid over, HubSpot's properties, the app's scopes.

Used by the kinds of drift; it finds what they name, and says what there is instead. Raises `WrongRequest`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.control_input import Members, WrongRequest
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.properties import Property
from connector.sandbox.hubspot.schema import object_of
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.world import World

Undo = Callable[[], None]
Change = Callable[[SObject], SObject]


@dataclass(frozen=True)
class _Overlay:
    """One change of a Salesforce object (None: it is gone), for the integration user alone or for everybody."""

    object: str
    change: Change | None
    permission: bool


@dataclass
class Schema:
    """Both vendors' schemas of one world, open to change."""

    world: World
    _overlays: list[_Overlay] = field(default_factory=list)

    def lay_over(self, object_: str, change: Change | None, *, permission: bool = False) -> Undo:
        overlay = _Overlay(object_, change, permission)
        self._overlays.append(overlay)
        self._recompute()

        def undo() -> None:
            self._overlays.remove(overlay)
            self._recompute()

        return undo

    def _recompute(self) -> None:
        conditions, known = self.world.conditions, self.world.tables["salesforce"]
        if not self._overlays:
            conditions.shown, conditions.permitted = {}, {}
            return
        everybody = [one for one in self._overlays if not one.permission]
        conditions.shown = {"salesforce": _laid_over(known, everybody)}
        conditions.permitted = {"salesforce": _laid_over(known, self._overlays)}

    def table(self, members: Members) -> SObject:
        name = members.needed("object", "Opportunity")
        known = self.world.tables["salesforce"]
        found = next((one for one in known.values() if one.name.lower() == name.lower()), None)
        if not isinstance(found, SObject):
            raise WrongRequest(f"Salesforce has no object {name}: object is one of {', '.join(known)}.")
        return found

    def field(self, members: Members) -> tuple[SObject, Field]:
        table = self.table(members)
        name = members.needed("field", "Lost_Reason__c")
        found = table.by_name.get(name.lower())
        if found is None:
            names = ", ".join(one.name for one in table.fields)
            raise WrongRequest(f"{table.name} has no field {name}: field is one of {names}.")
        return table, found

    # -- HubSpot ---------------------------------------------------------------------------------------------

    def property(self, members: Members) -> tuple[str, Property]:
        object_ = hubspot_object(members)
        name = members.text("property") or members.needed("field", "jobtitle")
        found = definitions(self.world).find(object_, name.lower())
        if found is None:
            known = ", ".join(one.name for one in definitions(self.world).of(object_))
            raise WrongRequest(f"{object_} has no property {name}: property is one of {known}.")
        return object_, found

    def withdraw(self, withdrawn: frozenset[str]) -> Undo:
        conditions = self.world.conditions
        before = conditions.withdrawn_scopes
        conditions.withdrawn_scopes = before | withdrawn

        def undo() -> None:
            conditions.withdrawn_scopes = before

        return undo


def _laid_over(known: Mapping[str, Any], overlays: list[_Overlay]) -> dict[str, Any]:
    found = dict(known)
    for one in overlays:
        table = found.pop(one.object, None)
        if table is not None and one.change is not None:
            found[one.object] = one.change(table)
    return {name: found[name] for name in known if name in found}


def hubspot_object(members: Members) -> str:
    name = members.needed("object", "contacts")
    found = object_of(name)
    if found is None:
        raise WrongRequest(f"HubSpot has no object {name}: give for example contacts, companies or deals.")
    return found
