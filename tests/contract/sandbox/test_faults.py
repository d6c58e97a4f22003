"""Faults by name: what a client meets, what the vendor did in truth, and how faults are armed, shown and repeated."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
import requests
from broken import CONTACTS, DATA, Broken, broken

ACCOUNT = "/account-info/v3/details"


@pytest.fixture(scope="module")
def shared() -> Iterator[Broken]:
    """One sandbox for all tests of this module."""
    with broken() as place:
        yield place


@pytest.fixture
def place(shared: Broken) -> Iterator[Broken]:
    """The same, mended after each test."""
    shared.control.call("DELETE", "/requests")
    yield shared
    shared.mend()


def new_contact(place: Broken, email: str) -> requests.Response:
    return place.hubspot.call("POST", CONTACTS, json={"properties": {"email": email}})


def exists(place: Broken, email: str) -> bool:
    return place.hubspot.get(f"{CONTACTS}/{email}", params={"idProperty": "email"}).status_code == 200


def tasks(count: int) -> list[dict[str, object]]:
    return [{"attributes": {"type": "Task"}, "Subject": f"確認 {number}"} for number in range(count)]


# -- the network -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 9, 40])
def test_a_connection_is_reset_after_so_many_bytes(place: Broken, after: int) -> None:
    """Exactly these bytes of the answer arrive, headers included, then RST."""
    place.fault(kind="reset", after_bytes=after)
    received, was_reset = place.raw(ACCOUNT)
    assert (len(received), was_reset) == (after, True)
    assert b"HTTP/1.1 200 OK\r\n".startswith(received[:17])
    assert place.seen()[-1] == (None, "reset")


def test_a_reset_answer_hides_a_write_that_was_done(place: Broken) -> None:
    """The client has an error, the vendor the record."""
    place.fault(kind="reset", after_bytes=0, method="POST", path=f"{CONTACTS}$")
    with pytest.raises(requests.ConnectionError):
        new_contact(place, "reset@faults.example")
    assert exists(place, "reset@faults.example")


def test_where_a_connection_breaks_is_left_to_chance(place: Broken) -> None:
    """Without a number any byte of the answer may be the last, and the same seed chooses the same."""

    def lengths() -> list[int]:
        place.fault(kind="reset", times=6, seed=2)
        found = [len(place.raw(ACCOUNT)[0]) for _ in range(6)]
        place.control.call("DELETE", "/faults")
        return found

    first = lengths()
    assert first == lengths()
    assert len(set(first)) > 3


def test_an_answer_drips(place: Broken) -> None:
    """The body comes at its rate and is whole in the end."""
    plain = place.hubspot.get(ACCOUNT)
    place.fault(kind="slow_drip", bytes_per_second=1_000)
    started = time.monotonic()
    slow = place.hubspot.get(ACCOUNT)
    assert time.monotonic() - started >= 0.7 * len(plain.content) / 1_000
    assert slow.json() == plain.json()


def test_latency_follows_its_distribution(place: Broken) -> None:
    """A fixed wait is that long; an exponential one is never longer than its limit."""
    place.fault(kind="latency", distribution="fixed", ms=150)
    place.fault(kind="latency", ms=10_000, max_ms=100, times=2)
    waits = []
    for _ in range(3):
        started = time.monotonic()
        assert place.hubspot.get(ACCOUNT).status_code == 200
        waits.append(time.monotonic() - started)
    assert waits[0] >= 0.15
    assert max(waits[1:]) < 0.6


def test_json_is_cut_in_a_well_formed_message(place: Broken) -> None:
    """The length is right and the body is no JSON."""
    whole = place.hubspot.get(ACCOUNT).content
    place.fault(kind="truncate", at=20)
    cut = place.hubspot.get(ACCOUNT)
    assert (cut.status_code, cut.content, cut.headers["Content-Length"]) == (200, whole[:20], "20")


def test_json_is_cut_short_of_its_length(place: Broken) -> None:
    """The message ends before the Content-Length that it told."""
    whole = place.hubspot.get(ACCOUNT).content
    place.fault(kind="truncate", fraction=0.5, length="wrong")
    received, was_reset = place.raw(ACCOUNT)
    head, _, body = received.partition(b"\r\n\r\n")
    assert not was_reset
    assert f"content-length: {len(whole)}".encode() in head.lower()
    assert body == whole[: len(whole) // 2]
    place.fault(kind="truncate", length="wrong")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        place.hubspot.get(ACCOUNT)


# -- the edge ----------------------------------------------------------------------------------------------------------


def test_the_edge_answers_html(place: Broken) -> None:
    """5xx with a page instead of JSON, and nothing was done."""
    place.fault(kind="html", status=502)
    answer = new_contact(place, "html@faults.example")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (502, "text/html")
    assert not exists(place, "html@faults.example")


@pytest.mark.parametrize("page", ["login", "maintenance"])
def test_a_page_for_people_has_the_status_of_a_success(place: Broken, page: str) -> None:
    """200 and HTML, in both vendors."""
    place.fault(kind="html_200", page=page, times=2)
    for answer in (place.hubspot.get(ACCOUNT), place.query("SELECT Id FROM User LIMIT 1")):
        assert answer.status_code == 200
        assert answer.text.startswith("<!DOCTYPE html>")


def test_the_edge_gives_up_waiting_for_a_write_that_is_done(place: Broken) -> None:
    """504 to the client, one record in the vendor, and the log names the fault."""
    place.fault(kind="gateway_timeout", method="POST")
    assert new_contact(place, "late@faults.example").status_code == 504
    assert exists(place, "late@faults.example")
    assert place.seen()[0] == (504, "gateway_timeout")


# -- limits, sessions, locks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["DAILY", "TEN_SECONDLY_ROLLING", "SECONDLY"])
def test_hubspots_limits_name_their_policy(place: Broken, policy: str) -> None:
    """The documented shape."""
    place.fault(kind="rate_limit", vendor="hubspot", policy=policy)
    answer = place.hubspot.call("GET", ACCOUNT)
    assert answer.status_code == 429
    assert (answer.json()["errorType"], answer.json()["policyName"]) == ("RATE_LIMIT", policy)


def test_hubspots_other_limit_names_none(place: Broken) -> None:
    """The recorded shape, for one operation only."""
    place.fault(kind="rate_limit", vendor="hubspot", shape="recorded", operation="search")
    assert place.hubspot.call("GET", ACCOUNT).status_code == 200
    answer = place.hubspot.call("POST", f"{CONTACTS}/search", json={"limit": 1})
    assert (answer.status_code, answer.json()["category"]) == (429, "RATE_LIMITS")
    assert "policyName" not in answer.json()


@pytest.mark.parametrize(
    ("policy", "words"), [("TotalRequests", "TotalRequests"), ("Concurrent", "ConcurrentRequests")]
)
def test_salesforces_two_limits(place: Broken, policy: str, words: str) -> None:
    """One code, 403, two messages."""
    place.fault(kind="rate_limit", vendor="salesforce", policy=policy)
    answer = place.query("SELECT Id FROM User")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert answer.json()[0]["message"].startswith(words)


@pytest.mark.parametrize("body", ["json", "html"])
def test_a_session_ends_in_the_middle(place: Broken, body: str) -> None:
    """401, and the session is over until the client signs in anew."""
    place.fault(kind="expired_session", vendor="salesforce", body=body)
    first, second = (place.query("SELECT Id FROM User LIMIT 1") for _ in range(2))
    assert [first.status_code, second.status_code] == [401, 401]
    assert ("html" in first.headers["Content-Type"]) == (body == "html")
    assert second.json()[0]["errorCode"] == "INVALID_SESSION_ID"
    place.sign_in()
    assert place.query("SELECT Id FROM User LIMIT 1").status_code == 200


def test_locked_records(place: Broken) -> None:
    """UNABLE_TO_LOCK_ROW for a whole call by 400 or 500, 423 in HubSpot, 477 while an account moves."""
    for status in (400, 500):
        place.fault(kind="lock", vendor="salesforce", status=status)
        answer = place.salesforce.call("POST", f"{DATA}/sobjects/Task", json={"Subject": "locked"})
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, "UNABLE_TO_LOCK_ROW")
    place.fault(kind="lock", vendor="hubspot")
    place.fault(kind="migration", retry_after=7)
    answers = [new_contact(place, "locked@faults.example") for _ in range(2)]
    assert [one.status_code for one in answers] == [423, 477]
    assert answers[1].headers["Retry-After"] == "7"
    assert not exists(place, "locked@faults.example")


# -- rows --------------------------------------------------------------------------------------------------------------


def test_some_rows_of_a_collection_fail_and_are_not_written(place: Broken) -> None:
    """The answer has all rows in order; exactly those that succeeded are records."""
    before = len(place.journal("salesforce"))
    place.fault(kind="partial", vendor="salesforce", share=0.3, seed=5)
    answer = place.salesforce.call("POST", f"{DATA}/composite/sobjects", json={"records": tasks(10)})
    results = answer.json()
    made = [one["id"] for one in results if one["success"]]
    assert (answer.status_code, len(results), len(made)) == (200, 10, 7)
    refused = [one["errors"][0] for one in results if not one["success"]]
    assert {one["statusCode"] for one in refused} == {"FIELD_CUSTOM_VALIDATION_EXCEPTION"}
    entries = place.journal("salesforce")[before:]
    assert [one["id"] for one in entries] == made
    subjects = [f"確認 {number}" for number, one in enumerate(results) if one["success"]]
    assert [one["after"]["Subject"] for one in entries] == subjects


def test_all_or_none_leaves_none(place: Broken) -> None:
    """One locked row takes the others back."""
    before = len(place.journal("salesforce"))
    place.fault(kind="lock", vendor="salesforce", rows=0.2)
    body = {"allOrNone": True, "records": tasks(5)}
    results = place.salesforce.call("POST", f"{DATA}/composite/sobjects", json=body).json()
    codes = sorted(one["errors"][0]["statusCode"] for one in results)
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK"] * 4 + ["UNABLE_TO_LOCK_ROW"]
    assert place.journal("salesforce")[before:] == []


def test_some_rows_of_a_deletion_stay(place: Broken) -> None:
    """Ids in the address are rows too."""
    made = place.salesforce.call("POST", f"{DATA}/composite/sobjects", json={"records": tasks(4)}).json()
    ids = [one["id"] for one in made]
    place.fault(kind="partial", vendor="salesforce", share=0.5)
    results = place.salesforce.call("DELETE", f"{DATA}/composite/sobjects", params={"ids": ",".join(ids)}).json()
    gone = {id_ for id_, one in zip(ids, results, strict=True) if one["success"]}
    rows = {one["Id"]: one["IsDeleted"] for one in place.control.get("/state/salesforce/Task").json()}
    assert {id_ for id_ in ids if rows[id_]} == gone
    assert len(gone) == 2


def test_some_rows_of_a_bulk_job_fail_and_are_not_written(place: Broken) -> None:
    """The job's failed results have them, with the code; the successful ones are records."""
    job = place.salesforce.call("POST", f"{DATA}/jobs/ingest", json={"object": "Task", "operation": "insert"}).json()
    path = f"{DATA}/jobs/ingest/{job['id']}"
    data = "Subject\n" + "".join(f"ジョブ {number}\n" for number in range(10))
    place.salesforce.call("PUT", f"{path}/batches", data=data.encode(), headers={"Content-Type": "text/csv"})
    place.fault(kind="lock", vendor="salesforce", rows=0.4)
    assert place.salesforce.call("PATCH", path, json={"state": "UploadComplete"}).status_code == 200
    deadline = time.monotonic() + 20
    while place.salesforce.call("GET", path).json()["state"] != "JobComplete" and time.monotonic() < deadline:
        time.sleep(0.05)
    failed = place.salesforce.call("GET", f"{path}/failedResults").text.splitlines()[1:]
    assert len(failed) == 4
    assert all("UNABLE_TO_LOCK_ROW" in line for line in failed)
    written = [one for one in place.journal("salesforce") if str(one["after"].get("Subject")).startswith("ジョブ")]
    assert len(written) == 6


