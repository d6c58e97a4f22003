"""The control URL and the running sandbox: journal, requests, state, truth, clock, faults, acts, files."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from connector.sandbox.server import SandboxOptions, running

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def place(start_sandbox, tmp_path_factory):
    """A sandbox of this module's own, with ready and env file."""
    folder = tmp_path_factory.mktemp("files")
    with start_sandbox(ready_file=folder / "ready.json", env_file=folder / "sandbox.env") as ready:
        yield ready, folder


@pytest.fixture
def control(place, connect_control):
    api = connect_control(place[0])
    yield api
    api.call("DELETE", "/faults")


@pytest.fixture
def hubspot(place, connect_hubspot):
    return connect_hubspot(place[0])


@pytest.fixture(scope="module")
def people(place, connect_control):
    """An active Salesforce user, an open deal with its contact, and a HubSpot contact."""
    api = connect_control(place[0])
    deals = api.get("/state/salesforce/Opportunity").json()
    roles = {
        one["OpportunityId"]: one["ContactId"] for one in api.get("/state/salesforce/OpportunityContactRole").json()
    }
    users = {one["Id"]: one for one in api.get("/state/salesforce/User").json() if one["IsActive"]}
    deal = next(one for one in deals if not one["IsClosed"] and one["Id"] in roles and one["OwnerId"] in users)
    visitor = next(one for one in api.get("/state/hubspot/contacts").json() if not one["archived"])
    return {"user": users[deal["OwnerId"]], "deal": deal["Id"], "contact": roles[deal["Id"]], "visitor": visitor["id"]}


def journal_since(control, seq):
    return control.lines(f"/journal?since={seq}")


def last_seq(control):
    entries = control.lines("/journal")
    return entries[-1]["seq"] if entries else 0


def state(control, vendor, object_, id_):
    rows = control.get(f"/state/{vendor}/{object_}").json()
    return next(one for one in rows if id_ in (one.get("Id"), one.get("id")))


# -- files and certificates --------------------------------------------------------------------------------------------


