"""A value that a vendor's field does not take: shown in plan and run until it fits, and everything else is written."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from company import Company

from connector.programs import programs

Start = Callable[..., Company]
STATUS = "  - {kind: person, property: lead_status, rule: always_sfa%s}"
TITLE = "  - {kind: person, property: title, rule: prefer_sfa}"


def sync(project: Path, *rules: str) -> None:
    """Only field sync is at work, by these rules."""
    folder = project / "mappings" / "programs"
    folder.mkdir(parents=True, exist_ok=True)
    for name in programs():
        fields = "\n".join(("enabled: true", "fields:", *rules))
        (folder / f"{name}.yaml").write_text(fields if name == "field_sync" else "enabled: false\n", encoding="utf-8")


def test_a_value_that_the_list_lacks_is_shown_until_there_is_a_word_for_it(company: Start) -> None:
    """The SFA's lead statuses are not in the MA's list: named field by field, and gone once they are translated."""
    here = company(whole=True, scale=0.02)
    sync(here.project, STATUS % "", TITLE)
    planned = here.dry_run()
    first = here.run()
    assert first.unwritten == len(first.unwritten_fields) > 0
    assert planned.unwritten == first.unwritten_fields
    assert first.done == first.planned > 0, "the titles are written all the same"
    contacts = {str(row["id"]) for row in here.records("hubspot", "contacts")}
    for one in first.unwritten_fields:
        assert (one.system, one.object, one.field, one.reason) == ("hubspot", "contacts", "hs_lead_status", "list")
        assert one.id in contacts
        assert "values" in one.text
    assert max(Counter(one.id for one in first.unwritten_fields).values()) == 1

    here.advance("PT1H")
    assert here.run().unwritten_fields == first.unwritten_fields

    statuses = {row["Status"] for row in here.records("salesforce", "Lead")}
    words = ", ".join(f"{status}: OPEN" for status in sorted(statuses))
    sync(here.project, STATUS % f", values: {{{words}}}", TITLE)
    here.advance("PT1H")
    mended = here.run()
    assert mended.unwritten == 0
    assert mended.effects["fields"] >= first.unwritten


def test_on_the_next_business_day_a_list_that_has_the_value_now_takes_it(company: Start) -> None:
    """Nobody has touched the records since: they are looked at again by themselves."""
    here = company(whole=True, scale=0.02)
    sync(here.project, STATUS % "")
    before = here.run()
    leads = {row["Id"]: row["Status"] for row in here.records("salesforce", "Lead") if not row["IsDeleted"]}
    twins = {str(row["id"]): leads.get(row.get("salesforceleadid")) for row in here.records("hubspot", "contacts")}
    missing = {str(one.id): twins[str(one.id)] for one in before.unwritten_fields}
    status = next(found for found in missing.values() if found)
    names = {"object": "contacts", "property": "hs_lead_status", "from": "OPEN", "to": status}
    here.drift(kind="picklist_renamed", vendor="hubspot", **names)
    here.advance("PT1H")
    assert here.run().unwritten == before.unwritten, "not before the next business day"
    here.advance("P1D")
    after = here.run()
    left = {str(one.id) for one in after.unwritten_fields}
    assert {one for one, found in missing.items() if found == status}.isdisjoint(left)
    assert after.unwritten < before.unwritten
    assert after.effects["fields"] > 0
