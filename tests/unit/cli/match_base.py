"""A small base of companies and people after a first run, and `okoshi match` on it: piped, and at a terminal."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.cli.app import command
from connector.engine import unify
from connector.engine.deployment import Deployment
from connector.mapping import load_mappings
from connector.model.records import Account, Person, Record, Ref, User
from connector.settings import load_settings
from connector.store import clusters, mirror, pairs
from connector.store.pairs import State
from connector.store.store import Store

AT = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)

ACME, KABU = "salesforce:Account:001ACME", "hubspot:companies:11"
TOKYO, OSAKA = "salesforce:Account:001SAKURA", "hubspot:companies:12"
IRON, STEEL = "salesforce:Account:001IRON", "hubspot:companies:13"
TARO, TAROU = "salesforce:Contact:003TARO", "hubspot:contacts:21"


def account(ref: str, name: str, **more: Any) -> Account:
    """A company as the mirror keeps it."""
    return Account(ref=Ref.parse(ref), modified_at=AT, name=name, **more)


def person(ref: str, name: str, **more: Any) -> Person:
    """A person as the mirror keeps it."""
    return Person(ref=Ref.parse(ref), modified_at=AT, name=name, **more)


OWNER = User(ref=Ref("salesforce", "User", "005A"), modified_at=AT, name="営業 花子")

RECORDS: tuple[Record, ...] = (
    OWNER,
    # Linked by themselves: one name, one address, one domain.
    account(ACME, "株式会社アクメ", address="東京都港区芝1-2-3", domain="acme.example.jp", owner=OWNER.ref),
    account(KABU, "㈱アクメ", address="東京都港区芝1丁目2番3号", domain="https://www.acme.example.jp/"),
    # Doubtful: one name, far apart.
    account(TOKYO, "さくら商事株式会社", address="東京都千代田区丸の内1-1-1", phone="03-3211-1121"),
    account(OSAKA, "さくら商事株式会社", address="大阪府大阪市北区梅田3-4-5", phone="03-3211-1121"),
    # Doubtful: the name alone.
    account(IRON, "[bold]ひかり製鉄\x1b[31m株式会社"),
    account(STEEL, "[bold]ひかり製鉄\x1b[31m株式会社", owner=OWNER.ref),
    # Doubtful: one mailbox, two given names.
    person(
        TARO, "髙橋 太郎", family_name="髙橋", given_name="太郎", email="t@acme.example.jp", account=Ref.parse(ACME)
    ),
    person(TAROU, "高橋 智子", family_name="高橋", given_name="智子", email="t@acme.example.jp", title="部長"),
)


@dataclass
class Base:
    """One project with a store that holds the records above."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        self.settings = load_settings(self.folder, None, now=AT.isoformat())
        self.store = Store.open(self.settings.database_url)

    def learn(self, *records: Record) -> None:
        """A run sees these records."""
        with self.store.begin() as tx:
            mirror.save(tx, records)
        deployment = Deployment(self.settings, load_mappings(self.folder), self.store, [], {})
        with self.store.lease("test") as lease:
            unify.unify(deployment, lease, AT)

    def match(self, *arguments: str, exit_code: int = 0) -> str:
        """Standard output of `okoshi match …`; standard error goes before it where it fails."""
        options = ("--project-dir", str(self.folder), "--quiet", "--now", AT.isoformat())
        self.capsys.readouterr()
        assert command([*options, "match", *arguments]) == exit_code
        told = self.capsys.readouterr()
        return told.out if exit_code == 0 else told.err + told.out

    def document(self, *arguments: str) -> Any:
        """The same with --json."""
        return json.loads(self.match(*arguments, "--json"))

    def state(self, one: str, two: str) -> State | None:
        """What became of a pair."""
        with self.store.read() as tx:
            kept = pairs.get(tx, one, two)
        return kept.state if kept else None

    def together(self, one: str, two: str) -> bool:
        """Whether two records are one."""
        with self.store.read() as tx:
            return two in clusters.members(tx, [one])[one]


class Texts:
    """Captured bytes as text."""

    def __init__(self, capture: pytest.CaptureFixture[bytes]) -> None:
        self._capture = capture

    def readouterr(self) -> Any:
        told = self._capture.readouterr()
        return type(told)(told.out.decode(), told.err.decode())


REVIEW = ("review", "--by", "花子")
ASKED = b"[s/d/l/u/q]?"


def at_a_terminal(
    base: Base, *typed: str, of: tuple[str, ...] = REVIEW, prompt: bytes = ASKED, arguments: tuple[str, ...] = ()
) -> str:
    """What a person sees at a terminal of 80 columns who types these lines, each when the prompt is there."""
    master, slave = pty.openpty()
    command_line = [sys.executable, "-m", "connector.cli", "match", *of, "--quiet"]
    command_line += ["--project-dir", str(base.folder), "--now", AT.isoformat(), *arguments]
    environment = os.environ | {"COLUMNS": "80", "TERM": "xterm", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(command_line, stdin=slave, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    seen = b""
    for line in typed:
        seen = _until(master, seen, prompt, seen.count(prompt) + 1)
        os.write(master, f"{line}\n".encode())
    seen = _until(master, seen, prompt, sys.maxsize)
    assert process.wait(timeout=20) == 0
    os.close(master)
    return seen.decode()


def _until(master: int, seen: bytes, prompt: bytes, prompts: int) -> bytes:
    deadline = time.monotonic() + 30
    while seen.count(prompt) < prompts and time.monotonic() < deadline:
        if select.select([master], [], [], 0.2)[0]:
            try:
                part = os.read(master, 65_536)
            except OSError:
                return seen
            if not part:
                return seen
            seen += part
    return seen
