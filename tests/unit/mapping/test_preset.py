"""The Japanese B2B preset: complete, valid, and what the practice says."""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from connector.mapping import load_mappings
from connector.mapping.practice import PracticeRules, StalledDays
from connector.mapping.schema import FieldSource, Mappings, json_schema
from connector.model.records import RECORD_TYPES, Kind

DESCRIBES = Path(__file__).parents[3] / ".." / "shared" / "data" / "describes"


@pytest.fixture(scope="module")
def preset() -> Mappings:
    """The preset alone."""
    return load_mappings(None)


def test_it_maps_every_object_that_the_main_job_reads(preset: Mappings) -> None:
    """In the order in which they are read: those that others lead to come first."""
    assert [*preset.salesforce.objects] == [
        *("User", "Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole", "Task", "Event"),
        *("OpportunityHistory", "OpportunityFieldHistory", "Campaign", "CampaignMember"),
    ]
    assert [*preset.hubspot.objects] == [
        *("owners", "companies", "contacts", "deals", "calls", "emails", "meetings", "notes", "tasks"),
        *("communications", "lists", "memberships", "form_submissions", "page_views"),
    ]


def test_every_record_that_it_makes_has_what_its_kind_needs(preset: Mappings) -> None:
    """A needed property that nothing feeds would set every record of the object aside."""
    for system in ("salesforce", "hubspot"):
        for name, mapping in preset.system(system).objects.items():
            fields = RECORD_TYPES[mapping.kind].model_fields
            needed = {field for field, info in fields.items() if info.is_required()} - {"ref"}
            assert needed <= {*mapping.fields, *mapping.constants}, f"{system} {name}"


def test_every_reference_leads_to_an_object_that_is_read(preset: Mappings) -> None:
    """A reference to an object nobody reads could never be followed."""
    for system in ("salesforce", "hubspot"):
        for mapping in preset.system(system).objects.values():
            for _, source in mapping.sources():
                if source.object:
                    assert source.object in preset.system(source.system or system).objects


def test_the_short_form_of_a_field_and_a_list_of_sources_are_the_same_thing(preset: Mappings) -> None:
    """Sources read one shape only."""
    contact, task = preset.salesforce.objects["Contact"], preset.salesforce.objects["Task"]
    assert contact.fields["name"] == (FieldSource(field="Name"),)
    assert [source.object for source in task.fields["people"]] == ["Contact", "Lead"]
    assert contact.fields["call_consent"][0].names == ("DoNotCall", "Call_Consent__c")
    assert preset.hubspot.objects["calls"].associations == ("contacts", "deals", "companies")
    assert task.vendor_fields.count("WhoId") == 1


def test_yes_and_no_stay_words(preset: Mappings) -> None:
    """YAML 1.1 would read an unquoted no as false."""
    (consent,) = preset.salesforce.objects["Account"].fields["call_consent"]
    assert consent.values == {"可": "yes", "不可": "no"}


@pytest.mark.parametrize(
    ("disposition", "touch"),
    [
        ("接続", "contact"),
        ("通話", "contact"),
        (" connected ", "contact"),
        ("f240bbac-87c9-4f6e-bf70-924b57d47db7", "contact"),
        (None, "contact"),
        ("", "contact"),
        ("不在", "attempt"),
        ("留守電", "attempt"),
        ("話中", "attempt"),
        ("No Answer", "attempt"),
        ("a4c4c377-d246-4b32-a13b-75a56a4cd0ff", "attempt"),
        ("17b47fee-58de-441e-a44c-c6300d46f273", "attempt"),
    ],
)
def test_a_talk_on_the_phone_is_contact_and_an_unanswered_call_an_attempt(
    preset: Mappings, disposition: str | None, touch: str
) -> None:
    """A blank disposition is contact: reps rarely log a call otherwise."""
    assert preset.touches.calls.touch(disposition) == touch


def test_the_figures_are_those_of_the_practice(preset: Mappings) -> None:
    """Fourteen days after an attempt, three attempts, fifteen tasks a day."""
    assert (preset.touches.attempt_days, preset.touches.attempts_before_manager) == (14, 3)
    assert preset.team.inside_sales.capacity_per_day == 15
    assert preset.team.inside_sales.role == "InsideSales"
    assert preset.tasks.open_status == "未着手"
    assert preset.programs["stalled"]["subject"] == "滞留商談掘り起こし"
    assert preset.practice.stalled.days == StalledDays(default=60, by_record_type={"ShortCycle": "auto"})


def test_what_programs_share_is_what_the_code_defaults_to(preset: Mappings) -> None:
    """Reasons, contracts, statuses and bots stand in the file as in the code; only the record type is an example."""
    shared, code = preset.practice, PracticeRules()
    assert shared.model_copy(update={"stalled": code.stalled}) == code
    assert shared.stalled.auto == code.stalled.auto


def test_what_programs_share_is_no_programs_own(preset: Mappings) -> None:
    """A company that changes a reason, a contract's word or a label changes it in one place.

    Only the names are the same of: 解約理由, what the MA is told of a contract, the days between two quarterly checks.
    """
    shared = {*PracticeRules.model_fields, "contract", "status", "labels_in", "working_days", "days", "stalled_days"}
    own = {(name, key) for name, settings in preset.programs.items() for key in settings if key in shared}
    assert own == {("churn_risk", "reasons"), ("churn_risk", "statuses"), ("quarterly_check", "days")}


def test_texts_are_there_in_both_languages_under_the_same_keys(preset: Mappings) -> None:
    """A key that one language lacks would show itself only to its readers."""
    assert {"ja", "en"} <= set(preset.texts)
    assert set(preset.texts["ja"]) == set(preset.texts["en"])


def test_the_schema_for_editors_accepts_the_short_forms() -> None:
    """It is JSON, names each file, and takes a program's own settings."""

    class Program(BaseModel):
        enabled: bool = True

    schema = json_schema({"stalled": Program})
    json.dumps(schema)
    assert set(schema["properties"]) == {
        *("salesforce", "hubspot", "files", "touches", "practice", "team", "tasks", "identity", "alerts"),
        *("report", "quality", "programs", "texts"),
    }
    assert "stalled" in schema["properties"]["programs"]["properties"]
    fields = schema["properties"]["salesforce"]["$defs"]["ObjectMapping"]["properties"]["fields"]
    assert {"type": "string"} in fields["additionalProperties"]["anyOf"]


def test_every_standard_field_that_is_required_is_in_every_real_org(preset: Mappings) -> None:
    """Real orgs lack many standard fields; those that the preset insists on are in all describes that we have."""
    if not DESCRIBES.is_dir():
        pytest.skip("the shared data folder with real orgs' describes is not beside this checkout")
    seen = 0
    for path in sorted(DESCRIBES.rglob("*.json")):
        describe = json.loads(path.read_text(encoding="utf-8"))
        mapping = preset.salesforce.objects.get(describe.get("name", "")) if isinstance(describe, dict) else None
        if mapping is None or not describe.get("fields"):
            continue
        seen += 1
        names = {field["name"] for field in describe["fields"]}
        assert {name for name in mapping.required if "." not in name} <= names, path.name
    assert seen


def test_all_kinds_are_made(preset: Mappings) -> None:
    """No kind of record is left without a source."""
    made = {mapping.kind for system in ("salesforce", "hubspot") for mapping in preset.system(system).objects.values()}
    assert made == set(Kind)
