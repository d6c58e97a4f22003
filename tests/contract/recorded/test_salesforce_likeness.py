"""The sandbox's org answers as real orgs were recorded to answer: cassettes told again, describes, single records.

Every exchange of every cassette is told, save those that the sandbox has no resource for; the table below says why.
"""

import re
from collections.abc import Iterator

import pytest
from likeness import unlike
from recordings import Exchange, cassettes, named, needs_recordings, salesforce
from salesforce_story import Org, Story
from shapes import Known, unused

from connector.sandbox.server import SandboxOptions, running

pytestmark = [needs_recordings, pytest.mark.xdist_group("recorded salesforce")]

NOT_SERVED = {
    r".*/services/async/.*": "the older bulk API (1.0); the sandbox serves Bulk 2.0, which nobody recorded",
    r"/sobjects/Case/describe": "the company has no cases",
    r"/sobjects/Custom__c/describe": "a custom object of the recorded org",
}
OTHERWISE_TESTED = {
    r"/sobjects(/\w+/describe)?": "a describe, see below",
    r"/sobjects/Organization/\w+": "a single record, see below",
}
API_48 = "recorded in API 48.0; describes of the present versions do not have it, or do"
DESCRIBED = (
    Known(r"\$\.urls\.defaultValues", API_48),
    Known(r"\$\.(associateEntityType|associateParentEntity|sobjectDescribeOption)", API_48),
)
EVENT_SERIES = Known(
    r"\$\.sobjects\[\]\.urls\.eventSeriesUpdates", "Event's entry was copied from Account's; its own describe has it"
)
ORGANIZATION = (
    Known(
        r"\$\.(Division|Street|City|State|PostalCode|Latitude|Longitude|GeocodeAccuracy|Address|Phone|Fax|Receives\w+"
        r"|Preferences\w+|UsesStartDateAsFiscalYearName|Default\w+Access|DelegatedAuthenticationServiceUrl"
        r"|ComplianceBccEmail|UiSkin|SignupCountryIsoCode|NumKnowledgeService|WebToCaseDefaultOrigin|MonthlyPageViews\w+"
        r"|IsReadOnly)",
        "a record shows the fields of its describe, and the sandbox's Organization has fewer than a real one",
    ),
    Known(r"\$\.(PrimaryContact|TrialExpirationDate)", "not set in this org; both may be empty by their describe"),
)


@pytest.fixture(scope="module")
def org() -> Iterator[Org]:
    """A simulated org with a small company."""
    with running(SandboxOptions(scale=0.05)) as ready:
        yield Org.signed_in(ready)


def in_table(exchange: Exchange, table: dict[str, str]) -> bool:
    return any(re.fullmatch(pattern, exchange.resource) for pattern in table)


@pytest.mark.parametrize("name", sorted(cassettes()))
def test_a_cassette_told_again_is_answered_alike(org: Org, name: str) -> None:
    """Queries, aggregates, sub-queries, TYPEOF, collections and upserts: status, keys, types, nulls and formats."""
    told = [one for one in cassettes()[name] if not in_table(one, {**NOT_SERVED, **OTHERWISE_TESTED})]
    org.empty()
    story = Story(org, told)
    for exchange in told:
        answer = story.tell(exchange)
        assert not unlike(exchange, answer), f"{exchange}: {exchange.method} {exchange.address}"
        assert re.fullmatch(r"api-usage=\d+/\d+", answer.headers["Sforce-Limit-Info"])


@pytest.mark.parametrize(
    "exchange",
    [one for one in salesforce() if one.resource.endswith("/describe") and not in_table(one, NOT_SERVED)],
    ids=str,
)
def test_a_describe_has_the_shape_of_a_real_one(org: Org, exchange: Exchange) -> None:
    """Every key of the object, its fields, picklist values, child relationships and record types."""
    assert not unlike(exchange, org.call("GET", exchange.resource), DESCRIBED)


def test_the_global_describe_has_the_shape_of_a_real_one(org: Org) -> None:
    """One summary an object, with the addresses of what belongs to it."""
    recorded = named(salesforce(), "Global_describe-0")
    assert not unlike(recorded, org.call("GET", "/sobjects"), [EVENT_SERIES])


def test_a_single_record_has_the_shape_of_a_real_one(org: Org) -> None:
    """All fields, null where nothing is set, under its own address."""
    exchange = named(salesforce(), "GET_sobjects_Organization-0")
    answer = org.call("GET", f"/sobjects/Organization/{org.rows('SELECT Id FROM Organization')[0]['Id']}")
    assert not unlike(exchange, answer, ORGANIZATION)
    assert not unused(exchange.answer, answer.json(), ORGANIZATION)


def test_no_excuse_outlives_its_reason(org: Org) -> None:
    """What the sandbox is said not to serve it does not serve, and each pattern of the table is met by a recording."""
    for pattern in NOT_SERVED:
        met = [one for one in salesforce() if re.fullmatch(pattern, one.resource)]
        assert met, pattern
        for exchange in met:
            path = exchange.path if "/async/" in exchange.path else f"/services/data/v66.0{exchange.resource}"
            answer = org.session.request(exchange.method, org.address + path, timeout=30)
            assert answer.status_code == 404, f"{exchange} is served by now: tell it"
