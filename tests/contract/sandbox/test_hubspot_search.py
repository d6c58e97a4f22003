"""The CRM search of the simulated portal: operators, order, pages, limits, refusals."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

HOUR = timedelta(hours=1)
SEARCH = "/crm/v3/objects/contacts/search"


def search(hubspot, path=SEARCH, **body):
    answer = hubspot.post(path, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def one_filter(name, operator, **values):
    return [{"filters": [{"propertyName": name, "operator": operator, **values}]}]


def epoch(text):
    return str(int(datetime.fromisoformat(text).timestamp() * 1000))


@pytest.fixture(scope="module")
def contacts(control):
    """The stored contacts that a search can see."""
    now = control.get("/clock").json()["now"]
    rows = control.get("/state/hubspot/contacts").json()
    return [one for one in rows if not one["archived"] and (one.get("_visible_at") or "") <= now]


@pytest.mark.parametrize("path", [SEARCH, "/crm/objects/2026-03/0-1/search"])
def test_a_closed_window_of_time(hubspot, contacts, path):
    """GTE and LT with epoch milliseconds cut the same window as the stored times; ISO text means the same."""
    moments = sorted(one["lastmodifieddate"] for one in contacts)
    low, high = moments[len(moments) // 4], moments[len(moments) // 2]
    expected = [one["id"] for one in contacts if low <= one["lastmodifieddate"] < high]
    for start, end in ((low, high), (epoch(low), epoch(high))):
        filters = [
            {"propertyName": "lastmodifieddate", "operator": "GTE", "value": start},
            {"propertyName": "lastmodifieddate", "operator": "LT", "value": end},
        ]
        found = search(hubspot, path, filterGroups=[{"filters": filters}], limit=200)
        assert found["total"] == len(expected)
        assert sorted(one["id"] for one in found["results"]) == sorted(expected)[:200]


def test_sorted_pages_meet_everything_once(hubspot, contacts):
    """Pages of 50 in ascending order of modification, `after` being an offset."""
    after, seen = 0, []
    while after is not None:
        page = search(
            hubspot,
            sorts=[{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}],
            properties=["lastmodifieddate"],
            limit=100,
            after=after,
        )
        seen += page["results"]
        after = page.get("paging", {}).get("next", {}).get("after")
    assert sorted(one["id"] for one in seen) == sorted(one["id"] for one in contacts)
    moments = [one["properties"]["lastmodifieddate"] for one in seen]
    assert all(earlier <= later for earlier, later in pairwise(moments))


def test_text_equality_ignores_case(hubspot, contacts):
    """EQ finds an address whatever its case."""
    known = next(one for one in contacts if one["email"])
    found = search(hubspot, filterGroups=one_filter("email", "EQ", value=known["email"].upper()))
    assert [one["id"] for one in found["results"]] == [known["id"]]


def test_in_lists_of_text_must_be_lower_case(hubspot, contacts):
    """IN compares with the list as it was sent: the vendor's trap for mixed-case ids."""
    known = next(one for one in contacts if one["salesforcecontactid"])
    key = known["salesforcecontactid"]
    as_is = search(hubspot, filterGroups=one_filter("salesforcecontactid", "IN", values=[key]))
    lower = search(hubspot, filterGroups=one_filter("salesforcecontactid", "IN", values=[key.lower()]))
    assert (as_is["total"], lower["total"]) == (0, 1)


def test_presence_and_ranges(hubspot, contacts):
    """HAS_PROPERTY and NOT_HAS_PROPERTY split all records; BETWEEN includes both ends."""
    have = search(hubspot, filterGroups=one_filter("salesforcecontactid", "HAS_PROPERTY"))["total"]
    lack = search(hubspot, filterGroups=one_filter("salesforcecontactid", "NOT_HAS_PROPERTY"))["total"]
    assert have + lack == len(contacts)
    assert have == sum(1 for one in contacts if one["salesforcecontactid"])
    between = search(
        hubspot, filterGroups=one_filter("hs_analytics_num_page_views", "BETWEEN", value="3", highValue="9")
    )
    assert between["total"] == sum(1 for one in contacts if 3 <= (one["hs_analytics_num_page_views"] or 0) <= 9)