def test_some_inputs_of_a_traced_batch_fail(place: Broken) -> None:
    """207 with the trace ids of the refused; without traces the whole batch is refused."""
    inputs = [
        {"properties": {"email": f"row{number}@faults.example"}, "objectWriteTraceId": f"t{number}"}
        for number in range(4)
    ]
    place.fault(kind="partial", vendor="hubspot", share=0.5, times=2)
    answer = place.hubspot.post(f"{CONTACTS}/batch/create", {"inputs": inputs})
    body = answer.json()
    assert (answer.status_code, body["numErrors"], len(body["results"])) == (207, 2, 2)
    refused = {one["context"]["objectWriteTraceId"][0] for one in body["errors"]}
    for number in range(4):
        assert exists(place, f"row{number}@faults.example") == (f"t{number}" not in refused)
    plain = {"inputs": [{"properties": {"email": "whole@faults.example"}}]}
    assert place.hubspot.post(f"{CONTACTS}/batch/create", plain).status_code == 400
    assert not exists(place, "whole@faults.example")


# -- what lasts --------------------------------------------------------------------------------------------------------


def test_the_days_calls_are_used_up_until_tomorrow(place: Broken) -> None:
    """Both vendors' own counters say so, and the clock's next day begins anew."""
    before = place.control.get("/clock").json()["now"]
    place.fault(kind="daily_limit", left=1)
    assert place.hubspot.call("GET", ACCOUNT).headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    assert place.hubspot.call("GET", ACCOUNT).json()["policyName"] == "DAILY"
    told = place.query("SELECT Id FROM User LIMIT 1").headers["Sforce-Limit-Info"]
    assert told == "api-usage=150000/150000"
    assert place.query("SELECT Id FROM User LIMIT 1").json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    place.control.post("/clock", {"advance": "P1D"})
    assert place.hubspot.call("GET", ACCOUNT).status_code == 200
    assert place.query("SELECT Id FROM User LIMIT 1").status_code == 200
    place.control.post("/clock", {"now": before})


