"""A company's own mappings over the preset, and what it is told when they are wrong."""

import re
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from connector.mapping import load_mappings
from connector.mapping.practice import StalledDays
from connector.mapping.schema import FieldSource
from connector.model.errors import ConfigurationError
from connector.model.records import RECORD_TYPES, Kind


def project(folder: Path, **files: str) -> Path:
    """A project directory with these mapping files; `programs__x` is mappings/programs/x.yaml."""
    for name, text in files.items():
        path = folder / "mappings" / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def complaint(folder: Path) -> str:
    """What loading says."""
    with pytest.raises(ConfigurationError) as caught:
        load_mappings(folder)
    return str(caught.value)


def test_one_line_changes_one_thing(tmp_path: Path) -> None:
    """The rest of the preset stays: mappings are laid over each other key by key, lists are replaced."""
    own = load_mappings(
        project(
            tmp_path,
            salesforce="objects: {Opportunity: {fields: {approach_hook: Hook__c}}}\n",
            touches="calls: {connected: [話せた]}\n",
            practice="stalled: {days: {default: 45}}\n",
            programs__stalled="owner_task_days: 7\n",
            programs__mine="enabled: false\n",
        )
    )
    preset = load_mappings(None)
    opportunity = own.salesforce.objects["Opportunity"]
    assert opportunity.fields["approach_hook"][0].field == "Hook__c"
    assert opportunity.fields["name"] == preset.salesforce.objects["Opportunity"].fields["name"]
    assert own.touches.calls.connected == ("話せた",)
    assert own.touches.attempt_days == 14
    assert own.practice.stalled.days == StalledDays(default=45, by_record_type={"ShortCycle": "auto"})
    assert own.practice.reasons == preset.practice.reasons
    assert (own.programs["stalled"]["owner_task_days"], own.programs["stalled"]["other_deal_days"]) == (7, 60)
    assert own.programs["mine"] == {"enabled": False}


def test_null_removes_what_the_preset_says(tmp_path: Path) -> None:
    """An object that a company does not use is not read."""
    folder = project(tmp_path, salesforce="objects:\n  Lead:\n  Contact: {fields: {title: null}}\n")
    objects = load_mappings(folder).salesforce.objects
    assert "Lead" not in objects
    assert "title" not in objects["Contact"].fields
    assert "name" in objects["Contact"].fields


def test_another_source_of_a_property_replaces_the_presets_whole(tmp_path: Path) -> None:
    """Nothing of the old source stays behind; without a new origin only the named part changes."""
    consent = "call_consent: {field: Opt__c, values: {はい: yes}}, mail_consent: {default: no}"
    text = f"objects: {{Contact: {{fields: {{{consent}}}}}}}\n"
    fields = load_mappings(project(tmp_path, salesforce=text)).salesforce.objects["Contact"].fields
    assert fields["call_consent"] == (FieldSource(field="Opt__c", values={"はい": "yes"}),)
    assert fields["mail_consent"][0].default == "no"
    assert fields["mail_consent"][0].field == "HasOptedOutOfEmail"


def test_plain_words_stay_what_people_mean(tmp_path: Path) -> None:
    """no is a word, 0120 no octal number, and a day off is a date."""
    text = "calendar: {extra_closed: [2026-08-13]}\ninside_sales_manager: {role: no}\n"
    own = load_mappings(
        project(tmp_path, team=text, touches="no_call_phrases: [on, yes]\ntasks: {subjects: {0120: attempt}}\n")
    )
    assert own.team.calendar.extra_closed == {date(2026, 8, 13)}
    assert own.team.inside_sales_manager.role == "no"
    assert own.touches.no_call_phrases == ("on", "yes")
    assert own.touches.tasks.subjects["0120"] == "attempt"


def test_a_project_without_mappings_has_the_preset(tmp_path: Path) -> None:
    """Nothing must be copied to begin."""
    assert load_mappings(tmp_path).version == load_mappings(None).version


def test_the_version_changes_with_values_only(tmp_path: Path) -> None:
    """A comment must not make every case be looked at again; a value must."""
    preset = load_mappings(None).version
    assert load_mappings(project(tmp_path, touches="# a comment\nattempt_days: 14\n")).version == preset
    assert load_mappings(project(tmp_path, touches="attempt_days: 15\n")).version != preset