def test_tokens_and_free_text(hubspot, contacts):
    """CONTAINS_TOKEN matches whole words, `*` the rest of a word; `query` looks through the usual properties."""
    known = next(one for one in contacts if one["email"])
    domain = known["email"].partition("@")[2]
    expected = sum(1 for one in contacts if (one["email"] or "").endswith(f"@{domain}"))
    assert search(hubspot, filterGroups=one_filter("email", "CONTAINS_TOKEN", value=f"*@{domain}"))["total"] >= expected
    assert search(hubspot, filterGroups=one_filter("email", "CONTAINS_TOKEN", value=domain[:3]))["total"] == 0
    ids = [one["id"] for one in search(hubspot, query=known["email"])["results"]]
    assert known["id"] in ids


def test_groups_are_alternatives(hubspot, contacts):
    """Filters of a group must all hold, one group is enough; ids are compared as numbers."""
    first, second = contacts[0]["id"], contacts[1]["id"]
    groups = one_filter("hs_object_id", "EQ", value=first) + one_filter("hs_object_id", "EQ", value=second)
    assert search(hubspot, filterGroups=groups)["total"] == 2
    both = [{"filters": [groups[0]["filters"][0], groups[1]["filters"][0]]}]
    assert search(hubspot, filterGroups=both)["total"] == 0
    above = one_filter("hs_object_id", "GT", value=str(max(int(one["id"]) for one in contacts)))
    assert search(hubspot, filterGroups=above)["total"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"filterGroups": one_filter("no_such_property", "EQ", value="1")},
        {"sorts": [{"propertyName": "no_such_property"}]},
        {"sorts": ["email", "lastname"]},
        {"filterGroups": one_filter("email", "SOUNDS_LIKE", value="1")},
        {"filterGroups": one_filter("email", "EQ")},
        {"filterGroups": one_filter("lastmodifieddate", "GTE", value="yesterday")},
        {"filterGroups": one_filter("email", "EQ", value="1") * 6},
        {"filterGroups": [{"filters": one_filter("email", "EQ", value="1")[0]["filters"] * 7}]},
        {"filterGroups": one_filter("email", "EQ", value="1")[0]},
        {"limit": 201},
        {"limit": 100, "after": 9_950},
        {"after": "x"},
    ],
)
def test_what_the_vendor_refuses(hubspot, body):
    """Unknown properties, two sorts, unknown operators, missing values, too much of anything: 400."""
    answer = hubspot.post(SEARCH, body)
    assert answer.status_code == 400
    assert answer.json()["status"] == "error"


def test_the_planted_window(start_sandbox, connect_hubspot, connect_control):
    """With `window` more than 10,000 contacts match, out of order and many in one millisecond."""
    with start_sandbox(plant=frozenset({"window"})) as ready:
        hubspot = connect_hubspot(ready)
        plant = connect_control(ready).get("/truth").json()["plants"]["window"]
        shared = datetime.fromisoformat(plant["lastmodifieddate"])
        window = one_filter("lastmodifieddate", "GTE", value=str(int((shared - HOUR).timestamp() * 1000)))
        asked = {
            "filterGroups": window,
            "sorts": [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}],
            "limit": 200,
        }
        first, last = (search(hubspot, **asked, after=after) for after in (0, 9_800))
        assert first["total"] > 10_000
        assert last["paging"]["next"]["after"] == "10000"
        assert hubspot.post(SEARCH, {**asked, "after": 10_000}).status_code == 400
        moments = [one["properties"]["lastmodifieddate"] for one in first["results"]]
        assert moments != sorted(moments)
        assert search(hubspot, **asked) == first
        exactly = one_filter("lastmodifieddate", "EQ", value=plant["lastmodifieddate"])
        assert search(hubspot, filterGroups=exactly)["total"] == plant["shared"]