def test_clearing_faults_gives_the_day_back(place: Broken) -> None:
    """What lasts ends with DELETE, which counts it."""
    place.fault(kind="daily_limit", vendor="hubspot")
    assert place.hubspot.call("GET", ACCOUNT).status_code == 429
    assert place.control.call("DELETE", "/faults").json() == {"deleted": 1}
    assert place.hubspot.call("GET", ACCOUNT).status_code == 200


def test_rows_commit_late(place: Broken) -> None:
    """A new row is hidden until its transaction commits, and then carries the old stamp."""
    place.fault(kind="late_commit", minutes=10)
    act = {"actor": place.user(), "action": "create", "object": "Task", "values": {"Subject": "遅い"}}
    task = place.control.post("/act", act).json()["ids"]["Task"]
    soql = f"SELECT Id, SystemModstamp FROM Task WHERE Id = '{task}'"
    stamped = place.control.get("/clock").json()["now"]
    assert place.query(soql).json()["totalSize"] == 0
    place.control.post("/clock", {"advance": "PT9M"})
    assert place.query(soql).json()["totalSize"] == 0
    place.control.post("/clock", {"advance": "PT2M"})
    (row,) = place.query(soql).json()["records"]
    assert row["SystemModstamp"][:16] == stamped[:16]


def test_an_apps_own_rows_commit_late_too(place: Broken) -> None:
    """The write is answered and can be gone on with by its id; lists, queries and look-ups show it later, once."""
    place.fault(kind="late_commit", minutes=5)
    task = place.salesforce.call("POST", f"{DATA}/sobjects/Task", json={"Subject": "後で"}).json()["id"]
    person = new_contact(place, "later@faults.example").json()["id"]
    path = f"{DATA}/sobjects/Task/{task}"
    assert place.salesforce.call("PATCH", path, json={"Priority": "高"}).status_code == 204

    def found() -> list[int]:
        return [
            place.salesforce.call("GET", path).status_code,
            place.hubspot.get(f"{CONTACTS}/{person}").status_code,
            200 if exists(place, "later@faults.example") else 404,
        ]

    assert found() == [404, 404, 404]
    assert new_contact(place, "later@faults.example").status_code == 409
    place.control.post("/clock", {"advance": "PT6M"})
    assert found() == [200, 200, 200]


