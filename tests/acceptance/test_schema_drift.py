"""An administrator changes the schema under a running Okoshi: it stops before it writes, says what, and goes on."""

from collections.abc import Callable
from typing import Any

import pytest
from company import Company

from connector.model.errors import ConfigurationError, OkoshiError, StopSync

Start = Callable[..., Company]

WITHDRAWN: list[tuple[dict[str, Any], str, type[OkoshiError], int]] = [
    (
        {"kind": "field_invisible", "object": "Task", "field": "CallDisposition"},
        r"Task\.CallDisposition",
        StopSync,
        3,
    ),
    ({"kind": "field_removed", "object": "Account", "field": "Account_Status__c"}, "Account_Status__c", StopSync, 3),
    ({"kind": "property_archived", "object": "contacts", "property": "jobtitle"}, r"contacts\.jobtitle", StopSync, 3),
    ({"kind": "object_invisible", "object": "Campaign"}, "Campaign", StopSync, 3),
    ({"kind": "scope_withdrawn", "scope": "forms"}, "form_submissions", StopSync, 3),
    (
        {"kind": "field_invisible", "object": "Opportunity", "field": "StageName"},
        r"Opportunity\.StageName.*permission set",
        ConfigurationError,
        2,
    ),
    ({"kind": "object_invisible", "object": "Opportunity"}, "Opportunity", ConfigurationError, 2),
]


def test_what_is_withdrawn_stops_the_run_until_it_is_back(company: Start) -> None:
    """A field or an object that was read until now, or that nothing works without: named, and nothing is written."""
    here = company()
    here.run()
    here.advance("P1D")
    written, told = here.journal(), []
    for drift, name, error, code in WITHDRAWN:
        here.drift(**drift)
        with pytest.raises(error, match=name) as stopped:
            here.run()
        told.append(stopped.value.exit_code == code)
        here.mend()
    assert all(told)
    assert here.journal() == written
    done = here.run()
    assert (done.unknown, done.leaks) == (0, 0)
    assert done.done == done.planned


def test_what_comes_to_light_later_is_read_from_then_on(company: Start) -> None:
    """Missing from the beginning is no reason to stop; once there, all that was read without it is read again."""
    here = company()
    here.drift(kind="field_invisible", object="Contact", field="Title")
    here.drift(kind="object_invisible", object="Campaign")
    first = here.run()
    here.mend()
    second = here.run()
    contacts, campaigns = (len(here.records("salesforce", name)) for name in ("Contact", "Campaign"))
    assert second.records_changed >= contacts // 2
    assert second.records_read >= contacts + campaigns
    assert (second.planned, first.leaks, second.leaks) == (0, 0, 0)
