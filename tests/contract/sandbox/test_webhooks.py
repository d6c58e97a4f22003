"""What the vendors send by themselves: HubSpot's webhooks and workflow actions, Salesforce's outbound messages.

Signatures are verified here by their own computation, as a receiver would.
"""

import base64
import hashlib
import hmac
import json
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from broken import CONTACTS, DATA, Broken, broken
from receiver import ACK, Received, Receiver, receiving

OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
SOBJECT = "{urn:sobject.enterprise.soap.sforce.com}"
PUBLIC = "https://okoshi.example.co.jp/webhooks/hubspot?portal=a%2Cb&x=%E6%9D%B1"


@pytest.fixture(scope="module")
def shared() -> Iterator[Broken]:
    """One sandbox for all tests of this module."""
    with broken() as place:
        yield place


@pytest.fixture
def place(shared: Broken) -> Iterator[Broken]:
    """The same, mended after each test."""
    yield shared
    shared.mend()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def register(place: Broken, receiver: Receiver, **members: Any) -> int:
    answer = place.control.post("/webhooks", {"url": f"{receiver.url}/hook", "window_ms": 50, **members})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["targets"][0])


def contact(place: Broken, email: str, **properties: str) -> str:
    return str(place.hubspot.post(CONTACTS, {"properties": {"email": email, **properties}}).json()["id"])


def events(received: list[Received]) -> list[dict[str, Any]]:
    return [event for one in received for event in json.loads(one.body)]


def deliveries(place: Broken) -> list[dict[str, Any]]:
    return list(place.control.get("/webhooks").json()["deliveries"])


# -- HubSpot's app -----------------------------------------------------------------------------------------------------


def test_changes_arrive_signed_over_the_public_address(place: Broken, receiver: Receiver) -> None:
    """Signatures 1 and 3 are right; the address is the public one with the vendor's characters decoded."""
    register(place, receiver, public_url=PUBLIC, subscriptions=["contact.creation"])
    number = contact(place, "signed@webhooks.example", firstname="花子")
    (one,) = receiver.wait_for(1)
    secret = place.ready.hubspot.client_secret
    stamp = one.headers["x-hubspot-request-timestamp"]
    signed = b"POSThttps://okoshi.example.co.jp/webhooks/hubspot?portal=a,b&x=%E6%9D%B1" + one.body + stamp.encode()
    expected = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
    assert one.headers["x-hubspot-signature-v3"] == expected
    assert abs(time.time() * 1000 - int(stamp)) < 60_000
    assert one.headers["x-hubspot-signature"] == hashlib.sha256(secret.encode() + one.body).hexdigest()
    assert one.headers["x-hubspot-signature-version"] == "v1"
    (event,) = events([one])
    assert {name: event[name] for name in ("objectId", "subscriptionType", "attemptNumber", "changeSource")} == {
        "objectId": int(number),
        "subscriptionType": "contact.creation",
        "attemptNumber": 0,
        "changeSource": "INTEGRATION",
    }
    assert set(event) == {
        *("eventId", "subscriptionId", "portalId", "appId", "occurredAt", "subscriptionType", "attemptNumber"),
        *("changeSource", "sourceId", "objectId", "changeFlag"),
    }


def test_every_change_has_its_shape(place: Broken, receiver: Receiver) -> None:
    """Property changes, associations, merges and deletions as the vendor words them."""
    company = place.hubspot.post("/crm/v3/objects/companies", {"properties": {"name": "形"}}).json()["id"]
    winner, loser = contact(place, "w@webhooks.example"), contact(place, "l@webhooks.example", jobtitle="課長")
    changes = ("propertyChange", "associationChange", "merge", "deletion")
    register(place, receiver, subscriptions=[f"contact.{change}" for change in changes])
    place.hubspot.call("PATCH", f"{CONTACTS}/{winner}", json={"properties": {"phone": "03-1111-2222"}})
    place.hubspot.call("PUT", f"/crm/v4/objects/contacts/{winner}/associations/default/companies/{company}")
    place.hubspot.post(f"{CONTACTS}/merge", {"primaryObjectId": winner, "objectIdToMerge": loser})
    place.hubspot.call("DELETE", f"{CONTACTS}/{winner}")
    kinds = {f"contact.{change}" for change in changes}
    receiver.until(lambda: {one["subscriptionType"] for one in events(receiver.requests)} == kinds)
    found = events(receiver.requests)
    phone = next(one for one in found if one.get("propertyName") == "phone")
    assert (phone["objectId"], phone["propertyValue"]) == (int(winner), "03-1111-2222")
    link = next(one for one in found if one["subscriptionType"] == "contact.associationChange")
    assert (link["associationType"], link["fromObjectId"], link["toObjectId"], link["associationRemoved"]) == (
        "CONTACT_TO_COMPANY",
        int(winner),
        int(company),
        False,
    )
    assert "objectId" not in link
    (merge,) = [one for one in found if one["subscriptionType"] == "contact.merge"]
    assert (merge["primaryObjectId"], merge["mergedObjectIds"]) == (int(winner), [int(loser)])
    assert merge["numberOfPropertiesMoved"] >= 1
    assert any(one["changeFlag"] == "DELETED" for one in found if one["subscriptionType"] == "contact.deletion")


