"""Page views, forms and marketing mails of the simulated portal, and the acts of customers that make them."""

from collections import Counter
from datetime import datetime

import pytest

EVENTS = ("/events/v3/events", "/events/event-occurrences/2026-03")
SIGNALS = (
    "email,hs_analytics_last_url,hs_analytics_last_visit_timestamp,hs_analytics_num_page_views,hs_email_open,"
    "hs_email_click,hs_email_last_open_date,hs_email_last_click_date,recent_conversion_event_name,"
    "recent_conversion_date,first_conversion_date,num_conversion_events"
)


@pytest.fixture(scope="module")
def enterprise(start_sandbox, connect_hubspot, connect_control):
    with start_sandbox(plant=frozenset({"events"})) as ready:
        yield connect_hubspot(ready), connect_control(ready)


def signals(portal):
    return list(portal.pages("/crm/v3/objects/contacts", limit=100, properties=SIGNALS))


@pytest.mark.parametrize("path", [*EVENTS, f"{EVENTS[0]}/event-types"])
def test_a_lower_tier_has_no_events(hubspot, path):
    """Without the tier the vendor answers 403 and names the scope."""
    answer = hubspot.get(path)
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")


@pytest.mark.parametrize("base", EVENTS)
def test_page_views_agree_with_the_contacts(enterprise, base):
    """The last event of a contact is its last page; views of likely persons are as many as the contact says."""
    portal, _ = enterprise
    found = list(portal.pages(base, eventType="e_visited_page", limit=500))
    assert len({one["id"] for one in found}) == len(found)
    assert [one["occurredAt"] for one in found] == sorted((one["occurredAt"] for one in found), reverse=True)
    persons = Counter(one["objectId"] for one in found if int(one["properties"]["hs_cf_bot_score"]) >= 30)
    last = {one["objectId"]: one for one in reversed(found)}
    seen = 0
    for contact in signals(portal):
        properties = contact["properties"]
        if properties["hs_analytics_last_url"]:
            seen += 1
            assert persons[contact["id"]] == int(properties["hs_analytics_num_page_views"])
            assert last[contact["id"]]["properties"]["hs_url"] == properties["hs_analytics_last_url"]
            assert last[contact["id"]]["occurredAt"] == properties["hs_analytics_last_visit_timestamp"]
    assert seen > 10


def test_events_of_one_contact_in_an_interval(enterprise):
    """objectType with objectId, both ends open, ascending on request, only the properties that are asked for."""
    portal, _ = enterprise
    busy = max(signals(portal), key=lambda one: int(one["properties"]["hs_analytics_num_page_views"] or 0))
    query = {"objectType": "contact", "objectId": busy["id"], "sort": "occurredAt", "limit": 100}
    every = portal.get(EVENTS[1], params=query).json()["results"]
    assert {one["objectType"] for one in every} == {"CONTACT"}
    inner = {"occurredAfter": every[0]["occurredAt"], "occurredBefore": every[-1]["occurredAt"], "properties": "hs_url"}
    between = portal.get(EVENTS[1], params={**query, **inner}).json()["results"]
    assert [one["id"] for one in between] == [one["id"] for one in every][1:-1]
    assert all(list(one["properties"]) == ["hs_url"] for one in between)
    assert portal.get(EVENTS[1], params={"objectId": busy["id"]}).status_code == 400
    assert portal.get(EVENTS[1], params={"eventType": "e_unknown"}).status_code == 400
    assert portal.get(f"{EVENTS[1]}/event-types").json() == {"eventTypes": ["e_visited_page"]}


def test_a_visit_is_an_event_and_the_contacts_last_page(enterprise):
    """A page that a customer opens is the newest event, and the contact's last URL."""
    portal, control = enterprise
    contact = signals(portal)[0]["id"]
    url = "https://www.example.co.jp/cancel"
    control.post("/act", {"action": "visit_page", "actor": contact, "url": url}).raise_for_status()
    newest = portal.get(EVENTS[0], params={"objectType": "CONTACT", "objectId": contact, "limit": 1}).json()["results"]
    assert newest[0]["properties"]["hs_url"] == url
    shown = portal.get(f"/crm/v3/objects/contacts/{contact}", params={"properties": SIGNALS}).json()["properties"]
    assert shown["hs_analytics_last_url"] == url
    assert shown["hs_analytics_last_visit_timestamp"] == newest[0]["occurredAt"]


