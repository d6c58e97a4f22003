"""How the streams that are no CRM objects tell what is new, and how they go on after an interruption."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from requests import PreparedRequest

from connector.clients.hubspot import HubSpotClient
from connector.mapping.schema import Mappings
from connector.model.records import Engagement, Ref
from connector.sources.hubspot import HubSpotSource

HUBSPOT = "https://api.hubapi.com"
NOW = datetime(2026, 11, 18, tzinfo=UTC)
ENGAGEMENT = {"kind": "engagement", "optional": True}
MAPPINGS = {
    "memberships": {
        "kind": "membership",
        "optional": True,
        "fields": {
            "list": {"field": "listId", "object": "lists"},
            "person": {"field": "recordId", "object": "contacts"},
        },
    },
    "form_submissions": {
        **ENGAGEMENT,
        "constants": {"form": "form"},
        "fields": {"at": "submittedAt", "person": {"field": "contactId", "object": "contacts"}, "email": "email"},
    },
    "page_views": {**ENGAGEMENT, "constants": {"form": "page_view"}, "fields": {"at": "occurredAt", "url": "hs_url"}},
}
Answer = Callable[[PreparedRequest], Any]


@pytest.fixture
def source(hubspot: HubSpotClient) -> HubSpotSource:
    """A source of what people did on the web."""
    return HubSpotSource(hubspot, Mappings.model_validate({"hubspot": {"objects": MAPPINGS}}))


def answering(vendor: responses.RequestsMock, method: str, path: str, by: Answer) -> list[str]:
    """Answers an address by a function (a status alone, or a body) and keeps the addresses that were asked."""
    asked: list[str] = []

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        asked.append(str(request.url))
        answer = by(request)
        return answer if isinstance(answer, tuple) else (200, {}, json.dumps(answer))

    vendor.add_callback(method, re.compile(f"{HUBSPOT}{path}"), reply)
    return asked


def milliseconds(moment: datetime) -> int:
    """As HubSpot writes times of submissions."""
    return int(moment.timestamp() * 1000)


class Forms:
    """A portal with forms, what was sent by them, and the contacts who sent it."""

    def __init__(self, vendor: responses.RequestsMock, *names: str) -> None:
        self.sent: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        self.converted: datetime | None = None
        self.contacts = [{"id": "7", "properties": {"email": "a@example.jp", "hs_additional_emails": "old@example.jp"}}]
        answering(vendor, "GET", "/marketing/.*", lambda _: {"results": [{"id": name, "name": name} for name in names]})
        self.asked = answering(vendor, "GET", "/form-integrations/.*", self.submissions)
        answering(vendor, "POST", ".*/contacts/search", self.search)
        answering(vendor, "POST", ".*/contacts/batch/read", lambda _: {"results": self.contacts})

    def send(self, form: str, at: datetime, email: str = "a@example.jp") -> None:
        """Somebody sends a form."""
        values = [{"name": "email", "value": email}]
        one = {"conversionId": f"{form}-{at:%d%H%M}", "submittedAt": milliseconds(at), "values": values}
        self.sent[form].insert(0, one)
        self.converted = max(self.converted or at, at)

    def submissions(self, request: PreparedRequest) -> Any:
        return {"results": self.sent[str(request.url).partition("?")[0].rpartition("/")[2]]}

    def search(self, request: PreparedRequest) -> Any:
        (newer,) = json.loads(request.body or b"{}")["filterGroups"][0]["filters"]
        if self.converted is None or milliseconds(self.converted) <= int(newer["value"]):
            return {"total": 0, "results": []}
        return {
            "total": 1,
            "results": [{"id": "7", "properties": {"recent_conversion_date": self.converted.isoformat()}}],
        }


def read(source: HubSpotSource, cursor: str | None, now: datetime = NOW) -> tuple[list[str], str | None]:
    """Ids of what one reading of the forms hands over, and the cursor that it ends with."""
    ids: list[str] = []
    for batch in source.read("form_submissions", cursor, now):
        ids += [record.ref.id for record in batch.records]
        cursor = batch.cursor or cursor
    return ids, cursor


def test_a_merged_persons_address_names_the_survivor(vendor: responses.RequestsMock, source: HubSpotSource) -> None:
    """It stands among the survivor's additional addresses; one that nobody has names nobody."""
    forms = Forms(vendor, "f1")
    for hour, address in enumerate(("old@example.jp", "nobody@example.jp")):
        forms.send("f1", NOW - timedelta(hours=hour + 2), address)
    records = [record for batch in source.read("form_submissions", None, NOW) for record in batch.records]
    people = {record.email: record.person for record in records if isinstance(record, Engagement)}
    assert people == {"old@example.jp": Ref("hubspot", "contacts", "7"), "nobody@example.jp": None}


