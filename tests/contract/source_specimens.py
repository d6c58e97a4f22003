"""What the sources' conformance suite holds against each system: what the vendor shows, and what people do there."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from vendors import Sandbox

from connector.mapping.loader import load_mappings
from connector.mapping.schema import Mappings
from connector.sources import SOURCES, FileSource, VendorSource

Row = Mapping[str, Any]
VIEWS_BACK = timedelta(days=90, hours=1)
"""How old a page view may be when reading begins."""


class Specimen(Protocol):
    """One system behind a source. A new source brings its own, and one line in `SPECIMENS`."""

    mappings: Mappings
    told: Mapping[str, Mapping[str, str]]
    """By stream: which property of a record is which field of the vendor's, for texts that are taken as they are."""

    def reading_begins(self, sandbox: Sandbox) -> None:
        """Somebody who has read nothing yet begins to read now."""
        ...

    def source(self, sandbox: Sandbox, mappings: Mappings) -> VendorSource:
        """A source as a new run makes it."""
        ...

    def calls(self, sandbox: Sandbox) -> int:
        """How many calls were made until now."""
        ...

    def shown(self, sandbox: Sandbox, stream: str) -> dict[str, Row]:
        """The vendor's rows that a reader of this stream can see now, by the id of the record; no deleted ones."""
        ...

    def merged(self, sandbox: Sandbox, stream: str) -> dict[str, str]:
        """The survivors of merged records, by the id that is gone."""
        ...

    def deleted(self, sandbox: Sandbox, stream: str) -> set[str]:
        """Ids of what is deleted, as far as the vendor shows that to readers."""
        ...

    def people_work(self, sandbox: Sandbox) -> None:
        """People make, change, delete and merge records."""
        ...