def test_the_ready_file_tells_all(place):
    """It has the documented members, is private, and its certificate names both host names."""
    ready, folder = place
    document = json.loads((folder / "ready.json").read_text())
    assert set(document) == {"salesforce", "hubspot", "ca_bundle", "control_url", "now"}
    assert set(document["salesforce"]) == {
        "instance_url",
        "token_url",
        "client_id",
        "client_secret",
        "username",
        "private_key_file",
        "jwt_audience",
        "api_version",
    }
    assert set(document["hubspot"]) == {"base_url", "access_token", "client_secret"}
    for path in (folder / "ready.json", folder / "sandbox.env", Path(ready.salesforce.private_key_file)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for host in ("localhost", "127.0.0.1"):
        url = ready.hubspot.base_url.replace("127.0.0.1", host)
        assert requests.get(f"{url}/account-info/v3/details", verify=ready.ca_bundle, timeout=10).status_code == 401


def test_the_env_file_is_the_same_as_settings(place):
    """Each line is an OKOSHI setting; sign-in is by client credentials."""
    ready, folder = place
    lines = dict(line.split("=", 1) for line in (folder / "sandbox.env").read_text().splitlines())
    assert lines["OKOSHI_SALESFORCE__INSTANCE_URL"] == ready.salesforce.instance_url
    assert lines["OKOSHI_SALESFORCE__AUTH"] == "client_credentials"
    assert lines["OKOSHI_HUBSPOT__ACCESS_TOKEN"] == ready.hubspot.access_token
    assert lines["OKOSHI_HUBSPOT__API_VERSION"] == "2026-03"
    assert lines["OKOSHI_SALESFORCE__CA_BUNDLE"] == lines["OKOSHI_HUBSPOT__CA_BUNDLE"] == ready.ca_bundle


def test_a_seed_gives_the_same_credentials_and_company(start_sandbox, connect_control):
    """A restart with the same seed keeps credentials and records."""
    seen = []
    for _ in range(2):
        with start_sandbox(seed=7) as ready:
            rows = connect_control(ready).get("/state/salesforce/Account").json()
            seen.append((ready.hubspot.access_token, ready.salesforce.client_secret, rows))
    assert seen[0] == seen[1]


def test_nothing_is_left_behind(start_sandbox, tmp_path):
    """When it ends, its files and its temporary directory are gone and its ports closed."""
    with start_sandbox(ready_file=tmp_path / "ready.json") as ready:
        directory = Path(ready.ca_bundle).parent
        assert directory.is_dir()
    assert not directory.exists()
    assert not (tmp_path / "ready.json").exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(ready.control_url, timeout=5)


def test_an_unknown_plant_is_refused():
    """The error lists what can be planted."""
    options = SandboxOptions(plant=frozenset({"palm"}))
    with pytest.raises(ValueError, match="ties, late, window, nokey"), running(options):
        pass


def test_cases_of_a_program_that_is_not_there_are_refused():
    """The error lists the programs that have some."""
    options = SandboxOptions(cases=frozenset({"stalled", "quota"}))
    with pytest.raises(ValueError, match=r"of quota: choose from .*hot_signal, lost, .*stalled"), running(options):
        pass


def test_the_command_ends_on_a_signal(tmp_path):
    """`python -m connector.sandbox` writes its ready file, and goes with SIGTERM without a trace."""
    ready_file = tmp_path / "ready.json"
    command = [sys.executable, "-m", "connector.sandbox", "--scale", "0.05", "--ready-file", str(ready_file)]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not ready_file.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        control_url = json.loads(ready_file.read_text())["control_url"]
        assert requests.get(f"{control_url}/clock", timeout=10).status_code == 200
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in told
    assert list(tmp_path.iterdir()) == []


# -- looking -----------------------------------------------------------------------------------------------------------


def test_requests_are_logged_with_their_operation(control, hubspot):
    """Each vendor request is one line; the summary counts operations; the log can be emptied."""
    control.call("DELETE", "/requests")
    hubspot.get("/crm/v3/objects/contacts", params={"limit": 1})
    hubspot.post("/crm/objects/2026-03/contacts/search", {"limit": 1})
    hubspot.get("/crm/v3/objects/contacts/404")
    lines = control.lines("/requests")
    assert [(one["vendor"], one["method"], one["operation"], one["status"]) for one in lines] == [
        ("hubspot", "GET", "list", 200),
        ("hubspot", "POST", "search", 200),
        ("hubspot", "GET", "read", 404),
    ]
    assert control.get("/requests/summary").json()["hubspot"]["operations"] == {"list": 1, "read": 1, "search": 1}
    assert control.lines(f"/requests?since={lines[1]['seq']}") == lines[2:]


def test_soql_is_logged(place, control):
    """A Salesforce query shows its text, a token request nothing of its body."""
    given = place[0].salesforce
    session = requests.Session()
    session.trust_env = False
    session.verify = place[0].ca_bundle
    form = {"grant_type": "client_credentials", "client_id": given.client_id, "client_secret": given.client_secret}
    token = session.post(given.token_url, data=form, timeout=10).json()["access_token"]
    control.call("DELETE", "/requests")
    answer = session.get(
        f"{given.instance_url}/services/data/v{given.api_version}/query",
        params={"q": "SELECT Id FROM Account LIMIT 1"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 200
    (line,) = control.lines("/requests")
    assert (line["operation"], line["soql"]) == ("query", "SELECT Id FROM Account LIMIT 1")
    assert given.client_secret not in json.dumps(line)


def test_sessions_can_be_ended(place, control):
    """After DELETE /sessions a Salesforce token is worth nothing."""
    given = place[0].salesforce
    form = {"grant_type": "client_credentials", "client_id": given.client_id, "client_secret": given.client_secret}
    session = requests.Session()
    session.trust_env = False
    session.verify = place[0].ca_bundle
    token = session.post(given.token_url, data=form, timeout=10).json()["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    url = f"{given.instance_url}/services/data/v{given.api_version}/limits"
    assert session.get(url, timeout=10).status_code == 200
    assert control.call("DELETE", "/sessions").json()["deleted"] >= 1
    assert session.get(url, timeout=10).status_code == 401


def test_state_has_every_record_in_two_forms(control):
    """A JSON array or JSON Lines, booleans as booleans; unknown names are refused with the known ones."""
    array = control.get("/state/salesforce/opportunity").json()
    assert array == control.lines("/state/salesforce/Opportunity?format=jsonl")
    assert {type(one["IsClosed"]) for one in array} == {bool}
    answer = control.get("/state/hubspot/unicorns")
    assert answer.status_code == 400
    assert "contacts" in answer.json()["error"]


def test_truth_names_companies_people_and_cases(control):
    """The three lists are there and every case says what it expects."""
    truth = control.get("/truth").json()
    assert {"now", "companies", "people", "cases"} <= set(truth)
    assert {one["expect"] for one in truth["cases"]} >= {"task", "no_task"}


# -- moving ------------------------------------------------------------------------------------------------------------


def test_the_clock_moves_and_the_files_follow(start_sandbox, connect_control, tmp_path):
    """Durations and times move business time; ready file and env file tell the new one."""
    files = {"ready_file": tmp_path / "ready.json", "env_file": tmp_path / "sandbox.env"}
    with start_sandbox(**files) as ready:
        control = connect_control(ready)
        assert ready.now == "2026-11-18T10:00:00+09:00"
        assert control.get("/clock").json()["now"].startswith("2026-11-18T01:00:0")
        assert control.post("/clock", {"advance": "P1DT2H"}).json()["now"].startswith("2026-11-19T03:00:0")
        assert control.post("/clock", {"advance": "P1W"}).json()["now"].startswith("2026-11-26T03:00:0")
        control.post("/clock", {"now": "2027-01-04T09:00:00+09:00"})
        assert json.loads(files["ready_file"].read_text())["now"].startswith("2027-01-04T09:00:00")
        assert "OKOSHI_NOW=2027-01-04T09:00:00" in files["env_file"].read_text()


@pytest.mark.parametrize("body", [{}, {"advance": "P1M"}, {"advance": "PT"}, {"now": "2027-01-04"}, {"now": "soon"}])
def test_a_wrong_time_is_refused(control, body):
    """Months have no fixed length, a time needs its offset."""
    answer = control.post("/clock", body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_fault_answers_instead_of_the_vendor(control, hubspot):
    """A fault has status, body and headers, matches by pattern, lets some pass, and is used up."""
    fault = {
        "vendor": "hubspot",
        "method": "get",
        "path": "/account-info/",
        "status": 503,
        "body": {"status": "error"},
        "headers": {"Retry-After": "1"},
        "skip": 1,
        "times": 2,
    }
    assert control.post("/faults", fault).status_code == 201
    answers = [hubspot.get("/account-info/v3/details") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 503, 503, 200]
    assert answers[1].headers["Retry-After"] == "1"
    assert answers[1].json() == {"status": "error"}


def test_a_dropped_connection_before_or_after_the_work(control, hubspot):
    """The client gets no byte; `after` means that the write took place, `before` that it did not."""
    path = "/crm/v3/objects/contacts"
    for drop, email in (("before", "before@drop.example"), ("after", "after@drop.example")):
        control.post("/faults", {"method": "POST", "path": f"{path}$", "drop": drop})
        with pytest.raises(requests.ConnectionError):
            hubspot.post(path, {"properties": {"email": email}})
    statuses = [
        hubspot.get(f"{path}/{email}", params={"idProperty": "email"}).status_code
        for email in ("before@drop.example", "after@drop.example")
    ]
    assert statuses == [404, 200]
    assert [one["fault"] for one in control.lines("/requests") if one.get("fault")][-2:] == [
        "drop before",
        "drop after",
    ]


def test_a_delay_only_slows_down(control, hubspot):
    """A fault with nothing but `delay_ms` lets the request pass; DELETE takes all faults away."""
    control.post("/faults", {"delay_ms": 300, "times": None})
    started = time.monotonic()
    assert hubspot.get("/account-info/v3/details").status_code == 200
    assert time.monotonic() - started >= 0.3
    assert control.call("DELETE", "/faults").json() == {"deleted": 1}


@pytest.mark.parametrize("body", [{}, {"status": "503"}, {"drop": "never"}, {"status": 500, "path": "("}, {"what": 1}])
def test_a_wrong_fault_is_refused(control, body):
    """The error says what a fault may hold."""
    assert control.post("/faults", body).status_code == 400


# -- acting ------------------------------------------------------------------------------------------------------------


def test_a_rep_logs_a_call_late(control, people):
    """A back-dated call is a completed task of that day; the journal names who did it."""
    before = last_seq(control)
    body = {
        "actor": people["user"]["Email"],
        "action": "log_call",
        "opportunity": people["deal"],
        "contact": people["contact"],
        "at": "2026-11-10T14:00:00+09:00",
        "disposition": "接続",
    }
    answer = control.post("/act", body)
    assert answer.status_code == 200, answer.text
    task = state(control, "salesforce", "Task", answer.json()["ids"]["Task"])
    assert (task["ActivityDate"], task["IsClosed"], task["TaskSubtype"]) == ("2026-11-10", True, "Call")
    assert (task["WhatId"], task["WhoId"], task["OwnerId"]) == (
        people["deal"],
        people["contact"],
        people["user"]["Id"],
    )
    entry = next(one for one in journal_since(control, before) if one["id"] == task["Id"])
    assert (entry["vendor"], entry["operation"], entry["actor"]) == ("salesforce", "create", people["user"]["Id"])


def test_a_task_is_begun_and_completed_or_not_needed(control, people):
    """Task acts go through the vendor's rules: the status decides whether the task is closed."""
    actor = people["user"]["Name"]
    values = {"Subject": "確認", "OwnerId": people["user"]["Id"], "WhatId": people["deal"]}
    steps = [
        ("start_task", "進行中", False),
        ("complete_task", "完了", True),
        ("close_task_not_needed", "対応不要", True),
    ]
    made = control.post("/act", {"actor": actor, "action": "create", "object": "Task", "values": values})
    task = made.json()["ids"]["Task"]
    for action, status, closed in steps:
        control.post("/act", {"actor": actor, "action": action, "task": task})
        row = state(control, "salesforce", "Task", task)
        assert (row["Status"], row["IsClosed"]) == (status, closed)
    control.post("/act", {"actor": actor, "action": "delete_task", "task": task})
    assert state(control, "salesforce", "Task", task)["IsDeleted"] is True


def test_meetings_in_both_systems(control, people):
    """A held meeting is past, a booked one to come."""
    common = {"actor": people["user"]["Email"], "opportunity": people["deal"]}
    held = control.post("/act", {**common, "action": "log_meeting"}).json()["ids"]["Event"]
    booked = control.post("/act", {**common, "action": "book_meeting"}).json()["ids"]["Event"]
    now = control.get("/clock").json()["now"]
    assert state(control, "salesforce", "Event", held)["StartDateTime"] < now
    assert state(control, "salesforce", "Event", booked)["StartDateTime"] > now
    body = {
        "actor": people["user"]["Email"],
        "action": "book_meeting",
        "vendor": "hubspot",
        "contact": people["visitor"],
    }
    meeting = control.post("/act", body).json()["ids"]["meetings"]
    row = state(control, "hubspot", "meetings", meeting)
    assert (row["hs_meeting_outcome"], row["hs_meeting_start_time"] > now) == ("SCHEDULED", True)


def test_a_deal_is_lost_with_its_reason(control, people):
    """Stage, reason and next date are set at once; the vendor derives the rest."""
    body = {
        "actor": people["user"]["Id"][:15],
        "action": "close_lost",
        "opportunity": people["deal"],
        "reason": "ペンディング",
        "next_approach_date": "2027-05-10",
    }
    assert control.post("/act", body).status_code == 200
    row = state(control, "salesforce", "Opportunity", people["deal"])
    assert (row["StageName"], row["IsClosed"], row["IsWon"]) == ("失注", True, False)
    assert (row["Lost_Reason__c"], row["Next_Approach_Date__c"]) == ("ペンディング", "2027-05-10")


def test_a_customer_writes_and_looks_at_a_page(control, hubspot, people):
    """An answer stays in the thread; a page view moves the contact's last page and counter."""
    sent = control.post(
        "/act", {"actor": people["user"]["Email"], "action": "send_mail", "contact": people["visitor"]}
    ).json()["ids"]
    visitor = {"actor": people["visitor"], "contact": people["visitor"]}
    answer = control.post("/act", {**visitor, "action": "receive_mail", "thread": sent["thread"]}).json()["ids"]
    row = state(control, "hubspot", "emails", answer["emails"])
    assert (row["hs_email_direction"], row["hs_email_thread_id"]) == ("INCOMING_EMAIL", sent["thread"])
    url = "https://www.example.co.jp/price"
    control.post("/act", {**visitor, "action": "visit_page", "url": url})
    seen = hubspot.get(
        f"/crm/v3/objects/contacts/{people['visitor']}", params={"properties": "hs_analytics_last_url"}
    ).json()
    assert seen["properties"]["hs_analytics_last_url"] == url


@pytest.mark.parametrize(
    "body",
    [
        {"actor": "x", "action": "fly"},
        {"action": "log_call"},
        {"actor": "nobody@nowhere.example", "action": "log_call"},
        {"actor": "x", "action": "receive_mail", "vendor": "salesforce"},
        {"actor": "x", "action": "visit_page", "contact": "999999999999", "url": "https://x.example"},
    ],
)
def test_an_impossible_act_is_refused(control, body):
    """Unknown actions, people and records: 400 with what to do, and nothing is written."""
    before = last_seq(control)
    answer = control.post("/act", body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert journal_since(control, before) == []
