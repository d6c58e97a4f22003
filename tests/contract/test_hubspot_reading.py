"""What is read of HubSpot beyond plain records: lists, forms, page views, messages, and what is merged or archived."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from mirrored import Mirrored
from source_specimens import HubSpot
from vendors import OneWorker, Sandbox

from connector.mapping.loader import load_mappings
from connector.model.records import Activity, Consent, Engagement, EngagementKind, Membership, Record, Ref
from connector.sandbox.server import SandboxOptions, running
from connector.sources.hubspot import HubSpotSource
from connector.store import Store

MAPPINGS = load_mappings(None)
SITE = "https://www.example.co.jp"


def now_of(sandbox: Sandbox) -> datetime:
    """The vendors' time."""
    return datetime.fromisoformat(sandbox.get("/clock")["now"])


class Follower:
    """Somebody who reads some streams again and again and keeps the cursors."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.cursors: dict[str, str] = {}
        self.client = sandbox.client("hubspot")

    def read(self, stream: str) -> dict[str, Record]:
        """What one more run's reading hands over, by id."""
        found: dict[str, Record] = {}
        source = HubSpotSource(self.client, MAPPINGS)
        for batch in source.read(stream, self.cursors.get(stream), now_of(self.sandbox)):
            found |= {record.ref.id: record for record in batch.records}
            if batch.cursor:
                self.cursors[stream] = batch.cursor
        return found

    def calls(self, stream: str) -> Counter[str]:
        """What the next reading costs, by operation."""
        before = Counter(self.client.usage.calls)
        self.read(stream)
        return Counter(self.client.usage.calls) - before


