"""Sign-in, sessions, limits and describe of the sandbox's Salesforce."""

import base64
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from salesforce_org import CLIENT_ID, CLIENT_SECRET, KEY, TARO, RunningOrg, running_org

from connector.sandbox.salesforce.auth import JWT_GRANT

RECORDED = Path(__file__).parents[3] / ".." / "shared" / "data" / "recorded" / "salesforce"


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningOrg]:
    with running_org(tmp_path) as running:
        yield running


def token(org: RunningOrg, **form: str) -> requests.Response:
    return org.session.post(f"{org.url}/services/oauth2/token", data=form, headers={"Authorization": ""}, timeout=20)


def assertion(org: RunningOrg, key: rsa.RSAPrivateKey = KEY, **claims: Any) -> str:
    given = {"iss": CLIENT_ID, "sub": "integration@example.com", "aud": org.url, "exp": int(time.time()) + 180}
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return jwt.encode({**given, **claims}, pem, algorithm="RS256")


def test_client_credentials_in_the_body_or_as_basic(org: RunningOrg) -> None:
    """Both spellings give a token that works, with the vendor's other members."""
    answer = token(org, grant_type="client_credentials", client_id=CLIENT_ID, client_secret=CLIENT_SECRET).json()
    assert {"access_token", "instance_url", "id", "token_type", "issued_at", "signature", "scope"} == answer.keys()
    assert (answer["token_type"], answer["instance_url"]) == ("Bearer", org.url)
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    other = org.session.post(
        f"{org.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {basic}"},
        timeout=20,
    )
    assert other.status_code == 200


def test_a_wrong_client_is_one_oauth_object(org: RunningOrg) -> None:
    """OAuth errors are an object, not a list."""
    wrong = token(org, grant_type="client_credentials", client_id=CLIENT_ID, client_secret="x")
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_client")
    unknown = token(org, grant_type="client_credentials", client_id="x", client_secret=CLIENT_SECRET)
    assert unknown.json()["error"] == "invalid_client_id"
    assert token(org, grant_type="password").json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("audience", ["own", "https://login.salesforce.com", "https://test.salesforce.com"])
def test_jwt_bearer(org: RunningOrg, audience: str) -> None:
    """A signed assertion for a known user gives a session of that user."""
    signed = assertion(org, aud=org.url if audience == "own" else audience, sub="taro@example.com")
    answer = token(org, grant_type=JWT_GRANT, assertion=signed)
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"].endswith(TARO)


def test_bad_assertions_are_invalid_grants(org: RunningOrg) -> None:
    """Signature, audience, user, expiry (by wall time, whatever the simulated date) and issuer are checked."""
    org.world.clock.advance(timedelta(days=-400))
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    bad = [
        assertion(org, other_key),
        assertion(org, aud="https://example.com"),
        assertion(org, sub="nobody@example.com"),
        assertion(org, sub="left@example.com"),
        assertion(org, exp=int(time.time()) - 60),
        "nonsense",
    ]
    assert [token(org, grant_type=JWT_GRANT, assertion=one).json()["error"] for one in bad] == ["invalid_grant"] * 6
    issuer = token(org, grant_type=JWT_GRANT, assertion=assertion(org, iss="x"))
    assert issuer.json()["error"] == "invalid_client_id"
    assert token(org, grant_type=JWT_GRANT, assertion=assertion(org)).status_code == 200


def test_an_invalidated_session_is_401_until_the_next_sign_in(org: RunningOrg) -> None:
    """INVALID_SESSION_ID, as when an administrator ends all sessions."""
    org.state.sessions.invalidate_all()
    answer = org.call("GET", "/limits")
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    org.sign_in()
    assert org.call("GET", "/limits").status_code == 200


def test_a_revoked_token_is_dead(org: RunningOrg) -> None:
    """POST /services/oauth2/revoke ends one session."""
    live = org.session.headers["Authorization"]
    text = live.decode() if isinstance(live, bytes) else live
    form = {"token": text.removeprefix("Bearer ")}
    assert org.session.post(f"{org.url}/services/oauth2/revoke", data=form, timeout=20).status_code == 200
    assert org.error("GET", "/limits") == (401, "INVALID_SESSION_ID")


def test_who_is_signed_in(org: RunningOrg) -> None:
    """userinfo and the identity address name the integration user."""
    answer = org.session.get(f"{org.url}/services/oauth2/userinfo", timeout=20).json()
    assert answer["preferred_username"] == "integration@example.com"
    assert org.session.get(answer["sub"], timeout=20).json()["user_id"] == answer["user_id"]
    nobody = org.session.get(answer["sub"], headers={"Authorization": "Bearer x"}, timeout=20)
    assert nobody.status_code == 403


def test_soap_login_is_refused(org: RunningOrg) -> None:
    """login() with a password is off, as in new orgs."""
    answer = org.session.post(f"{org.url}/services/Soap/u/59.0", data="<x/>", timeout=20)
    assert answer.status_code == 500
    assert "INVALID_OPERATION" in answer.text


