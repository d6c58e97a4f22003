"""Alerts inside the sandbox's Salesforce, and that a dry run of a whole deployment can tell nobody."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from vendors import OneWorker, Sandbox

from connector.cli.assemble import deployed
from connector.clients.guard import ReadOnlyViolation
from connector.engine.deployment import Silent
from connector.model.plan import Change, Effect, FieldChange, Operation
from connector.planning.alerts import NOTIFICATION, POST
from connector.planning.links import RecordLinks
from connector.sandbox.server import SandboxOptions, running
from connector.settings import AlertSettings, DatabaseSettings, HubSpotSettings, SalesforceSettings, Settings
from connector.sinks import SalesforceSink


def change(object_: str, key: str, **values: Any) -> Change:
    """A message with everything that a sink does not look at filled in."""
    return Change(
        key=key, program="churn_risk", operation=Operation.CREATE, effect=Effect.ALERT, object=object_,
        system="salesforce" if object_ in (POST, NOTIFICATION) else "alerts", case="salesforce:Opportunity:006",
        basis="v", fields={name: FieldChange(after=value) for name, value in values.items()},
    )  # fmt: skip


class Told:
    """What the tests of one sandbox share."""

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """The vendors with a small company."""
        with running(SandboxOptions(scale=0.1, cases=frozenset(), plant=cls.plant)) as ready:
            yield Sandbox(ready)

    plant: frozenset[str] = frozenset()

    def sink(self, sandbox: Sandbox) -> SalesforceSink:
        """A sink as a new run makes it."""
        return SalesforceSink(sandbox.client("salesforce", read_only=False))

    def deals(self, sandbox: Sandbox) -> list[str]:
        """Deals that are there."""
        return [row["Id"] for row in sandbox.state("salesforce", "Opportunity") if not row["IsDeleted"]]

    def people(self, sandbox: Sandbox, *, active: bool = True) -> list[dict[str, Any]]:
        """Users of the org."""
        return [row for row in sandbox.state("salesforce", "User") if bool(row["IsActive"]) is active]

    def written(self, sandbox: Sandbox, object_: str) -> list[dict[str, Any]]:
        """What the vendor saw made by the connector."""
        lines = (line for line in sandbox.lines("/journal") if line["vendor"] == "salesforce")
        return [line for line in lines if line["object"] == object_ and line["operation"] == "create"]

    def post(self, sandbox: Sandbox, key: str, number: int = 0, **values: Any) -> Change:
        """A post on the feed of the deal of that number."""
        given = {
            "ParentId": self.deals(sandbox)[number],
            "Mentions": [user["Id"] for user in self.people(sandbox)[:2]],
            "Body": f"解約予兆 #1\n「<b>アクメ</b>」の方が解約ページを見ました。\n管理番号: {key}",
        }
        return change(POST, key, **(given | values))

    def bell(self, sandbox: Sandbox, key: str, number: int = 0, **values: Any) -> Change:
        """A notification for the user of that number."""
        given = {
            "type": "Okoshi_Alert",
            "recipientIds": [self.people(sandbox)[number]["Id"]],
            "title": "解約予兆\r\n至急",
            "body": "本文" * 500,
            "targetId": self.deals(sandbox)[0],
        }
        return change(NOTIFICATION, key, **(given | values))


class TestTellingPeopleInSalesforce(Told, OneWorker):
    """Posts and notifications through the same client as tasks."""

    def test_a_post_mentions_people_and_is_made_once(self, sandbox: Sandbox) -> None:
        """A second run finds it by the key in its last line; a #word is no topic."""
        wanted = self.post(sandbox, "churn_risk:1:alert:chatter")
        before = len(self.written(sandbox, POST))
        first, again = self.sink(sandbox).write([wanted])[0], self.sink(sandbox).write([wanted])[0]
        assert (first.state, again.state) == ("done", "done")
        assert first.record == again.record
        (made,) = self.written(sandbox, POST)[before:]
        names = [user["Name"] for user in self.people(sandbox)[:2]]
        assert made["after"]["Body"].splitlines()[:2] == [f"@{names[0]} @{names[1]}", "解約予兆 ＃1"]
        assert made["after"]["Body"].splitlines()[-1] == f"管理番号: {wanted.key}"
        assert made["after"]["ParentId"] == self.deals(sandbox)[0]
        assert self.sink(sandbox).leaves_trace(wanted)

    def test_a_post_of_another_key_is_not_taken_for_this_one(self, sandbox: Sandbox) -> None:
        """The whole key counts, on the feed of this record."""
        one, longer = self.post(sandbox, "churn_risk:2:alert"), self.post(sandbox, "churn_risk:2:alert:more")
        elsewhere = self.post(sandbox, "churn_risk:2:alert", 1)
        assert self.sink(sandbox).write([longer])[0].state == "done"
        assert self.sink(sandbox).find([one, elsewhere]) == {}
        assert self.sink(sandbox).find([longer, one]).keys() == {longer.key}

    @pytest.mark.parametrize("drop", ["before", "after"])
    def test_a_lost_answer_is_looked_up(self, sandbox: Sandbox, drop: str) -> None:
        """Whether the vendor took it or not: one post in the end."""
        wanted = self.post(sandbox, f"churn_risk:lost:{drop}")
        before = len(self.written(sandbox, POST))
        sandbox.fault(vendor="salesforce", method="POST", path="chatter/feed-elements", drop=drop)
        assert self.sink(sandbox).write([wanted])[0].state == "unknown"
        sandbox.mend()
        assert len(self.sink(sandbox).find([wanted])) == (1 if drop == "after" else 0)
        assert self.sink(sandbox).write([wanted])[0].state == "done"
        assert len(self.written(sandbox, POST)) == before + 1

    def test_what_the_org_does_not_take_is_refused_alone(self, sandbox: Sandbox) -> None:
        """Somebody who has left, a record that is gone: the others are told all the same."""
        (left, *_) = self.people(sandbox, active=False)
        posts = [
            self.post(sandbox, "k:1"),
            self.post(sandbox, "k:2", Mentions=[left["Id"]]),
            self.post(sandbox, "k:3", ParentId="006000000000404AAA"),
            self.post(sandbox, "k:4"),
        ]
        outcomes = self.sink(sandbox).write(posts)
        assert [one.state for one in outcomes] == ["done", "refused", "refused", "done"]
        assert "INVALID_ID_FIELD" in str(outcomes[1].reason)
        assert "the record is gone" in str(outcomes[2].reason)

    def test_the_bell_rings_for_each_person(self, sandbox: Sandbox) -> None:
        """In one call; one line of title, both within the vendor's lengths; a wrong person keeps nobody from it."""
        sink, before = self.sink(sandbox), len(self.written(sandbox, NOTIFICATION))
        bells = [self.bell(sandbox, f"b:{number}", number) for number in range(3)]
        bells[1] = self.bell(sandbox, "b:1", recipientIds=[self.deals(sandbox)[0]])
        sink.write([self.bell(sandbox, "b:first")])
        spent = sink.client.usage.total
        outcomes = sink.write(bells)
        assert sink.client.usage.total == spent + 1
        assert [one.state for one in outcomes] == ["done", "refused", "done"]
        assert "INVALID_ID_FIELD" in str(outcomes[1].reason)
        rung = [line["after"] for line in self.written(sandbox, NOTIFICATION)[before + 1 :]]
        assert [one["recipientIds"] for one in rung] == [
            bells[0].fields["recipientIds"].after,
            bells[2].fields["recipientIds"].after,
        ]
        assert rung[0]["title"] == "解約予兆 至急"
        assert (len(rung[0]["body"]), rung[0]["body"][-1]) == (750, "…")

    def test_a_page_of_another_system_can_be_the_target(self, sandbox: Sandbox) -> None:
        """For people whom Salesforce does not know."""
        page = json.dumps({"type": "standard__webPage", "attributes": {"url": "https://app.hubspot.com/contacts/1"}})
        wanted = self.bell(sandbox, "b:page", targetPageRef=page)
        given = {name: field for name, field in wanted.fields.items() if name != "targetId"}
        assert self.sink(sandbox).write([wanted.model_copy(update={"fields": given})])[0].state == "done"
        assert self.written(sandbox, NOTIFICATION)[-1]["after"]["targetPageRef"] == page

    def test_a_notification_type_that_is_not_there_is_named(self, sandbox: Sandbox) -> None:
        """With what to do; the others ring."""
        outcomes = self.sink(sandbox).write([self.bell(sandbox, "t:1", type="Other"), self.bell(sandbox, "t:2")])
        assert [one.state for one in outcomes] == ["refused", "done"]
        assert "notification type Other" in str(outcomes[0].reason)

    @pytest.mark.parametrize("drop", ["before", "after"])
    def test_of_a_notification_nobody_can_tell_later(self, sandbox: Sandbox, drop: str) -> None:
        """Its fate stays open, and the sink says that a look-up proves nothing."""
        wanted, sink = self.bell(sandbox, f"b:lost:{drop}"), self.sink(sandbox)
        sandbox.fault(vendor="salesforce", method="POST", path="customNotificationAction", drop=drop)
        assert sink.write([wanted])[0].state == "unknown"
        sandbox.mend()
        assert sink.find([wanted]) == {}
        assert not sink.leaves_trace(wanted)