class TestReading(OneWorker):
    """One portal with page views, read as it is after each act."""

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """The vendors with a small company."""
        with running(SandboxOptions(scale=0.03, cases=frozenset(), plant=frozenset({"events"}))) as ready:
            yield Sandbox(ready)

    @pytest.fixture(scope="class")
    @classmethod
    def contacts(cls, sandbox: Sandbox) -> list[str]:
        """Ids of living contacts."""
        return list(HubSpot().shown(sandbox, "contacts"))

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """One kind of database: what differs between the kinds is none of the vendor's matter."""
        opened = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
        yield opened
        opened.close()

    @pytest.fixture
    def follower(self, sandbox: Sandbox) -> Follower:
        """Somebody who has read nothing yet."""
        return Follower(sandbox)

    def test_a_message_by_another_way_is_contact_like_a_mail(
        self, sandbox: Sandbox, follower: Follower, contacts: list[str]
    ) -> None:
        """SMS and the like: our own message to that person."""
        message = sandbox.act("log_message", vendor="hubspot", contact=contacts[0], channel="SMS")["communications"]
        record = follower.read("communications")[message]
        assert isinstance(record, Activity)
        assert (record.form, record.direction, record.subtype) == ("mail", "outgoing", "SMS")
        assert record.people == (Ref("hubspot", "contacts", contacts[0]),)

    def test_only_lists_that_people_changed_are_read_again(
        self, sandbox: Sandbox, follower: Follower, contacts: list[str]
    ) -> None:
        """One search tells which; a list that fills itself waits for the next whole reading."""
        everybody = follower.read("memberships")
        assert {record.list.id for record in everybody.values() if isinstance(record, Membership)} == {
            "1",
            "2",
            "3",
            "4",
        }
        assert follower.calls("memberships") == {"lists": 1}
        stranger = next(one for one in contacts if f"1:{one}" not in everybody)
        sandbox.act("join_list", vendor="hubspot", list="1", contact=stranger)
        filled = next(row for row in sandbox.state("hubspot", "lists") if row["processingType"] == "DYNAMIC")
        someone = next(one for one in contacts if f"{filled['id']}:{one}" not in everybody)
        values = {"lifecyclestage": "salesqualifiedlead", "hs_email_optout": True}
        sandbox.act("update", vendor="hubspot", object="contacts", id=someone, values=values)
        again = follower.read("memberships")
        assert again[f"1:{stranger}"].links() is not None
        assert {record.list.id for record in again.values() if isinstance(record, Membership)} == {"1"}
        assert f"{filled['id']}:{someone}" in Follower(sandbox).read("memberships")

    def test_forms_are_asked_only_when_somebody_sent_one(
        self, sandbox: Sandbox, follower: Follower, contacts: list[str]
    ) -> None:
        """One search among contacts else; who sent it is told by the address."""
        follower.read("form_submissions")
        assert follower.calls("form_submissions") == {"search": 1}
        form = sandbox.state("hubspot", "forms")[0]
        values = {"email": "Shinki@Example.jp", "lastname": "新規"}
        ids = sandbox.act(
            "submit_form", vendor="hubspot", actor="site", form=form["id"], values=values, url=f"{SITE}/f"
        )
        new = [one for one in follower.read("form_submissions").values() if one.modified_at > moment_ago(sandbox)]
        (sent,) = new
        assert isinstance(sent, Engagement)
        assert sent.form is EngagementKind.FORM
        assert (sent.person, sent.email) == (Ref("hubspot", "contacts", ids["contacts"]), "shinki@example.jp")
        assert (sent.title, sent.url) == (form["name"], f"{SITE}/f")
        assert follower.calls("form_submissions") == {"search": 1}

    def test_each_page_that_is_opened_is_read_once(
        self, sandbox: Sandbox, follower: Follower, contacts: list[str]
    ) -> None:
        """With who, when, what, and the vendor's hint whether it was a person."""
        known = follower.read("page_views")
        assert follower.read("page_views") == {}
        urls = [f"{SITE}/price", f"{SITE}/case", f"{SITE}/price"]
        for url in urls:
            sandbox.act("visit_page", vendor="hubspot", contact=contacts[3], url=url)
        new = {id_: view for id_, view in follower.read("page_views").items() if id_ not in known}
        assert sorted(view.url for view in new.values() if isinstance(view, Engagement)) == sorted(map(str, urls))
        for view in new.values():
            assert isinstance(view, Engagement)
            assert view.person == Ref("hubspot", "contacts", contacts[3])
            assert view.bot_score == 97
        assert follower.read("page_views") == {}

    def test_a_wrong_clock_of_ours_loses_no_page_view(
        self, sandbox: Sandbox, follower: Follower, contacts: list[str]
    ) -> None:
        """Cursors come from the events alone: a run with a clock of next year does not pass over this year's."""
        follower.read("page_views")
        source = HubSpotSource(follower.client, MAPPINGS)
        for days in (400, -400):
            for batch in source.read(
                "page_views", follower.cursors["page_views"], now_of(sandbox) + timedelta(days=days)
            ):
                follower.cursors["page_views"] = batch.cursor or follower.cursors["page_views"]
            url = f"{SITE}/clock/{days}"
            sandbox.act("visit_page", vendor="hubspot", contact=contacts[4], url=url)
            assert url in {view.url for view in follower.read("page_views").values() if isinstance(view, Engagement)}

    def test_what_was_said_to_a_merged_person_counts_for_the_survivor(
        self, sandbox: Sandbox, store: Store, tmp_path: Path
    ) -> None:
        """The tombstone names the survivor, whether it was ever read as living or not."""
        mirrored = Mirrored(store, sandbox, HubSpot(), "hubspot", tmp_path)
        mirrored.keep_up()
        survivor, loser = list(HubSpot().shown(sandbox, "contacts"))[-2:]
        unseen = f"never-seen-{len(sandbox.state('hubspot', 'contacts'))}@example.jp"
        call = sandbox.act("log_call", vendor="hubspot", contact=loser)["calls"]
        new = sandbox.act("create", vendor="hubspot", object="contacts", values={"email": unseen})
        sandbox.act("merge", vendor="hubspot", object="contacts", winner=survivor, losers=[loser, new["contacts"]])
        mirrored.keep_up()
        for lost in (loser, new["contacts"]):
            gone = mirrored.get("contacts", lost)
            assert gone is not None
            assert gone.deleted
            assert (lost, survivor) in mirrored.links("person.same_as")
        record = mirrored.get("calls", call)
        assert isinstance(record, Activity)
        assert [person.id for person in record.people] == [survivor]

    def test_what_is_archived_or_left_vanishes_with_the_next_whole_reading(
        self, sandbox: Sandbox, store: Store, tmp_path: Path
    ) -> None:
        """Records, lists and memberships: none of them tells that it is gone."""
        mirrored = Mirrored(store, sandbox, HubSpot(), "hubspot", tmp_path)
        mirrored.keep_up()
        call = next(iter(HubSpot().shown(sandbox, "calls")))
        member = next(row for row in HubSpot().shown(sandbox, "memberships").values() if row["listId"] == "1")
        sandbox.act("delete", vendor="hubspot", object="calls", id=call)
        sandbox.act("leave_list", vendor="hubspot", list="1", contact=member["recordId"])
        listed = list(HubSpot().shown(sandbox, "lists"))[-1]
        delete_list(sandbox, listed)
        mirrored.keep_up()
        sandbox.advance("P1D")
        mirrored.keep_up(whole=True)
        places = (("calls", call), ("memberships", member["id"]), ("lists", listed))
        gone = [mirrored.get(*place) for place in places]
        assert [record.deleted for record in gone if record] == [True, True, True]


def delete_list(sandbox: Sandbox, list_id: str) -> None:
    """A person deletes a list; Okoshi never does."""
    access = sandbox.ready.hubspot
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {access.access_token}"
        address = f"{access.base_url}/crm/v3/lists/{list_id}"
        assert session.delete(address, verify=sandbox.ready.ca_bundle, timeout=10).status_code == 204


def moment_ago(sandbox: Sandbox) -> datetime:
    """Some minutes before the vendors' now."""
    return now_of(sandbox) - timedelta(minutes=5)


@pytest.mark.xdist_group("lacking")
def test_what_a_portal_lacks_is_left_out_and_named() -> None:
    """No page views in this tier, and nobody's consent to mail is recorded: it is unknown, and people are told."""
    with running(SandboxOptions(scale=0.03, cases=frozenset(), plant=frozenset({"noconsent"}))) as ready:
        sandbox = Sandbox(ready)
        source = HubSpotSource(sandbox.client("hubspot"), MAPPINGS)
        assert "page_views" not in source.streams()
        assert {"lists", "memberships", "form_submissions", "communications"} <= set(source.streams())
        told = source.missing()
        assert any(line.startswith("page_views does not exist") for line in told)
        assert any(line.startswith("contacts.hs_email_optout does not exist") for line in told)
        people: list[Any] = [
            record for batch in source.read("contacts", None, now_of(sandbox)) for record in batch.records
        ]
        assert {person.mail_consent for person in people} == {Consent.UNKNOWN}
