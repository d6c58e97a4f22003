"""項目の同期 from end to end: what the vendors saw of it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from company import Company

from connector.programs import programs

Start = Callable[..., Company]
RULES = """
enabled: true
fields:
  - {kind: person, property: title, rule: prefer_sfa}
"""


def portal(here: Company) -> dict[str, dict[str, Any]]:
    """The portal's contacts by id."""
    return {str(row["id"]): row for row in here.records("hubspot", "contacts") if not row["archived"]}


def pair(here: Company) -> tuple[dict[str, Any], str]:
    """A contact of the org with a title, and the id of the only record of the portal that names it."""
    org = {row["Id"]: row for row in here.records("salesforce", "Contact") if not row["IsDeleted"] and row["Title"]}
    named = Counter(row.get("salesforcecontactid") for row in portal(here).values())
    return next(
        (org[known], twin)
        for twin, row in portal(here).items()
        if (known := row.get("salesforcecontactid")) in org and named[known] == 1
    )


def alone(here: Company) -> None:
    """No other program is at work."""
    folder = here.project / "mappings" / "programs"
    folder.mkdir(parents=True)
    for name in programs():
        (folder / f"{name}.yaml").write_text(RULES if name == "field_sync" else "enabled: false\n", encoding="utf-8")


def test_a_field_follows_and_then_rests(company: Start) -> None:
    """The MA takes the SFA's title; while nobody changes anything, nothing is written; a change follows; then rest."""
    here = company(whole=True)
    alone(here)
    here.run()
    contact, twin = pair(here)
    assert portal(here)[twin].get("jobtitle") == contact["Title"]

    here.advance("PT1H")
    here.run()
    before = len(here.journal())
    here.advance("PT1H")
    assert here.run().planned == 0
    assert len(here.journal()) == before

    actor = next(user["Id"] for user in here.records("salesforce", "User") if user["IsActive"])
    values = {"Title": "執行役員 兼 新規事業部長"}
    here.act(actor, "update", vendor="salesforce", object="Contact", id=contact["Id"], values=values)
    here.advance("PT1H")
    here.run()
    assert portal(here)[twin]["jobtitle"] == "執行役員 兼 新規事業部長"
    here.advance("PT1H")
    written = len(here.journal())
    here.run()
    assert len(here.journal()) == written