def test_texts_may_be_nested_and_are_found_by_dotted_key(tmp_path: Path) -> None:
    """Long files stay readable."""
    folder = project(tmp_path, texts__ja="own: {greeting: こんにちは}\n")
    assert load_mappings(folder).texts["ja"]["own.greeting"] == "こんにちは"


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (
            "salesforce",
            "objects:\n  Contact:\n    fields:\n      emial: Email\n",
            "salesforce.yaml:4:7: .*no `emial`; did you mean `email`",
        ),
        (
            "salesforce",
            "objects:\n  X__c:\n    kind: thing\n    fields: {modified_at: M}\n",
            r"salesforce.yaml:3:5: .*'user'.*'activity'",
        ),
        (
            "salesforce",
            "objects:\n  X__c:\n    kind: person\n    fields: {name: N}\n",
            "salesforce.yaml:4:5: `modified_at` is needed",
        ),
        (
            "salesforce",
            "objects:\n  Task:\n    constants: {form: fax}\n",
            "salesforce.yaml:3:17: .*`form`; write one of meeting, call",
        ),
        (
            "salesforce",
            "objects:\n  Account:\n    fields:\n      call_consent:\n        values:\n          可: はい\n",
            "salesforce.yaml:6:11: .*`call_consent`; write one of yes, no, unknown",
        ),
        (
            "salesforce",
            "objects: {Task: {fields: {owner: OwnerId}}}\n",
            "salesforce.yaml:1:27: `owner` leads to another record",
        ),
        (
            "salesforce",
            "objects: {Task: {fields: {subject: {object: X, field: Y}}}}\n",
            "`subject` holds no reference; remove `object`",
        ),
        ("salesforce", "objects: {Task: {fields: {subject: {}}}}\n", "salesforce.yaml:1:27: .*exactly one of `field`"),
        (
            "salesforce",
            "objects: {Task: {required: [Colour__c]}}\n",
            "salesforce.yaml:1:29: `Colour__c` is required but no property",
        ),
        ("touches", "attempt_days: fourteen\n", "touches.yaml:1:1: touches.attempt_days: .*write a whole number"),
        ("touches", "calls:\n  conected: []\n", "touches.yaml:2:3: touches.calls.conected: there is no such key"),
        ("touches", "tasks: {subjects: {資料送付: maybe}}\n", "touches.yaml:1:20: .*'contact', 'attempt' or 'neither'"),
        ("team", "inside_sales:\n  assignment: {rule: fixed}\n", "team.yaml:2:3: .*needs `fixed: "),
        ("team", "calendar: {timezone: Tokyo}\n", "team.yaml:1:12: .*is no time zone; write one like Asia/Tokyo"),
        ("team", "inside_sales: {capacity_per_day: 0}\n", "team.yaml:1:16: .*a number of at least 1"),
        ("taems", "a: 1\n", "taems.yaml:1:1: no mapping file has this name; did you mean `team`"),
        ("touches", "attempt_days: 14\nattempt_days: 15\n", "touches.yaml:2:1: `attempt_days` is there twice"),
        ("touches", "calls: [a\nb: c\n", "touches.yaml:2:2: .*check indentation"),
        ("touches", "- a\n", "touches.yaml:1:1: must hold keys with values"),
        ("touches", "? [a]\n: b\n", "touches.yaml:1:3: a key must be plain text"),
        ("texts__ja", "a:\n  b: [1]\n", "texts/ja.yaml:2:3: .*write text"),
        ("texts__ja", "- a\n", "texts/ja.yaml:1:1: must hold keys"),
        ("touches", "calls: &x [*x]\n", "touches.yaml:1:12: write the value out instead of using an alias"),
        ("touches", "calls: !python/none 1\n", "touches.yaml:1:8: could not determine"),
        ("touches", "calls: 3\n", "touches.yaml:1:1: touches.calls: .*write keys with values"),
        ("salesforce", "objects: 3\n", "salesforce.yaml:1:1: salesforce.objects: .*write keys with values"),
        (
            "salesforce",
            "objects:\n  Opportunity:\n    constants: {amount: much}\n",
            "salesforce.yaml:3:17: `amount`: .*write a number",
        ),
    ],
)
def test_a_mistake_names_file_line_column_and_remedy(tmp_path: Path, file: str, text: str, expected: str) -> None:
    """Each message can be acted on without reading code."""
    found = complaint(project(tmp_path, **{file: text}))
    assert re.search("^mappings/(texts/)?.*" + expected.removeprefix("texts/"), found, re.MULTILINE), found


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """One line each: nobody wants to mend one, run, and find the next."""
    text = "objects:\n  Task:\n    fields:\n      colour: Colour__c\n      size: Size__c\n"
    assert len(complaint(project(tmp_path, salesforce=text)).splitlines()) == 2


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Another encoding is the usual reason on Japanese machines."""
    folder = project(tmp_path, touches="attempt_days: 14\n")
    (folder / "mappings" / "touches.yaml").write_bytes("no_call_phrases: [架電NG]\n".encode("cp932"))
    assert "mappings/touches.yaml:1:1: is not UTF-8 text; save it as UTF-8" in complaint(folder)


class Days(BaseModel):
    """Part of a program's settings."""

    model_config = ConfigDict(extra="forbid")
    default: PositiveInt | Literal["auto"] = 60
    by_record_type: dict[str, PositiveInt | Literal["auto"]] = Field(default_factory=dict)