def test_what_people_and_customers_do_is_told_too(place: Broken, receiver: Receiver) -> None:
    """An act reaches the app as a webhook, with its own source."""
    visitor = next(one["id"] for one in place.control.get("/state/hubspot/contacts").json() if not one["archived"])
    wanted = {"subscriptionType": "contact.propertyChange", "propertyName": "hs_analytics_last_url"}
    register(place, receiver, subscriptions=[wanted])
    act = {"actor": visitor, "action": "visit_page", "contact": visitor, "url": "https://www.example.co.jp/cancel"}
    assert place.control.post("/act", act).status_code == 200
    (event,) = events(receiver.wait_for(1))
    assert (event["propertyName"], event["propertyValue"]) == ("hs_analytics_last_url", act["url"])
    assert event["changeSource"] != "INTEGRATION"


def test_activities_come_as_generic_events(place: Broken, receiver: Receiver) -> None:
    """`object.…` subscriptions name the type by its id."""
    register(place, receiver, subscriptions=[{"subscriptionType": "object.creation", "objectTypeId": "0-48"}])
    call = {"properties": {"hs_timestamp": "2026-11-18T01:00:00Z"}}
    number = place.hubspot.post("/crm/v3/objects/calls", call).json()["id"]
    (event,) = events(receiver.wait_for(1))
    assert (event["objectTypeId"], event["objectId"]) == ("0-48", int(number))


def test_arrays_hold_at_most_a_hundred(place: Broken, receiver: Receiver) -> None:
    """250 creations come in three requests, none lost; eventId does not tell events apart."""
    register(place, receiver, window_ms=1_500, subscriptions=["contact.creation", "contact.propertyChange"])
    for batch in range(3):
        inputs = [{"properties": {"email": f"n{batch}-{one}@webhooks.example"}} for one in range(50)]
        assert place.hubspot.post(f"{CONTACTS}/batch/create", {"inputs": inputs}).status_code == 201
    receiver.until(lambda: sum(len(json.loads(one.body)) for one in receiver.requests) >= 300)
    found = events(receiver.requests)
    assert max(len(json.loads(one.body)) for one in receiver.requests) == 100
    assert len({one["objectId"] for one in found}) == 150
    assert max(Counter(one["eventId"] for one in found).values()) > 1


def test_duplicates_and_disorder_follow_from_the_seed(place: Broken, receiver: Receiver) -> None:
    """Some events come twice and out of order; none is missing; the same seed does the same."""
    orders = []
    for turn in ("a", "b"):
        register(
            place,
            receiver,
            subscriptions=["contact.creation"],
            duplicate_rate=0.4,
            disorder=0.8,
            batching=5,
            seed=3,
            window_ms=1_000,
        )
        ids = [contact(place, f"d{turn}{number}@webhooks.example") for number in range(20)]
        receiver.until(lambda ids=ids: {str(one["objectId"]) for one in events(receiver.requests)} >= set(ids))
        receiver.until(lambda: all(one["state"] == "delivered" for one in deliveries(place)))
        told = [str(one["objectId"]) for one in events(receiver.requests)]
        assert len(told) > 20
        assert set(told) == set(ids)
        orders.append(sorted(ids.index(one) for one in told))
        place.control.call("DELETE", "/webhooks")
        receiver.requests.clear()
    assert orders[0] == orders[1]