class TestWithoutThePermission(Told, OneWorker):
    """The integration user may not send notifications."""

    plant = frozenset({"nobell"})

    def test_the_bell_is_refused_with_what_to_do(self, sandbox: Sandbox) -> None:
        """No failed run: the alert has its reason, and posts go through."""
        (outcome,) = self.sink(sandbox).write([self.bell(sandbox, "b:1")])
        assert outcome.state == "refused"
        assert "Send Custom Notifications" in str(outcome.reason)
        assert "INSUFFICIENT_ACCESS" in str(outcome.reason)
        assert self.sink(sandbox).write([self.post(sandbox, "p:1")])[0].state == "done"


class TestADeployment(Told, OneWorker):
    """What the assembly makes of settings and mappings."""

    def settings(self, sandbox: Sandbox, folder: Path, address: str) -> Settings:
        """Both vendors of the sandbox, and one channel that every alert takes."""
        (folder / "mappings").mkdir()
        (folder / "mappings" / "alerts.yaml").write_text("default: [chatter, bell, hook]\n", encoding="utf-8")
        salesforce, hubspot = sandbox.ready.salesforce, sandbox.ready.hubspot
        return Settings(
            project_dir=folder,
            salesforce=SalesforceSettings(
                instance_url=salesforce.instance_url,
                token_url=salesforce.token_url,
                client_id=salesforce.client_id,
                client_secret=SecretStr(salesforce.client_secret),
                ca_bundle=Path(sandbox.ready.ca_bundle),
            ),
            hubspot=HubSpotSettings(
                base_url=hubspot.base_url,
                access_token=SecretStr(hubspot.access_token),
                ca_bundle=Path(sandbox.ready.ca_bundle),
            ),
            database=DatabaseSettings(url=f"sqlite:///{folder / 'okoshi.db'}"),
            alerts=AlertSettings(channels={"hook": SecretStr(address)}),
        )

    @pytest.fixture
    def hook(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[Any]]]:
        """A web server that takes messages: its address, and what came."""
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        came: list[Any] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_port}/hook", came
        server.shutdown()
        server.server_close()

    def test_a_dry_run_tells_nobody(self, sandbox: Sandbox, tmp_path: Path, hook: tuple[str, list[Any]]) -> None:
        """Post, bell and channel are refused where the bytes would leave: neither the vendor nor the hook saw any."""
        address, came = hook
        message = change("hook", "m", title="解約予兆", body="至急")
        messages = (message, self.post(sandbox, "p"), self.bell(sandbox, "b"))
        with deployed(self.settings(sandbox, tmp_path, address), Silent(), read_only=True) as deployment:
            for told in messages:
                with pytest.raises(ReadOnlyViolation):
                    deployment.sinks[told.system].write([told])
        assert came == []
        assert self.written(sandbox, POST) == []
        assert self.written(sandbox, NOTIFICATION) == []

    def test_a_run_tells_once_and_knows_both_systems_addresses(
        self, sandbox: Sandbox, tmp_path: Path, hook: tuple[str, list[Any]]
    ) -> None:
        """The portal's number comes from the portal itself."""
        address, came = hook
        with deployed(self.settings(sandbox, tmp_path, address), Silent(), read_only=False) as deployment:
            (outcome,) = deployment.sinks["alerts"].write([change("hook", "m", title="解約予兆", body="至急")])
            links = deployment.links
        assert outcome.state == "done"
        assert [(one["title"], one["message"]) for one in came] == [("解約予兆", "至急")]
        assert isinstance(links, RecordLinks)
        assert links.instance_url == sandbox.ready.salesforce.instance_url
        assert str(links.portal).isdecimal()