class Program(BaseModel):
    """A program's settings, as its own file declares them."""

    model_config = ConfigDict(extra="forbid")
    enabled: bool = True
    days: Days = Days()


def test_a_program_reads_its_own_settings(tmp_path: Path) -> None:
    """The model is the program's; without a file its defaults hold."""
    mappings = load_mappings(project(tmp_path, programs__mine="days: {default: 45}\n"))
    assert mappings.program("mine", Program).days.default == 45
    assert mappings.program("other", Program).days.default == 60


def test_a_mistake_in_a_programs_settings_has_its_place_too(tmp_path: Path) -> None:
    """File, line and column of the value, although the model came later."""
    mappings = load_mappings(project(tmp_path, programs__mine="enabled: true\ndays:\n  defualt: 45\n"))
    with pytest.raises(
        ConfigurationError, match=r"^mappings/programs/mine.yaml:3:3: days.defualt: there is no such key"
    ):
        mappings.program("mine", Program)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("default: soon", "2:3: days.default: this value does not fit; write a whole number, or 'auto'"),
        ("default: -3", "2:3: days.default: this value does not fit; write a number greater than 0, or 'auto'"),
        ("by_record_type: {X: no}", "2:20: days.by_record_type.X: this value does not fit; write a whole number, or"),
    ],
)
def test_a_value_that_may_be_of_several_kinds_is_one_mistake(tmp_path: Path, text: str, expected: str) -> None:
    """One line: the place as it was written, what is wrong, and everything that is allowed."""
    mappings = load_mappings(project(tmp_path, programs__mine=f"days:\n  {text}\n"))
    with pytest.raises(ConfigurationError) as caught:
        mappings.program("mine", Program)
    assert str(caught.value).startswith(f"mappings/programs/mine.yaml:{expected}")
    assert "\n" not in str(caught.value)


CRM = "objects: {deals: {kind: opportunity, path: d.csv, id: id, fields: {name: name}}}\n"


def test_a_system_of_files_is_a_system_like_any_other(tmp_path: Path) -> None:
    """Found by its name, and other systems may point at its records as it may at theirs."""
    contact = "objects: {Opportunity: {fields: {same_as: {field: Crm__c, system: crm, object: deals}}}}\n"
    own = load_mappings(project(tmp_path, files__crm=CRM, salesforce=contact))
    assert [*own.systems] == ["salesforce", "hubspot", "crm"]
    assert [*own.system("crm").objects] == ["deals"]
    assert own.object_of("crm", Kind.OPPORTUNITY) == "deals"
    assert own.object_of("crm", Kind.USER) is None
    assert (own.file_of("crm"), own.file_of("hubspot")) == ("mappings/files/crm.yaml", "mappings/hubspot.yaml")
    assert own.version != load_mappings(None).version