def visible(sandbox: Sandbox, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the rows that have been committed."""
    now = moment(sandbox.get("/clock")["now"])
    return [row for row in rows if not row.get("_visible_at") or moment(row["_visible_at"]) <= now]


def moment(text: str) -> datetime:
    """A time of the sandbox's own files."""
    return datetime.fromisoformat(text)


class Salesforce:
    """The org: what is deleted or merged can still be seen."""

    mappings = load_mappings(None)
    told: Mapping[str, Mapping[str, str]] = {
        "User": {"name": "Name"},
        "Account": {"name": "Name", "phone": "Phone", "notes": "Description"},
        "Contact": {"email": "Email", "title": "Title"},
        "Lead": {"email": "Email"},
        "Opportunity": {"name": "Name", "stage": "StageName"},
        "OpportunityContactRole": {"role": "Role"},
        "Task": {"subject": "Subject", "status": "Status"},
        "Event": {"subject": "Subject"},
        "OpportunityHistory": {"stage": "StageName"},
        "OpportunityFieldHistory": {"field": "Field"},
        "Campaign": {"name": "Name"},
        "CampaignMember": {"status": "Status"},
    }

    def reading_begins(self, sandbox: Sandbox) -> None:
        """All that there is is read, whatever its age."""

    def source(self, sandbox: Sandbox, mappings: Mappings) -> VendorSource:
        return SOURCES["salesforce"](sandbox.client("salesforce"), mappings, "Asia/Tokyo")

    def calls(self, sandbox: Sandbox) -> int:
        return int(sandbox.client("salesforce").usage.total)

    def rows(self, sandbox: Sandbox, stream: str, *, deleted: bool) -> dict[str, Row]:
        rows = visible(sandbox, sandbox.state("salesforce", stream))
        return {row["Id"]: row for row in rows if bool(row.get("IsDeleted")) is deleted}

    def shown(self, sandbox: Sandbox, stream: str) -> dict[str, Row]:
        return self.rows(sandbox, stream, deleted=False)

    def merged(self, sandbox: Sandbox, stream: str) -> dict[str, str]:
        gone = self.rows(sandbox, stream, deleted=True)
        return {id_: row["MasterRecordId"] for id_, row in gone.items() if row.get("MasterRecordId")}

    def deleted(self, sandbox: Sandbox, stream: str) -> set[str]:
        return set(self.rows(sandbox, stream, deleted=True))

    def people_work(self, sandbox: Sandbox) -> None:
        def some(object_: str, **values: Any) -> list[str]:
            rows = self.shown(sandbox, object_).values()
            return [row["Id"] for row in rows if all(row.get(name) == value for name, value in values.items())]

        def act(action: str, **members: Any) -> dict[str, str]:
            return sandbox.act(action, vendor="salesforce", **members)

        deal, other = some("Opportunity", IsClosed=False)[:2]
        task = act("log_call", opportunity=deal, disposition="接続")["Task"]
        act("log_meeting", opportunity=other)
        act("delete_task", task=task)
        act("set_stage", opportunity=deal, stage="提案")
        for object_ in ("Account", "Contact"):
            winner, *losers = some(object_)[-3:]
            act("merge", object=object_, winner=winner, losers=losers)
        act("update", object="Account", id=some("Account")[0], values={"Description": '担当が替わりました\r\n"新"'})
        act("convert", lead=some("Lead", IsConverted=False)[0])


class HubSpot:
    """The portal: what is archived cannot be seen, what is merged stands on the survivor."""

    mappings = load_mappings(None)
    told: Mapping[str, Mapping[str, str]] = {
        "companies": {"name": "name"},
        "contacts": {"email": "email", "last_page_url": "hs_analytics_last_url"},
        "deals": {"name": "dealname"},
        "calls": {"subject": "hs_call_title"},
        "emails": {"subject": "hs_email_subject"},
        "lists": {"name": "name"},
    }

    def __init__(self) -> None:
        self._views_since = datetime.min.replace(tzinfo=UTC)

    def reading_begins(self, sandbox: Sandbox) -> None:
        self._views_since = moment(sandbox.get("/clock")["now"]) - VIEWS_BACK

    def source(self, sandbox: Sandbox, mappings: Mappings) -> VendorSource:
        return SOURCES["hubspot"](sandbox.client("hubspot"), mappings, "Asia/Tokyo")

    def calls(self, sandbox: Sandbox) -> int:
        return int(sandbox.client("hubspot").usage.total)

    def shown(self, sandbox: Sandbox, stream: str) -> dict[str, Row]:
        if stream in self._beside:
            return self._beside[stream](self, sandbox)
        rows = visible(sandbox, sandbox.state("hubspot", stream))
        return {row["id"]: row for row in rows if stream == "owners" or not row["archived"]}

    def merged(self, sandbox: Sandbox, stream: str) -> dict[str, str]:
        rows = self.shown(sandbox, stream).values()
        return {
            lost: row["id"] for row in rows for lost in str(row.get("hs_merged_object_ids") or "").split(";") if lost
        }

    def deleted(self, sandbox: Sandbox, stream: str) -> set[str]:
        return set(self.merged(sandbox, stream))

    def _lists(self, sandbox: Sandbox) -> dict[str, Row]:
        rows = sandbox.state("hubspot", "lists")
        return {row["id"]: row for row in rows if row["objectTypeId"] == "0-1" and not row["archived"]}

    def _memberships(self, sandbox: Sandbox) -> dict[str, Row]:
        lists = self._lists(sandbox)
        return {row["id"]: row for row in sandbox.state("hubspot", "memberships") if row["listId"] in lists}

    def _form_submissions(self, sandbox: Sandbox) -> dict[str, Row]:
        rows = sandbox.state("hubspot", "form_submissions")
        return {f"{int(row['id']):08x}-0000-4000-8000-{int(row['id']):012x}": row for row in rows}

    def _page_views(self, sandbox: Sandbox) -> dict[str, Row]:
        rows = sandbox.state("hubspot", "events")
        return {row["id"]: row for row in rows if moment(row["occurredAt"]) > self._views_since}

    _beside: Mapping[str, Callable[["HubSpot", Sandbox], dict[str, Row]]] = {
        "lists": _lists,
        "memberships": _memberships,
        "form_submissions": _form_submissions,
        "page_views": _page_views,
    }

    def people_work(self, sandbox: Sandbox) -> None:
        def some(object_: str) -> list[str]:
            return list(self.shown(sandbox, object_))

        def act(action: str, **members: Any) -> dict[str, str]:
            return sandbox.act(action, vendor="hubspot", **members)

        contacts = some("contacts")
        call = act("log_call", contact=contacts[0])["calls"]
        act("log_call", contact=contacts[-3])
        act("log_message", contact=contacts[1], text="ご連絡")
        act("delete", object="calls", id=call)
        act("delete", object="calls", id=some("calls")[0])
        act("merge", object="contacts", winner=contacts[-1], losers=[contacts[-2]])
        companies = some("companies")
        act("merge", object="companies", winner=companies[-1], losers=[companies[-2]])
        act("update", object="companies", id=companies[0], values={"name": "アクメ・'商事' \\ 100%"})
        member = next(row for row in self.shown(sandbox, "memberships").values() if row["listId"] == "1")
        act("leave_list", list="1", contact=member["recordId"])
        act("join_list", list="1", contact=contacts[-3])
        form = sandbox.state("hubspot", "forms")[0]["id"]
        sent = {"email": f"new{len(contacts)}@example.jp", "lastname": "新"}
        act("submit_form", form=form, actor="site", values=sent)
        act("visit_page", contact=contacts[2], url="https://www.example.co.jp/price")


class Exports(Salesforce):
    """A system that can only export files: it holds what the org holds, and writes it out whenever somebody reads."""

    told: Mapping[str, Mapping[str, str]] = {
        "accounts": {"name": "Name", "phone": "Phone"},
        "deals": {"name": "Name", "stage": "StageName"},
        "tasks": {"subject": "Subject", "status": "Status"},
    }
    objects: Mapping[str, str] = {"accounts": "Account", "deals": "Opportunity", "tasks": "Task"}
    system = "kintone"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        common = {"path": "…", "id": "Id", "modified": "SystemModstamp", "snapshot": True}
        fields = {
            "accounts": {"kind": "account", "fields": {"name": "Name", "phone": "Phone"}},
            "deals": {
                "kind": "opportunity",
                "fields": {"name": "Name", "stage": "StageName", "close_date": "CloseDate"},
            },
            "tasks": {
                "kind": "activity",
                "constants": {"form": "task"},
                "fields": {"subject": "Subject", "status": "Status"},
            },
        }
        objects = {name: {**common, **given, "path": f"{name}.csv"} for name, given in fields.items()}
        place = folder / "mappings" / "files" / f"{self.system}.yaml"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps({"objects": objects}), encoding="utf-8")
        self.mappings = load_mappings(folder)

    def source(self, sandbox: Sandbox, mappings: Mappings) -> VendorSource:
        for stream in self.objects:
            self._export(sandbox, stream)
        return FileSource(self.system, self.folder, mappings, "Asia/Tokyo")

    def calls(self, sandbox: Sandbox) -> int:
        return 0

    def rows(self, sandbox: Sandbox, stream: str, *, deleted: bool) -> dict[str, Row]:
        return super().rows(sandbox, self.objects.get(stream, stream), deleted=deleted)

    def merged(self, sandbox: Sandbox, stream: str) -> dict[str, str]:
        return {}

    def deleted(self, sandbox: Sandbox, stream: str) -> set[str]:
        return set()

    def _export(self, sandbox: Sandbox, stream: str) -> None:
        """Writes the living records, unless the file holds them already."""
        rows = list(self.shown(sandbox, stream).values())
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, [name for name in rows[0] if not name.startswith("_")], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        path, new = self.folder / f"{stream}.csv", self.folder / f"{stream}.new"
        new.write_text(text.getvalue(), encoding="utf-8", newline="")
        if not path.exists() or path.read_bytes() != new.read_bytes():
            new.rename(path)


SPECIMENS: Mapping[str, Callable[[Path], Specimen]] = {
    "salesforce": lambda _: Salesforce(),
    "hubspot": lambda _: HubSpot(),
    Exports.system: Exports,
}
"""By system, each with a folder of its own."""