def test_a_receiver_in_trouble_is_tried_again(place: Broken, receiver: Receiver) -> None:
    """Any 4xx or 5xx; the attempt is counted in the event, and newly signed; the attempts are shown."""
    receiver.replies = [(500, "", {}), (404, "", {})]
    register(place, receiver, subscriptions=["contact.creation"], speed=10_000)
    contact(place, "again@webhooks.example")
    received = receiver.wait_for(3)
    assert [event["attemptNumber"] for event in events(received)] == [0, 1, 2]
    receiver.until(lambda: deliveries(place)[0]["state"] == "delivered")
    assert [one["status"] for one in deliveries(place)[0]["attempts"]] == [500, 404, 200]
    assert len({one.headers["x-hubspot-signature-v3"] for one in received}) == 3


def test_ten_repetitions_within_a_day_of_the_clock(place: Broken, receiver: Receiver) -> None:
    """Nothing is sent before the clock moves; after eleven attempts in less than a day HubSpot gives up."""
    receiver.replies = [(503, "", {})] * 20
    before = place.control.get("/clock").json()["now"]
    register(place, receiver, subscriptions=["contact.creation"])
    contact(place, "never@webhooks.example")
    for attempt in range(1, 12):
        receiver.wait_for(attempt)
        receiver.until(lambda attempt=attempt: len(deliveries(place)[0]["attempts"]) == attempt)
        (shown,) = deliveries(place)
        if shown["state"] == "waiting":
            place.control.post("/clock", {"now": shown["due"].replace("Z", "+00:00")})
    assert (len(receiver.requests), deliveries(place)[0]["state"]) == (11, "given_up")
    first, *_, last = [datetime.fromisoformat(one["at"]) for one in deliveries(place)[0]["attempts"]]
    assert timedelta(hours=12) < last - first < timedelta(hours=24)
    place.control.post("/clock", {"advance": "P2D"})
    time.sleep(0.2)
    assert len(receiver.requests) == 11
    place.control.post("/clock", {"now": before})


def test_nobody_listens(place: Broken, receiver: Receiver) -> None:
    """A refused connection is an attempt without a status."""
    answer = place.control.post(
        "/webhooks", {"url": "http://127.0.0.1:9/hook", "window_ms": 0, "subscriptions": ["contact.creation"]}
    )
    assert answer.status_code == 201
    contact(place, "nobody@webhooks.example")
    receiver.until(lambda: bool(deliveries(place)) and bool(deliveries(place)[0]["attempts"]))
    (attempt,) = deliveries(place)[0]["attempts"]
    assert (attempt["status"], attempt["error"]) == (None, "ConnectionError")


# -- HubSpot's workflows -----------------------------------------------------------------------------------------------


def test_a_workflow_tells_one_record_with_signature_2(place: Broken, receiver: Receiver) -> None:
    """Only when the property changes to something that fits; 429 is repeated after Retry-After in milliseconds."""
    receiver.replies = [(429, "", {"Retry-After": "300"})]
    register(
        place,
        receiver,
        kind="workflow",
        public_url="https://okoshi.example.co.jp/wf",
        object="contacts",
        property="jobtitle",
        contains="部長",
        properties=["email", "jobtitle"],
    )
    number = contact(place, "wf@webhooks.example", jobtitle="課長")
    place.hubspot.call("PATCH", f"{CONTACTS}/{number}", json={"properties": {"jobtitle": "営業部長"}})
    started = time.monotonic()
    first, second = receiver.wait_for(2)
    assert 0.25 <= time.monotonic() - started < 5
    assert json.loads(first.body) == {"email": "wf@webhooks.example", "jobtitle": "営業部長"}
    secret = place.ready.hubspot.client_secret
    signed = f"{secret}POSThttps://okoshi.example.co.jp/wf".encode() + second.body
    assert second.headers["x-hubspot-signature"] == hashlib.sha256(signed).hexdigest()
    assert second.headers["x-hubspot-signature-version"] == "v2"


def test_a_workflow_takes_a_refusal_as_final(place: Broken, receiver: Receiver) -> None:
    """4xx other than 429 is not repeated."""
    receiver.replies = [(400, "", {})]
    register(place, receiver, kind="workflow", property="jobtitle", speed=100_000)
    contact(place, "wf2@webhooks.example", jobtitle="係長")
    (one,) = receiver.wait_for(1)
    assert json.loads(one.body)["properties"]["jobtitle"] == {"value": "係長"}
    receiver.until(lambda: deliveries(place)[0]["state"] == "given_up")
    assert len(receiver.requests) == 1


# -- Salesforce --------------------------------------------------------------------------------------------------------


def notifications(received: Received) -> list[ET.Element]:
    return list(ET.fromstring(received.body).iter(f"{OUTBOUND}Notification"))