@pytest.mark.parametrize(
    ("name", "format_", "separator"),
    [
        ("a/b-*.csv", "csv", ","),
        ("a.CSV.gz", "csv", ","),
        ("a.tsv", "csv", "\t"),
        ("a.jsonl", "jsonl", ","),
        ("a.ndjson.gz", "jsonl", ","),
        ("a.parquet", "parquet", ","),
    ],
)
def test_the_ending_tells_the_format(tmp_path: Path, name: str, format_: str, separator: str) -> None:
    """Nobody has to say what the name says."""
    found = load_mappings(project(tmp_path, files__crm=CRM.replace("d.csv", f'"{name}"'))).files["crm"].objects["deals"]
    assert (found.written, found.separator) == (format_, separator)


@pytest.mark.parametrize("kind", sorted(RECORD_TYPES))
def test_every_kind_can_be_fed_from_a_file(tmp_path: Path, kind: Kind) -> None:
    """Also those that the two vendors feed in ways of their own: histories, lists, memberships, engagement."""
    needed = [name for name, info in RECORD_TYPES[kind].model_fields.items() if info.is_required()]
    given = {
        name: f"{{field: {name}, object: things}}" if "Ref" in str(RECORD_TYPES[kind].model_fields[name]) else name
        for name in needed
        if name not in ("ref", "modified_at")
    }
    fields = ", ".join(f"{name}: {source}" for name, source in given.items())
    text = f"objects: {{things: {{kind: {kind.value}, path: a.csv, id: id, fields: {{{fields}}}}}}}\n"
    assert load_mappings(project(tmp_path, files__crm=text)).object_of("crm", kind) == "things"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CRM.replace("path: d.csv", "path: d.xls"), "1:11: .*says no format by its ending; add `format: csv`"),
        (CRM.replace("path: d.csv", "pfad: d.csv"), "1:[0-9]+: .*(there is no such key|this key is needed)"),
        (CRM.replace("id: id", "id: id, encoding: sjs"), "1:59: .*is no encoding; write utf-8, cp932 or utf-16"),
        (CRM.replace("id: id", "id: id, delimiter: ab"), "1:59: .*must be one character"),
        (CRM.replace("id: id", "id: id, timezone: Tokio"), "1:59: .*is no time zone"),
        (CRM.replace("d.csv", "d.parquet.gz"), "1:[0-9]+: Parquet is compressed in itself"),
        (CRM.replace("name: name", "modified_at: m"), "1:[0-9]+: say `modified: <column>` beside `path` instead"),
        (CRM.replace("name: name", "owner: {association: o, object: deals}"), "1:[0-9]+: a file has no associations"),
        (CRM.replace("name: name", "owner: {field: o, object: user}"), "1:[0-9]+: crm has no object user; known are"),
        (
            CRM.replace("name: name", "same_as: {field: o, system: salesfroce, object: Opportunity}"),
            "1:[0-9]+: there is no system salesfroce; did you mean `salesforce`",
        ),
        (CRM.replace("name: name", "naem: name"), "1:[0-9]+: .*no `naem`; did you mean `name`"),
    ],
)
def test_a_mistake_about_files_names_its_place_too(tmp_path: Path, text: str, expected: str) -> None:
    """File, line, column and remedy, as for any mapping."""
    found = complaint(project(tmp_path, files__crm=text))
    assert re.search(f"^mappings/files/crm.yaml:{expected}", found, re.MULTILINE), found


@pytest.mark.parametrize(
    ("name", "expected"), [("hubspot", "read by its own interface"), ("my crm", "with letters, digits")]
)
def test_the_name_of_a_system_of_files_must_be_its_own(tmp_path: Path, name: str, expected: str) -> None:
    """It is part of every reference to its records."""
    assert expected in complaint(project(tmp_path, **{f"files__{name}": CRM}))


def test_an_unknown_system_is_told() -> None:
    """Only two systems are mapped."""
    with pytest.raises(ConfigurationError, match="known are salesforce, hubspot"):
        load_mappings(None).system("dynamics")
