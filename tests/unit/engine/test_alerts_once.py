"""Alerts through the engine: first of all, once, and never a second time when nobody can tell."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from connector.clients.messenger import Messenger
from connector.engine.apply import apply
from connector.engine.deployment import Deployment
from connector.engine.recovery import recover
from connector.engine.summary import Stop
from connector.mapping import load_mappings
from connector.model.plan import Change, Effect, FieldChange, LedgerState, Operation
from connector.settings import Settings
from connector.sinks.alerts import AlertsSink
from connector.store import Store, ledger

NOW = datetime(2026, 11, 18, 1, tzinfo=UTC)


class Hook:
    """A web server that takes messages, and answers or not."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.breaks = False
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["title"])
                if hook.breaks:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """Somewhere to send to."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    there = Hook()
    yield there
    there.server.shutdown()
    there.server.server_close()


def deployment(store: Store, hook: Hook, folder: Path) -> Deployment:
    """One channel and nothing else."""
    address = SecretStr(f"json://127.0.0.1:{hook.server.server_port}/x")
    sink = AlertsSink(Messenger({"hook": address, "gone": SecretStr("json://127.0.0.1:1/x")}, read_only=False))
    settings, mappings = Settings(project_dir=folder), load_mappings(None)
    return Deployment(settings=settings, mappings=mappings, store=store, sources=[], sinks={sink.name: sink})


def alert(key: str, channel: str = "hook") -> Change:
    """A message of which the title is its key."""
    given: dict[str, Any] = {"title": key, "body": "至急ご確認ください"}
    return Change(
        key=key, program="churn_risk", operation=Operation.CREATE, effect=Effect.ALERT, system="alerts", object=channel,
        case="salesforce:Opportunity:006A", basis="v", fields={name: FieldChange(after=v) for name, v in given.items()},
    )  # fmt: skip


def planned(store: Store, *alerts: Change) -> None:
    """What a cycle has decided."""
    with store.begin() as tx:
        ledger.plan(tx, alerts, "p", NOW)


def states(store: Store, *keys: str) -> dict[str, LedgerState]:
    """How far they got."""
    with store.read() as tx:
        return ledger.known(tx, keys)


def applied(there: Deployment) -> list[Stop]:
    """One run's sending."""
    stops: list[Stop] = []
    with there.store.lease("run") as lease:
        apply(there, lease, NOW, stops)
    return stops


def test_each_alert_is_sent_once_and_a_dead_channel_stops_no_other(store: Store, hook: Hook, tmp_path: Path) -> None:
    """What is planned again under its key is not sent again; what reached nobody is refused, and comes again."""
    there, alerts = deployment(store, hook, tmp_path), [alert("a"), alert("b", "gone"), alert("c")]
    planned(store, *alerts)
    assert applied(there) == []
    assert sorted(hook.came) == ["a", "c"]
    assert states(store, "a", "b", "c") == {"a": LedgerState.DONE, "b": LedgerState.REFUSED, "c": LedgerState.DONE}
    planned(store, *alerts)
    assert states(store, "a", "b") == {"a": LedgerState.DONE, "b": LedgerState.PLANNED}


def test_an_alert_that_nobody_confirmed_is_not_sent_again(store: Store, hook: Hook, tmp_path: Path) -> None:
    """It counts as delivered, with that as its reason."""
    hook.breaks = True
    there = deployment(store, hook, tmp_path)
    planned(store, alert("a"))
    applied(there)
    assert states(store, "a") == {"a": LedgerState.DONE}
    hook.breaks = False
    planned(store, alert("a"))
    applied(there)
    assert hook.came == ["a"]


def test_an_alert_that_a_killed_run_was_sending_is_not_sent_again(store: Store, hook: Hook, tmp_path: Path) -> None:
    """No look-up could tell, so there is nothing to wait for; those behind it were not sent and are decided anew."""
    there = deployment(store, hook, tmp_path)
    planned(store, alert("a"), alert("b"))
    with store.begin() as tx:
        ledger.sending(tx, ["a"], NOW)
    began = time.monotonic()
    with store.begin() as tx:
        assert recover(there, tx, NOW) == 1
    assert time.monotonic() - began < 3
    assert states(store, "a", "b") == {"a": LedgerState.DONE}
    assert hook.came == []