def test_a_changed_row_shows_up_with_an_old_stamp(place: Broken) -> None:
    """An update is seen at once, stamped with the beginning of its transaction; the app's own writes are in time."""
    made = place.control.post(
        "/act", {"actor": place.user(), "action": "create", "object": "Task", "values": {"Subject": "古い"}}
    ).json()["ids"]["Task"]
    place.control.post("/clock", {"advance": "PT20M"})
    place.fault(kind="late_commit", of="acts", minutes=5, hidden=False)
    place.control.post("/act", {"actor": place.user(), "action": "start_task", "task": made})
    (row,) = place.query(f"SELECT Status, SystemModstamp FROM Task WHERE Id = '{made}'").json()["records"]
    now = place.control.get("/clock").json()["now"]
    minutes = (as_seconds(now) - as_seconds(row["SystemModstamp"])) / 60
    assert (row["Status"], round(minutes)) == ("進行中", 5)
    own = place.salesforce.call("POST", f"{DATA}/sobjects/Task", json={"Subject": "自分"}).json()["id"]
    (row,) = place.query(f"SELECT SystemModstamp FROM Task WHERE Id = '{own}'").json()["records"]
    assert abs(as_seconds(place.control.get("/clock").json()["now"]) - as_seconds(row["SystemModstamp"])) < 5