def test_an_outbound_message_carries_the_record(place: Broken, receiver: Receiver) -> None:
    """SOAP with organisation, a session that works, and one notification with the chosen fields."""
    receiver.usual = ACK
    register(place, receiver, vendor="salesforce", object="Task", fields=["Subject", "IsClosed", "Description"])
    task = place.salesforce.call("POST", f"{DATA}/sobjects/Task", json={"Subject": "A & B <C>"}).json()["id"]
    (one,) = receiver.wait_for(1)
    (told,) = notifications(one)
    record = told.find(f"{OUTBOUND}sObject")
    values = {field.tag.removeprefix(SOBJECT): field.text for field in record}
    assert values == {"Id": task, "Subject": "A & B <C>", "IsClosed": "false"}
    message = ET.fromstring(one.body).find(f".//{OUTBOUND}notifications")
    head = {part.tag.removeprefix(OUTBOUND): part.text for part in message}
    assert head["OrganizationId"].startswith("00D")
    assert head["ActionId"].startswith("04k")
    limits = place.salesforce.session.get(
        f"{place.ready.salesforce.instance_url}{DATA}/limits",
        headers={"Authorization": f"Bearer {head['SessionId']}"},
        timeout=10,
    )
    assert limits.status_code == 200
    receiver.until(lambda: deliveries(place)[0]["state"] == "delivered")


def test_an_outbound_message_is_repeated_until_it_is_acknowledged(place: Broken, receiver: Receiver) -> None:
    """Same notification id, latest data; a 200 without Ack, or with a false one, is not enough."""
    receiver.replies = [(200, "<Ack>false</Ack>", {}), (500, ACK, {}), (200, "", {})]
    receiver.usual = ACK
    register(place, receiver, vendor="salesforce", object="Task", fields=["Subject"], events=["create"])
    task = place.salesforce.call("POST", f"{DATA}/sobjects/Task", json={"Subject": "最初"}).json()["id"]
    receiver.wait_for(1)
    place.salesforce.call("PATCH", f"{DATA}/sobjects/Task/{task}", json={"Subject": "最新"})
    for attempt in range(2, 5):
        receiver.until(lambda attempt=attempt: len(deliveries(place)[0]["attempts"]) == attempt - 1)
        place.control.post("/clock", {"advance": "PT2M"})
        receiver.wait_for(attempt)
    receiver.until(lambda: deliveries(place)[0]["state"] == "delivered")
    told = [notifications(one)[0] for one in receiver.requests]
    assert len({one.find(f"{OUTBOUND}Id").text for one in told}) == 1
    assert [one.find(f".//{SOBJECT}Subject").text for one in told] == ["最初", "最新", "最新", "最新"]


def test_a_message_has_at_most_a_hundred_notifications(place: Broken, receiver: Receiver) -> None:
    """150 records of one call come in two messages, each record once."""
    receiver.usual = ACK
    register(place, receiver, vendor="salesforce", object="Task", window_ms=500, disorder=0.5)
    records = [{"attributes": {"type": "Task"}, "Subject": f"{number}"} for number in range(150)]
    made = place.salesforce.call("POST", f"{DATA}/composite/sobjects", json={"records": records}).json()
    receiver.until(lambda: len(receiver.requests) >= 2)
    sizes = sorted(len(notifications(one)) for one in receiver.requests)
    ids = [told.find(f".//{SOBJECT}Id").text for one in receiver.requests for told in notifications(one)]
    assert sizes == [50, 100]
    assert {one["id"] for one in made} <= set(ids)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "url"),
        ({"url": "http://x", "vendor": "marketo"}, "hubspot, salesforce"),
        ({"url": "http://x", "subscriptions": ["contact.change"]}, "propertyChange"),
        ({"url": "http://x", "subscriptions": ["object.creation"]}, "objectTypeId"),
        ({"url": "http://x", "duplicate_rate": 2}, "duplicate_rate"),
        ({"url": "http://x", "kind": "workflow", "property": "shoe_size"}, "jobtitle"),
        ({"url": "http://x", "vendor": "salesforce", "object": "Task", "fields": ["Shoe"]}, "Subject"),
        ({"url": "http://x", "subscription": []}, "knows no subscription"),
    ],
)
def test_a_wrong_target_is_told_what_is_possible(place: Broken, body: dict[str, Any], told: str) -> None:
    """400 with the member at fault and its choices; nothing is registered."""
    answer = place.control.post("/webhooks", body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert place.control.get("/webhooks").json() == {"targets": [], "deliveries": []}
