"""The sandbox's portal answers as real portals were recorded to answer: the exchanges of 2022 and later single answers.

Where recordings of different years disagree the later one counts.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hubspot_story import Portal
from likeness import headers_missing, unlike
from recordings import Exchange, hubspot, named, needs_recordings
from shapes import Known, unused

from connector.sandbox.server import SandboxOptions, running

pytestmark = [needs_recordings, pytest.mark.xdist_group("recorded hubspot")]

OBJECTS = "/crm/v3/objects/"
CALCULATED = (
    r"\$\.results\[\]\.properties\.(hs_all_contact_vids|hs_email_domain|hs_is_contact|hs_is_unworked|hs_pipeline"
    r"|hs_object_source|hs_object_source_id|hs_object_source_label|lifecyclestage)"
)
OF_2022 = (
    Known(r"\$\.results\[\]\.url", "records have had their page's address since; the answers of 2025 tell it"),
    Known(CALCULATED, "what the vendor reckons by itself comes along unasked, other properties each year"),
    Known(r"\$\.results\[\]\.properties\.(createdate|hs_object_id)", "an update of 2025 tells them"),
)
SCHEMA = (
    Known(r"\$\.properties\[\]\.dataSensitivity", "there since 2024, as in the vendor's OpenAPI"),
    Known(r"\$\.allowsSensitiveProperties", "there since 2024, as in the vendor's OpenAPI"),
)
OF_2025 = (OF_2022[1],)
DEPRECATED = {"x-hubspot-ratelimit-secondly", "x-hubspot-ratelimit-secondly-remaining"}
"""The vendor calls them deprecated and without effect; who relies on them must not be served."""


def about_records(status: int | None = None) -> list[Exchange]:
    """The exchanges of 2022 that read or write records."""
    found = [one for one in hubspot() if one.sent is not None and one.path.startswith(OBJECTS)]
    return [one for one in found if status in {None, one.status}]


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """A simulated portal with a small company."""
    with running(SandboxOptions(scale=0.05)) as ready:
        yield Portal.signed_in(ready)


@pytest.mark.parametrize("exchange", [one for one in about_records() if one.status != 429], ids=str)
def test_records_are_read_and_written_as_recorded(portal: Portal, exchange: Exchange) -> None:
    """Creations tell what is set, updates what was emptied, searches null for what never was set: all as text."""
    answer = portal.ask(exchange)
    assert not unlike(exchange, answer, OF_2022)
    alike = [one for one in about_records(exchange.status) if one.path.endswith(exchange.path.rpartition("/")[2])]
    assert headers_missing(alike, answer, "x-hubspot-") <= DEPRECATED


def test_too_many_searches_are_refused_as_recorded(portal: Portal) -> None:
    """Without the policy's name, without Retry-After and without the figures of the ten seconds."""
    limited = about_records(429)
    for _ in range(20):
        answer = portal.at_once("POST", limited[0].path, limited[0].sent)
        if answer.status_code == 429:
            break
    assert not [difference for exchange in limited for difference in unlike(exchange, answer)]
    assert not headers_missing(limited, answer, "x-hubspot-")
    assert not {"Retry-After", "X-HubSpot-RateLimit-Max"} & answer.headers.keys()


def test_every_year_s_excuse_is_needed(portal: Portal) -> None:
    """An exception that excuses nothing any more is to be taken out."""
    asked = {one.path: one for one in about_records() if one.status in {200, 201}}
    needed = [set(OF_2022) - {*unused(one.answer, portal.ask(one).json(), OF_2022)} for one in asked.values()]
    assert set.union(*needed) == set(OF_2022)


def updated(portal: Portal, inputs: list[dict[str, Any]]) -> requests.Response:
    return portal.call("POST", f"{OBJECTS}contacts/batch/update", {"inputs": inputs})