def test_an_interrupted_reading_of_forms_goes_on_with_the_next_form(
    vendor: responses.RequestsMock, source: HubSpotSource
) -> None:
    """What was sent meanwhile by a form that was done is read by the next reading."""
    forms = Forms(vendor, "f1", "f2")
    for form in ("f1", "f2"):
        forms.send(form, NOW - timedelta(days=3))
    reading = source.read("form_submissions", None, NOW)
    seen = [record.ref.id for record in next(reading).records]
    cursor = next(reading).cursor
    forms.send("f1", NOW - timedelta(hours=9))
    forms.send("f2", NOW - timedelta(hours=2))
    forms.asked.clear()
    for _ in range(2):
        ids, cursor = read(source, cursor)
        seen += ids
    assert "/f1" not in forms.asked[0]
    assert set(seen) == {one["conversionId"] for sent in forms.sent.values() for one in sent}
    assert read(source, cursor) == ([], cursor)


def test_a_conversion_whose_form_has_not_turned_up_is_asked_for_again(
    vendor: responses.RequestsMock, source: HubSpotSource
) -> None:
    """Until it is older than any delay; then it was no form that we can see, and costs one search again."""
    forms = Forms(vendor, "f1")
    forms.send("f1", NOW - timedelta(days=3))
    _, cursor = read(source, None)
    forms.converted = NOW - timedelta(minutes=5)
    for now in (NOW, NOW + timedelta(minutes=30)):
        forms.asked.clear()
        _, cursor = read(source, cursor, now)
        assert len(forms.asked) == 1
    _, cursor = read(source, cursor, NOW + timedelta(hours=2))
    forms.asked.clear()
    assert read(source, cursor, NOW + timedelta(hours=3)) == ([], cursor)
    assert forms.asked == []


def test_a_form_or_a_list_that_was_deleted_meanwhile_breaks_nothing(
    vendor: responses.RequestsMock, source: HubSpotSource
) -> None:
    """It was named a moment ago and is gone when it is asked; the others are read."""
    gone = (404, {}, json.dumps({"status": "error", "category": "OBJECT_NOT_FOUND", "message": "…"}))
    forms = Forms(vendor, "f1", "f2")
    forms.send("f2", NOW - timedelta(days=1))
    forms.submissions, kept = (lambda request: gone if "/f1" in str(request.url) else kept(request)), forms.submissions
    vendor.remove("GET", re.compile(f"{HUBSPOT}/form-integrations/.*"))
    answering(vendor, "GET", "/form-integrations/.*", forms.submissions)
    ids, _ = read(source, None)
    assert len(ids) == 1

    listed = [{"listId": one, "processingType": "MANUAL", "updatedAt": NOW.isoformat()} for one in ("1", "2")]
    answering(vendor, "POST", "/crm/lists/.*search", lambda _: {"lists": listed, "hasMore": False})
    member = {"results": [{"recordId": "7", "membershipTimestamp": "2026-11-01T00:00:00Z"}]}
    answering(vendor, "GET", "/crm/lists/.*", lambda request: gone if "/1/" in str(request.url) else member)
    records = [record for batch in source.read("memberships", None, NOW) for record in batch.records]
    assert [record.ref.id for record in records] == ["2:7"]


def test_a_quiet_portal_costs_few_questions_however_long_it_was_quiet(
    vendor: responses.RequestsMock, source: HubSpotSource
) -> None:
    """Empty spans of time grow longer: 80 days without a page view are seven questions, not eighty."""
    view = {"id": "v", "occurredAt": (NOW - timedelta(days=80)).isoformat(), "properties": {"hs_url": "https://x.jp/"}}

    def events(request: PreparedRequest) -> Any:
        given = parse_qs(urlsplit(str(request.url)).query)
        after = datetime.fromisoformat(given["occurredAfter"][0])
        before = datetime.fromisoformat(given["occurredBefore"][0]) if "occurredBefore" in given else None
        at = datetime.fromisoformat(str(view["occurredAt"]))
        return {"results": [view] if after < at and (before is None or at < before) else []}

    asked = answering(vendor, "GET", "/events/.*", events)
    batches = list(source.read("page_views", None, NOW))
    assert [record.ref.id for batch in batches for record in batch.records] == ["v"]
    asked.clear()
    assert list(source.read("page_views", batches[-1].cursor, NOW)) == []
    assert len(asked) <= 8