def test_the_daily_limit(tmp_path: Path) -> None:
    """Usage is on every answer; beyond the limit 403 until the next day."""
    with running_org(tmp_path, daily_limit=3) as org:
        usage = [org.call("GET", "/limits").headers["Sforce-Limit-Info"] for _ in range(3)]
        assert usage == ["api-usage=1/3", "api-usage=2/3", "api-usage=3/3"]
        refused = org.call("GET", "/limits")
        error = refused.json()[0]
        assert (refused.status_code, error["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
        assert error["message"] == "TotalRequests Limit exceeded."
        org.world.clock.advance(timedelta(days=1))
        assert org.call("GET", "/limits").json()["DailyApiRequests"] == {"Max": 3, "Remaining": 2}


def test_addresses_and_methods_that_do_not_exist(org: RunningOrg) -> None:
    """404 and 405 in the vendor's form; addresses beyond 16,384 bytes stop at the edge with HTML."""
    assert org.error("GET", "/nowhere") == (404, "NOT_FOUND")
    assert org.error("PUT", "/sobjects/Task") == (405, "METHOD_NOT_ALLOWED")
    told = org.call("PUT", "/sobjects/Task").json()[0]["message"]
    assert told == "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,POST"
    old = org.session.get(f"{org.url}/services/data/v20.0/limits", timeout=20)
    assert old.status_code == 404
    long = org.call("GET", "/query", params={"q": "SELECT Id FROM Account WHERE Name = '" + "x" * 17_000 + "'"})
    assert (long.status_code, long.headers["content-type"].split(";")[0]) == (414, "text/html")
    headers = org.call("GET", "/limits", headers={"X-Long": "x" * 17_000})
    assert headers.status_code == 431


def test_versions_and_resources(org: RunningOrg) -> None:
    """The versions need no session; a version lists its resources."""
    listed = requests.Session().get(f"{org.url}/services/data", timeout=20).json()
    assert {"label": "Winter '24", "url": "/services/data/v59.0", "version": "59.0"} in listed
    assert listed[-1]["version"] == "66.0"
    assert org.call("GET", "/").json()["sobjects"] == "/services/data/v66.0/sobjects"
    assert org.call("GET", "/limits/recordCount?sObjects=Contact").json() == {
        "sObjects": [{"count": 2, "name": "Contact"}]
    }


def test_describe_is_not_sent_again_when_nothing_changed(org: RunningOrg) -> None:
    """If-Modified-Since answers 304."""
    first = org.call("GET", "/sobjects/Task/describe")
    again = org.call("GET", "/sobjects/Task/describe", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status_code == 304


def test_describe_tells_what_the_connector_looks_for(org: RunningOrg) -> None:
    """The key field, the missing consent fields, polymorphic references, picklists."""
    task = {field["name"]: field for field in org.call("GET", "/sobjects/Task/describe").json()["fields"]}
    assert (task["Okoshi_Key__c"]["externalId"], task["Okoshi_Key__c"]["unique"]) == (True, True)
    assert task["WhoId"]["referenceTo"] == ["Contact", "Lead"]
    assert task["OwnerId"]["referenceTo"] == ["User"]
    assert task["Status"]["picklistValues"][0]["value"] == "未着手"
    assert task["Description"]["filterable"] is False
    contact = org.call("GET", "/sobjects/Contact/describe").json()
    names = {field["name"] for field in contact["fields"]}
    assert ("HasOptedOutOfEmail" in names, "DoNotCall" in names) == (True, False)
    assert org.error("GET", "/sobjects/Nope/describe") == (404, "NOT_FOUND")


@pytest.mark.parametrize("object_", ["Account", "Contact", "Opportunity", "Event", "Lead", "OpportunityContactRole"])
def test_describe_has_every_key_of_a_real_one(org: RunningOrg, object_: str) -> None:
    """Top-level, field, child and global keys are those of recorded describes."""
    recorded = RECORDED / f"GET_sobjects_{object_}_describe.yaml"
    if not recorded.exists():
        pytest.skip("the recorded describes of ../shared/data are not here")
    real = json.loads(yaml.safe_load(recorded.read_text("utf-8"))["response"]["body"]["string"])
    ours = org.call("GET", f"/sobjects/{object_}/describe").json()
    assert real.keys() - ours.keys() == set()
    real_fields = {field["name"]: field for field in real["fields"]}
    for field in ours["fields"]:
        assert real["fields"][0].keys() - field.keys() == set()
        known = real_fields.get(field["name"])
        if known and not field["custom"]:
            facts = ("type", "length", "nillable", "filterable", "sortable", "createable", "updateable", "groupable")
            assert {name: field[name] for name in facts} == {name: known[name] for name in facts}, field["name"]
    assert real["childRelationships"][0].keys() - (ours["childRelationships"] or [{}])[0].keys() <= (
        set() if ours["childRelationships"] else real["childRelationships"][0].keys()
    )


def test_global_describe_lists_every_object_with_every_key(org: RunningOrg) -> None:
    """As the recorded global describe."""
    ours = org.call("GET", "/sobjects/").json()
    assert {"Account", "Task", "OpportunityStage", "User"} <= {item["name"] for item in ours["sobjects"]}
    recorded = RECORDED / "GET_sobjects_Global_describe.yaml"
    if not recorded.exists():
        pytest.skip("the recorded describes of ../shared/data are not here")
    real = json.loads(yaml.safe_load(recorded.read_text("utf-8"))["response"]["body"]["string"])
    assert real["sobjects"][0].keys() - ours["sobjects"][0].keys() == set()