def test_a_batch_of_updates_is_answered_as_recorded(portal: Portal) -> None:
    """All rows written; one unknown id beside a written row; twins; properties that do not exist."""
    values = {"firstname": "Siena (updated)", "lastname": "Dyer (updated)"}
    before = {"firstname": "Siena"}
    rows = [{"id": one, "properties": values} for one in portal.create("contacts", before, before)]
    stranger = {"id": "unknownIdentifier888", "properties": values}
    wrong = [{**row, "properties": {"first000name": "x", "last000name": "y"}} for row in rows]
    for inputs, name in (
        (rows, "success.json"),
        ([rows[0], stranger], "err-partial-success.json"),
        ([rows[0], rows[0]], "err-duplicate-ids.json"),
        (wrong, "err-many-invalid-properties.json"),
    ):
        assert not unlike(named(hubspot(), f"batch_update/{name}"), updated(portal, inputs), OF_2025), name


def test_a_page_of_a_search_is_told_as_recorded(portal: Portal) -> None:
    """`paging.next.after` is a text, and null stands for what is not set."""
    recorded = named(hubspot(), "other/1-first-page.json")
    names = list(recorded.answer["results"][0]["properties"])
    values = {"email": "johnnie77@likeness.example", "firstname": "Johnnie", "lastname": "Heller"}
    id_, _ = portal.create("contacts", values, {"firstname": "Johnnie", "lastname": "Heller"})
    groups = [{"filters": [{"propertyName": "firstname", "operator": "EQ", "value": "Johnnie"}]}]
    body = {"filterGroups": groups, "properties": names, "limit": 1, "sorts": ["hs_object_id"]}
    answer = portal.call("POST", recorded.path, body)
    assert answer.json()["results"][0]["id"] == id_
    assert not unlike(recorded, answer)


def test_lists_are_found_as_recorded(portal: Portal) -> None:
    """Counts and times of a list are texts, the times in epoch milliseconds."""
    recorded = named(hubspot(), "other/read-lists-1-first-page.json")
    wanted = list(recorded.answer["lists"][0]["additionalProperties"])
    for path in ("/crm/v3/lists/search", "/crm/lists/2026-03/search"):
        for count in (2, 500):
            answer = portal.call("POST", path, {"query": "", "count": count, "additionalProperties": wanted})
            assert not unlike(recorded, answer)


@pytest.mark.parametrize("base", ["/crm/v4/associations", "/crm/associations/2026-03"])
def test_links_are_made_as_recorded(portal: Portal, base: str) -> None:
    """The ids of both ends are numbers, whatever the specification says."""
    (contact,), (company,) = (
        portal.create("contacts", {"firstname": "Siena"}),
        portal.create("companies", {"name": "X"}),
    )
    ends = {"from": {"id": contact}, "to": {"id": company}}
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    answer = portal.call("POST", f"{base}/contacts/companies/batch/create", {"inputs": [{**ends, "types": types}]})
    assert not unlike(named(hubspot(), "other/contact-to-company-resp.json"), answer)


def test_a_portal_describes_itself_as_recorded(portal: Portal) -> None:
    """An object's schema with its properties, options and associations; the stages of contacts; a missing scope."""
    schema = named(hubspot(), "schemas-CONTACT-200")
    answer = portal.call("GET", "/crm/v3/schemas/CONTACT")
    assert not unlike(schema, answer, SCHEMA)
    assert not unused(schema.answer, answer.json(), SCHEMA)
    pipelines = named(hubspot(), "other/metadata-contacts-external-pipelines.json")
    assert not unlike(pipelines, portal.call("GET", pipelines.path))
    refused = named(hubspot(), "other/metadata-err-schemas-scope.json")
    assert not unlike(refused, portal.call("GET", refused.path))


def test_all_recorded_exchanges_are_compared() -> None:
    """What is not about records is compared by name above, save the custom objects of the portal of 2022."""
    by_name = {one.name for one in hubspot()} - {one.name for one in about_records()}
    custom_objects = named(hubspot(), "schemas-200").name  # the sandbox's app has no scope for them: 403, see above
    assert by_name == {
        custom_objects,
        named(hubspot(), "schemas-CONTACT-200").name,
        "batch_update/success.json",
        "batch_update/err-partial-success.json",
        "batch_update/err-duplicate-ids.json",
        "batch_update/err-many-invalid-properties.json",
        "other/1-first-page.json",
        "other/contact-to-company-resp.json",
        "other/metadata-contacts-external-pipelines.json",
        "other/metadata-err-schemas-scope.json",
        "other/read-lists-1-first-page.json",
    }
