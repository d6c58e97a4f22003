"""A small Salesforce org behind real HTTP, for tests of the vendor's rules: few records, each known by name."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connector.sandbox.clock import SandboxClock
from connector.sandbox.salesforce.app import Org, OrgState, create_app
from connector.sandbox.salesforce.ids import salesforce_id
from connector.sandbox.salesforce.schema import tables
from connector.sandbox.world import World

START = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)  # 10:00 in Tokyo, a Wednesday
LOADED = "2026-01-05T03:00:00.000Z"
CLIENT_ID, CLIENT_SECRET = "the client", "the secret"
INTEGRATION, TARO, LEFT = (salesforce_id("005", number) for number in (1, 2, 3))
ACME, BETA = (salesforce_id("001", number) for number in (1, 2))
SATO, SUZUKI = (salesforce_id("003", number) for number in (1, 2))
LEAD = salesforce_id("00Q", 1)
DEAL, LOST = (salesforce_id("006", number) for number in (1, 2))
ROLE = salesforce_id("00K", 1)
IS_ROLE = salesforce_id("00E", 1)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class RunningOrg:
    """The org, its state, and a signed-in client."""

    url: str
    world: World
    state: OrgState
    session: requests.Session

    @property
    def data(self) -> str:
        return f"{self.url}/services/data/v66.0"

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        return self.session.request(method, self.data + path, timeout=20, **arguments)

    def query(self, soql: str) -> dict[str, Any]:
        """A query that must succeed."""
        response = self.call("GET", "/query/", params={"q": soql})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def values(self, soql: str, name: str) -> list[Any]:
        """One field of all records of a query."""
        return [record[name] for record in self.query(soql)["records"]]

    def refused(self, soql: str) -> tuple[str, str]:
        """Code and message of a query that must be refused."""
        response = self.call("GET", "/query", params={"q": soql})
        assert response.status_code == 400, response.text
        error = response.json()[0]
        return error["errorCode"], error["message"]

    def create(self, object_: str, **values: Any) -> str:
        response = self.call("POST", f"/sobjects/{object_}", json=values)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def error(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and code of a refused request."""
        response = self.call(method, path, json=body)
        return response.status_code, response.json()[0]["errorCode"]

    def sign_in(self) -> None:
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        token = self.session.post(f"{self.url}/services/oauth2/token", data=form, timeout=20).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"


@contextmanager
def running_org(directory: Path, *, daily_limit: int = 100_000, **lacking: bool) -> Iterator[RunningOrg]:
    """An org with a handful of records, served until the block ends; `lacking` are options of its schema."""
    world = World(directory / "world.sqlite", SandboxClock(START), tables(**lacking), {})
    fill(world)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    pem = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    org = Org(url, CLIENT_ID, CLIENT_SECRET, "integration@example.com", pem.decode(), daily_limit=daily_limit)
    app = create_app(world, org)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    with requests.Session() as session:
        session.trust_env = False
        running = RunningOrg(url, world, app.state.org, session)
        running.sign_in()
        yield running
    server.should_exit = True
    thread.join(10)
    listener.close()
    world.close()


def system(stamp: str = LOADED) -> dict[str, Any]:
    """System fields of a loaded record."""
    return {
        "CreatedDate": stamp,
        "CreatedById": INTEGRATION,
        "LastModifiedDate": stamp,
        "LastModifiedById": INTEGRATION,
        "SystemModstamp": stamp,
    }


def row(record_id: str, values: Mapping[str, Any], stamp: str = LOADED) -> dict[str, Any]:
    return {"Id": record_id, "IsDeleted": 0, "OwnerId": TARO, **system(stamp), **values}


def fill(world: World) -> None:
    """Three users, two accounts with a contact each, a lead, an open deal and a lost one."""
    users = (
        (INTEGRATION, "integration@example.com", "Integration", 1, None),
        (TARO, "taro@example.com", "山田 太郎", 1, IS_ROLE),
        (LEFT, "left@example.com", "退職 者", 0, None),
    )
    world.load("salesforce", "UserRole", [{"Id": IS_ROLE, "Name": "IS", "DeveloperName": "InsideSales"}])
    world.load(
        "salesforce",
        "User",
        [
            {"Id": id_, "Username": username, "Name": name, "LastName": name, "IsActive": active, "UserRoleId": role}
            | {"ManagerId": INTEGRATION if id_ == TARO else None}
            | system()
            for id_, username, name, active, role in users
        ],
    )
    world.load(
        "salesforce",
        "Account",
        [
            row(ACME, {"Name": "株式会社アクメ", "Phone": "03-1234-5678", "BillingCity": "千代田区"}),
            row(BETA, {"Name": "Beta 100%_Co", "OwnerId": INTEGRATION}),
        ],
    )
    world.load(
        "salesforce",
        "Contact",
        [
            row(SATO, {"LastName": "佐藤", "Name": "佐藤 花子", "AccountId": ACME, "Email": "sato@acme.example"}),
            row(SUZUKI, {"LastName": "鈴木", "Name": "鈴木 一", "AccountId": BETA, "Email": "suzuki@beta.example"}),
        ],
    )
    world.load(
        "salesforce", "Lead", [row(LEAD, {"LastName": "高橋", "Name": "高橋", "Company": "ガンマ", "Status": "Open"})]
    )
    deal = {
        "AccountId": ACME,
        "Name": "基幹更改",
        "StageName": "提案",
        "IsClosed": 0,
        "IsWon": 0,
        "Amount": 1_200_000.0,
    }
    lost = {"AccountId": BETA, "Name": "O'Reilly \\ 更新", "StageName": "失注", "IsClosed": 1, "IsWon": 0}
    world.load(
        "salesforce",
        "Opportunity",
        [row(DEAL, {**deal, "CloseDate": "2026-12-01"}), row(LOST, {**lost, "CloseDate": "2026-03-31"})],
    )
    role = {"OpportunityId": DEAL, "ContactId": SATO, "IsPrimary": 1, "Role": "Decision Maker"}
    without_owner = {name: value for name, value in row(ROLE, role).items() if name != "OwnerId"}
    world.load("salesforce", "OpportunityContactRole", [without_owner])


def tasks(count: int, stamp: str, first: int = 1) -> list[dict[str, Any]]:
    """Completed calls about the deal, all with one stamp."""
    values = {"WhatId": DEAL, "WhoId": SATO, "AccountId": ACME, "Status": "完了", "IsClosed": 1}
    return [
        row(salesforce_id("00T", number), {**values, "Subject": f"電話 {number}", "ActivityDate": "2026-02-03"}, stamp)
        for number in range(first, first + count)
    ]