def as_seconds(stamp: str) -> int:
    """Seconds of the day of a vendor's UTC stamp."""
    hours, minutes, seconds = stamp[11:19].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def test_search_forgets_its_order(place: Broken) -> None:
    """Ascending modification dates are not kept; all rows are there."""
    for number in range(12):
        new_contact(place, f"order{number}@faults.example")
    new = {"propertyName": "createdate", "operator": "GTE", "value": "2026-11-17T00:00:00Z"}
    sort = {"propertyName": "lastmodifieddate", "direction": "ASCENDING"}
    body = {"limit": 200, "sorts": [sort], "filterGroups": [{"filters": [new]}]}

    def stamps() -> list[str]:
        found = place.hubspot.post(f"{CONTACTS}/search", {**body, "properties": ["lastmodifieddate"]}).json()
        return [one["properties"]["lastmodifieddate"] for one in found["results"]]

    tidy = stamps()
    place.fault(kind="out_of_order")
    assert tidy == sorted(tidy)
    assert stamps() != tidy
    assert sorted(stamps()) == tidy


def test_a_vendors_clock_is_wrong(place: Broken) -> None:
    """The Date header and the stamps of writes are ahead, the other vendor's are not."""
    place.fault(kind="clock_skew", vendor="hubspot", seconds=3600)
    skewed, right = place.hubspot.get(ACCOUNT).headers["Date"], place.query("SELECT Id FROM User").headers["Date"]
    assert (as_seconds(f"{'x' * 11}{skewed[17:25]}") - as_seconds(f"{'x' * 11}{right[17:25]}")) % 86_400 in range(
        3599, 3602
    )
    made = new_contact(place, "skew@faults.example").json()["createdAt"]
    now = place.control.get("/clock").json()["now"]
    assert (as_seconds(made) - as_seconds(now)) % 86_400 in range(3590, 3601)


