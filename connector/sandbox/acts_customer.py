"""What a customer does that HubSpot sees: opens a page or a marketing mail, sends a form.

Called by `acts`; whatever the contact then shows is written as the vendor derives it.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from connector.sandbox.acting import Act, ActError, note_whose, stamp
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.events import LIKELY_PERSON, note_visit
from connector.sandbox.hubspot.records import create_record, existing, holders_of_address

_SITE = "https://www.example.co.jp/contact"
_TRACKING = "form"  # the actor of a contact that a form made


def visit_page(act: Act) -> dict[str, str]:
    """A page of the company's site is opened: an event, while the contact knows the last page only.

    `bot_score` is how likely it was a person, below 30 likely none.
    """
    contact = act.text("contact") or act.needed("actor")
    row = existing(act.world, "contacts", contact)
    moment, url = stamp(act.moment()), act.needed("url")
    seen: dict[str, Any] = {"hs_analytics_num_page_views": int(row["hs_analytics_num_page_views"] or 0) + 1}
    if moment >= (row["hs_analytics_last_visit_timestamp"] or ""):
        seen |= {"hs_analytics_last_url": url, "hs_analytics_last_visit_timestamp": moment}
    act.world.update("hubspot", "contacts", contact, seen, act.needed("actor"))
    score = act.value("bot_score", LIKELY_PERSON)
    if isinstance(score, bool) or not isinstance(score, int) or not 0 <= score <= 100:
        raise ActError(f"bot_score must be a whole number from 0 to 100, not {score}.")
    return {"contacts": contact, "events": note_visit(act.world, contact, url, moment, score)}


def open_mail(act: Act) -> dict[str, str]:
    """A marketing mail is opened."""
    return _counted(act, "hs_email_open", "hs_email_last_open_date")


def click_mail(act: Act) -> dict[str, str]:
    """A link of a marketing mail is followed."""
    return _counted(act, "hs_email_click", "hs_email_last_click_date")


def _counted(act: Act, count: str, last: str) -> dict[str, str]:
    contact = act.text("contact") or act.needed("actor")
    row = existing(act.world, "contacts", contact)
    values = {count: int(row[count] or 0) + 1, last: max(stamp(act.moment()), row[last] or "")}
    act.world.update("hubspot", "contacts", contact, values, act.needed("actor"))
    return {"contacts": contact}


def submit_form(act: Act) -> dict[str, str]:
    """A form is sent: an address that nobody has makes a contact, what was filled in is written to the contact."""
    form = _form(act, act.needed("form"))
    moment, filled = stamp(act.moment()), act.values()
    actor = act.text("actor") or _TRACKING
    contact = act.text("contact") or _holder(act, str(filled.get("email") or "")) or None
    if contact is None:
        if not filled.get("email"):
            raise ActError("submit_form needs contact, or values with an email.")
        contact = create_record(act.world, "contacts", {"lifecyclestage": "lead", **filled}, actor)
        note_whose(act, "contacts", contact)
    row = existing(act.world, "contacts", contact)
    known = definitions(act.world)
    written = {name: str(value) for name, value in filled.items() if known.find("contacts", name) and name != "email"}
    act.world.update("hubspot", "contacts", contact, written | _converted(row, form, moment), actor)
    told = {"email": row["email"], **filled}
    values = [{"name": name, "value": str(value), "objectTypeId": "0-1"} for name, value in told.items() if value]
    sent = {
        "formId": form["id"],
        "contactId": contact,
        "submittedAt": moment,
        "pageUrl": act.text("url", _SITE),
        "values": json.dumps(values, ensure_ascii=False),
    }
    return {"contacts": contact, "form_submissions": act.world.create("hubspot", "form_submissions", sent, actor)}


def _converted(row: Mapping[str, Any], form: Mapping[str, Any], moment: str) -> dict[str, Any]:
    """The contact's summary of its conversions."""
    values: dict[str, Any] = {"num_conversion_events": int(row["num_conversion_events"] or 0) + 1}
    if row["first_conversion_date"] is None:
        values |= {"first_conversion_event_name": form["name"], "first_conversion_date": moment}
    if moment >= (row["recent_conversion_date"] or ""):
        values |= {"recent_conversion_event_name": form["name"], "recent_conversion_date": moment}
    return values


def _form(act: Act, wanted: str) -> dict[str, Any]:
    sql = 'SELECT * FROM "hubspot_forms" WHERE ("id" = ? OR "name" = ?) AND "archived" = 0'
    found = act.world.select(sql, (wanted, wanted))
    if not found:
        raise ActError(f"HubSpot has no form {wanted}: give its guid or its name.")
    return found[0]


def _holder(act: Act, address: str) -> str | None:
    if not address:
        return None
    sql = 'SELECT "id" FROM "hubspot_contacts" WHERE "email" = ? COLLATE NOCASE AND "archived" = 0'
    found = [str(row["id"]) for row in act.world.select(sql, (address,))]
    return next(iter(found or holders_of_address(act.world, address)), None)


DOERS: Mapping[str, Callable[[Act], dict[str, str]]] = {
    "visit_page": visit_page,
    "open_mail": open_mail,
    "click_mail": click_mail,
    "submit_form": submit_form,
}
