"""One place maps the SDK's paths to the path family of the settings."""

import pytest

from connector.clients.paths import with_family

MAPPED = [
    ("/crm/v3/objects/contacts", "/crm/objects/2026-03/contacts"),
    ("/crm/v3/objects/contacts/search", "/crm/objects/2026-03/contacts/search"),
    ("/crm/v3/objects/0-1/batch/read", "/crm/objects/2026-03/0-1/batch/read"),
    ("/crm/v4/associations/calls/contacts/batch/read", "/crm/associations/2026-03/calls/contacts/batch/read"),
    ("/crm/v3/properties/contacts", "/crm/properties/2026-03/contacts"),
    ("/crm/v3/owners/", "/crm/owners/2026-03"),
]


@pytest.mark.parametrize(("undated", "dated"), MAPPED)
def test_the_dated_family_is_called_by_default(undated: str, dated: str) -> None:
    """Host and query stay; version and area change places; the SDK's trailing slash goes."""
    base = "https://api.hubapi.com"
    assert with_family(f"{base}{undated}?limit=1&after=a%2Fb", "2026-03") == f"{base}{dated}?limit=1&after=a%2Fb"


@pytest.mark.parametrize(("undated", "dated"), MAPPED)
def test_the_old_family_stays_as_the_sdk_has_it(undated: str, dated: str) -> None:
    """`hubspot.api_version: v3` calls what the SDK calls."""
    assert with_family(f"https://api.hubapi.com{undated}", "v3").endswith(undated)