def test_submissions_agree_with_conversions(hubspot):
    """Each contact's last conversion is a submission of the form of that name; newest first, at most 50 a page."""
    by_form = {
        form["name"]: list(hubspot.pages(f"/form-integrations/v1/submissions/forms/{form['id']}", limit=50))
        for form in hubspot.pages("/marketing/v3/forms", limit=2)
    }
    for sent in by_form.values():
        assert [one["submittedAt"] for one in sent] == sorted((one["submittedAt"] for one in sent), reverse=True)
    converted = [one["properties"] for one in signals(hubspot) if one["properties"]["recent_conversion_date"]]
    assert len(converted) > 20
    for one in converted:
        moment = round(datetime.fromisoformat(one["recent_conversion_date"]).timestamp() * 1000)
        sent = [each for each in by_form[one["recent_conversion_event_name"]] if each["submittedAt"] == moment]
        assert (
            one["email"] in {value["value"] for each in sent for value in each["values"] if value["name"] == "email"}
            or one["email"] is None
        )
    assert sum(map(len, by_form.values())) == sum(int(one["num_conversion_events"]) for one in converted)
    first = hubspot.get("/marketing/v3/forms").json()["results"][0]["id"]
    too_many = hubspot.get(f"/form-integrations/v1/submissions/forms/{first}", params={"limit": 51})
    assert too_many.status_code == 400
    assert hubspot.get("/form-integrations/v1/submissions/forms/none").status_code == 404


def test_a_form_makes_or_changes_a_contact(enterprise):
    """An unknown address becomes a contact with its conversion; the second form changes the same contact."""
    portal, control = enterprise
    form = portal.get("/marketing/v3/forms").json()["results"][0]
    act = {"action": "submit_form", "actor": "visitor", "form": form["name"]}
    values = {"email": "new@form.example", "lastname": "新井"}
    first = control.post("/act", {**act, "values": values}).json()["ids"]
    again = control.post("/act", {**act, "form": form["id"], "values": {**values, "phone": "03-0000-1111"}}).json()
    assert again["ids"]["contacts"] == first["contacts"]
    shown = portal.get(f"/crm/v3/objects/contacts/{first['contacts']}", params={"properties": f"{SIGNALS},phone"})
    properties = shown.json()["properties"]
    assert (properties["num_conversion_events"], properties["phone"]) == ("2", "03-0000-1111")
    assert properties["recent_conversion_event_name"] == form["name"]
    newest = portal.get(f"/form-integrations/v1/submissions/forms/{form['id']}", params={"limit": 1}).json()
    assert {"name": "phone", "value": "03-0000-1111", "objectTypeId": "0-1"} in newest["results"][0]["values"]


def test_mail_counts_agree_with_their_dates_and_grow(enterprise):
    """Opened mails are counted where there is a last opening; an act of opening and one of clicking add to them."""
    portal, control = enterprise
    for one in signals(portal):
        properties = one["properties"]
        assert bool(properties["hs_email_open"]) is bool(properties["hs_email_last_open_date"])
        assert bool(properties["hs_email_click"]) is bool(properties["hs_email_last_click_date"])
    contact = next(one for one in signals(portal) if one["properties"]["hs_email_click"])
    for action in ("open_mail", "click_mail"):
        control.post("/act", {"action": action, "actor": contact["id"]}).raise_for_status()
    shown = portal.get(f"/crm/v3/objects/contacts/{contact['id']}", params={"properties": SIGNALS}).json()
    for name in ("hs_email_open", "hs_email_click"):
        assert int(shown["properties"][name]) == int(contact["properties"][name]) + 1


def test_without_consent_property_nothing_is_told_of_opting_out(start_sandbox, connect_hubspot):
    """Where the property is not defined, reads pass over it, searches and writes refuse it."""
    with start_sandbox(plant=frozenset({"noconsent"})) as ready:
        portal = connect_hubspot(ready)
        assert portal.get("/crm/v3/properties/contacts/hs_email_optout").status_code == 404
        one = portal.get("/crm/v3/objects/contacts", params={"properties": "hs_email_optout", "limit": 1}).json()
        assert "hs_email_optout" not in one["results"][0]["properties"]
        written = portal.post("/crm/v3/objects/contacts", {"properties": {"hs_email_optout": "true"}})
        assert written.json()["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
        filters = [{"propertyName": "hs_email_optout", "operator": "EQ", "value": "true"}]
        body = {"filterGroups": [{"filters": filters}]}
        assert portal.post("/crm/v3/objects/contacts/search", body).status_code == 400
