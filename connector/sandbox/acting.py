"""One act of a person, with its members read and checked: who, when, on which records.

Used by both vendors' acts; it must not know what an act writes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot.errors import VendorError
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.truth import note, whose
from connector.sandbox.world import World

JAPAN = timezone(timedelta(hours=9))


class ActError(Exception):
    """An act that cannot be done; the text says what is missing or which vendor refused."""


@contextmanager
def vendor_refusal() -> Iterator[None]:
    """A refusal by the vendor's rules is the act's failure."""
    try:
        yield
    except VendorError as problem:
        raise ActError(f"HubSpot refuses: {problem.body.get('message')}") from problem
    except SalesforceError as problem:
        raise ActError(f"Salesforce refuses: {problem}") from problem


@dataclass(frozen=True)
class Act:
    """What was posted, read member by member; remembers which members the act knows."""

    world: World
    vendor: str
    action: str
    given: Mapping[str, Any]
    known: set[str] = field(default_factory=lambda: {"action", "vendor", "actor"})

    def value(self, name: str, default: Any = None) -> Any:
        """One member as it was posted."""
        self.known.add(name)
        found = self.given.get(name)
        return default if found is None else found

    def text(self, name: str, default: str | None = None) -> str | None:
        value = self.value(name)
        return default if value is None else str(value)

    def first(self, *names: str) -> str | None:
        """The first of these members that is there."""
        return next((text for text in [self.text(name) for name in names] if text is not None), None)

    def needed(self, *names: str) -> str:
        """The same where there must be one."""
        found = self.first(*names)
        if found is None:
            raise ActError(f"{self.action} needs {' or '.join(names)}.")
        return found

    def refuse_unknown(self) -> None:
        """To be asked when the act has read all that it knows: a misspelt member would change nothing, unnoticed."""
        unknown = sorted(set(self.given) - self.known)
        if unknown:
            known = ", ".join(sorted(self.known))
            raise ActError(f"{self.action} in {self.vendor} knows no {', '.join(unknown)}: it takes {known}.")

    def values(self) -> dict[str, Any]:
        """Further field values, under the vendor's own names."""
        values = self.value("values") or {}
        if not isinstance(values, dict):
            raise ActError("values must be an object of field names and values.")
        return values

    def moment(self, name: str = "at", default: timedelta = timedelta(0)) -> datetime:
        """A time of the act; without offset it is Japanese time; absent, now plus the default."""
        text = self.text(name)
        if text is None:
            return self.world.clock.now() + default
        try:
            found = datetime.fromisoformat(text)
        except ValueError as problem:
            raise ActError(f"{name} is not a time: {text}; use for example 2026-11-10T14:00:00+09:00.") from problem
        return (found if found.tzinfo else found.replace(tzinfo=JAPAN)).astimezone(UTC)

    def day(self, name: str, default: datetime) -> str:
        """A calendar day in Japan."""
        text = self.text(name)
        if text is None:
            return default.astimezone(JAPAN).date().isoformat()
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as problem:
            raise ActError(f"{name} is not a date: {text}; use for example 2026-11-10.") from problem

    def minutes(self, default: int) -> int:
        value = self.value("minutes", default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ActError(f"minutes must be a whole number, not {value}.")
        return value


def stamp(moment: datetime) -> str:
    return stored_datetime(moment)


def salesforce_user(act: Act) -> str:
    """The acting user's id: given as 15 or 18 characters, user name, e-mail or name."""
    wanted = act.needed("actor")
    sql = (
        'SELECT "Id" FROM "salesforce_User" WHERE "Id" = ? OR substr("Id", 1, 15) = ? OR "Username" = ?'
        ' OR "Email" = ? COLLATE NOCASE OR "Name" = ? ORDER BY "IsActive" DESC, "Id" LIMIT 1'
    )
    found = act.world.select(sql, (wanted,) * 5)
    if not found and (email := _owner_email(act.world, wanted)):
        found = act.world.select(sql, (email,) * 5)
    if not found:
        raise ActError("actor is no Salesforce user: give an id, user name, e-mail or name.")
    return str(found[0]["Id"])


def hubspot_owner(act: Act) -> str | None:
    """The acting owner's id; None when the actor is nobody's colleague (a customer)."""
    wanted = act.needed("actor")
    user = act.world.select('SELECT "Email" FROM "salesforce_User" WHERE "Id" = ? OR "Name" = ?', (wanted, wanted))
    names = [wanted, *(str(row["Email"]) for row in user if row["Email"])]
    for name in names:
        sql = 'SELECT "id" FROM "hubspot_owners" WHERE "id" = ? OR "email" = ? COLLATE NOCASE'
        if found := act.world.select(f'{sql} OR "lastName" || \' \' || "firstName" = ?', (name,) * 3):
            return str(found[0]["id"])
    return None


def _owner_email(world: World, owner_id: str) -> str | None:
    row = world.get("hubspot", "owners", owner_id)
    return str(row["email"]) if row and row["email"] else None


def note_whose(act: Act, object_: str, record_id: str) -> None:
    """`same_as`, the ref of a known record, says whose new record this is; else it is somebody new in the truth."""
    ref = act.text("same_as")
    if ref is None:
        return
    truth_id = whose(act.world, (act.vendor, object_), ref)
    if truth_id is None:
        raise ActError(f"same_as must name a record of the same kind as {object_}, e.g. salesforce:Contact:003….")
    note(act.world, (act.vendor, object_), record_id, truth_id)