def test_a_signed_assertion_is_judged_by_the_vendors_clock(place: Broken) -> None:
    """A JWT that is good for a minute is out of date for an org that is ten minutes ahead."""

    def signed_in() -> requests.Response:
        given = place.ready.salesforce
        claims = {
            "iss": given.client_id,
            "sub": given.username,
            "aud": given.jwt_audience,
            "exp": int(time.time()) + 60,
        }
        assertion = jwt.encode(claims, Path(given.private_key_file).read_text(), algorithm="RS256")
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return place.salesforce.session.post(given.token_url, data=form, timeout=20)

    assert signed_in().status_code == 200
    place.fault(kind="clock_skew", vendor="salesforce", seconds=600)
    answer = signed_in()
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


# -- arming ------------------------------------------------------------------------------------------------------------


def test_the_same_seed_breaks_the_same_requests(place: Broken) -> None:
    """What a share of requests meets follows from the seed and their order alone."""

    def pattern(seed: int) -> list[int]:
        place.fault(status=503, rate=0.4, seed=seed)
        found = [place.hubspot.call("GET", ACCOUNT).status_code for _ in range(25)]
        place.control.call("DELETE", "/faults")
        return found

    first, second, other = pattern(1), pattern(1), pattern(2)
    assert first == second
    assert first != other
    assert {*first} == {200, 503}


def test_a_fault_keeps_apart(place: Broken) -> None:
    """After it struck, so many requests of the same address pass; others are not protected."""
    place.fault(status=503, rate=1.0, apart=2, seed=1)
    assert [place.hubspot.call("GET", ACCOUNT).status_code for _ in range(6)] == [503, 200, 200] * 2
    assert place.hubspot.call("GET", f"{CONTACTS}?limit=1").status_code == 503


def test_armed_faults_are_shown_with_their_uses(place: Broken) -> None:
    """As they were given, with uses and what is left; spent ones stay visible, and the log names kinds."""
    place.fault(kind="html", vendor="hubspot", times=2)
    place.fault(kind="out_of_order")
    place.hubspot.get(ACCOUNT)
    shown = place.control.get("/faults").json()["faults"]
    assert shown == [
        {"kind": "html", "vendor": "hubspot", "times": 2, "used": 1, "left": 1, "armed": True},
        {"kind": "out_of_order", "lasting": True, "armed": True},
    ]
    place.hubspot.get(ACCOUNT)
    assert place.control.get("/faults").json()["faults"][0] == {**shown[0], "used": 2, "left": 0, "armed": False}
    assert place.seen() == [(503, "html"), (503, "html")]
    assert place.control.get("/requests/summary").json()["hubspot"]["faults"] == {"html": 2}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"kind": "flood"}, "gateway_timeout"),
        ({"kind": "reset", "after_bytes": -1}, "after_bytes"),
        ({"kind": "latency", "distribution": "gamma"}, "lognormal"),
        ({"kind": "rate_limit", "vendor": "salesforce", "policy": "DAILY"}, "TotalRequests"),
        ({"kind": "migration", "vendor": "salesforce"}, "hubspot only"),
        ({"kind": "html", "status": 404}, "503"),
        ({"kind": "lock", "status": 409}, "400 or 500"),
        ({"kind": "partial", "share": 2}, "share"),
        ({"kind": "clock_skew"}, "seconds"),
        ({"kind": "daily_limit", "times": 2}, "times"),
        ({"kind": "reset", "operation": "qurey"}, "query"),
        ({"status": 503, "rate": 1.5}, "rate"),
        ({"kind": "truncate", "length": "short"}, "wrong"),
    ],
)
def test_a_wrong_fault_is_told_what_is_possible(place: Broken, body: dict[str, object], told: str) -> None:
    """400 with the member at fault and its choices, and nothing of a list is armed."""
    answer = place.control.post("/faults", [{"status": 500}, body])
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert place.control.get("/faults").json() == {"faults": []}


def test_the_control_url_lists_what_it_can(place: Broken) -> None:
    """Paths by method, kinds of faults and of drift."""
    index = place.control.get("/").json()
    assert {"/faults", "/drift", "/webhooks"} <= set(index["get"]) & set(index["post"]) & set(index["delete"])
    assert {"reset", "late_commit"} <= set(index["faults"])
    assert "field_removed" in index["drift"]
    json.dumps(index)
