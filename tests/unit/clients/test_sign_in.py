"""Signing in: flows, one sign-in for all threads, renewal once after a 401, messages that name the keys."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
import requests
import responses
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from connector.clients.salesforce import SalesforceClient
from connector.model.errors import ConfigurationError, RetryLater

INSTANCE = "https://acme.my.salesforce.com"
DATA = f"{INSTANCE}/services/data/v66.0"
TOKEN_URL = f"{INSTANCE}/services/oauth2/token"
EMPTY = {"totalSize": 0, "done": True, "records": []}
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
CLIENT_CREDENTIALS = {
    "auth": "client_credentials",
    "session_id": None,
    "client_id": "3MVG9.app",
    "client_secret": SecretStr("hush"),
}

Make = Callable[..., SalesforceClient]


def token(value: str) -> dict[str, str]:
    return {"access_token": value, "instance_url": INSTANCE, "token_type": "Bearer"}


def test_client_credentials_sign_in_when_first_needed(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Nothing is sent before the first call; then one sign-in, and its token on the calls that follow."""
    asked = vendor.post(TOKEN_URL, json=token("T1"))
    queried = vendor.get(f"{DATA}/query/", json=EMPTY)
    client = salesforce(**CLIENT_CREDENTIALS)
    assert asked.call_count == 0
    client.check()
    client.check()
    assert asked.call_count == 1
    assert parse_qs(str(asked.calls[0].request.body)) == {"grant_type": ["client_credentials"]}
    assert str(asked.calls[0].request.headers["Authorization"]).startswith("Basic ")
    assert [call.request.headers["Authorization"] for call in queried.calls] == ["Bearer T1", "Bearer T1"]


def test_the_jwt_assertion_names_app_user_and_audience(
    vendor: responses.RequestsMock, salesforce: Make, private_key: rsa.RSAPrivateKey, private_key_file: Path
) -> None:
    """The bearer assertion is signed with the private key and lives three minutes of wall time."""
    asked = vendor.post(TOKEN_URL, json=token("T1"))
    vendor.get(f"{DATA}/query/", json=EMPTY)
    salesforce(
        auth="jwt", client_id="3MVG9.app", username="okoshi@acme.example", private_key_file=private_key_file
    ).check()
    form = parse_qs(str(asked.calls[0].request.body))
    claims = jwt.decode(
        form["assertion"][0], private_key.public_key(), ["RS256"], audience="https://login.salesforce.com"
    )
    assert (claims["iss"], claims["sub"]) == ("3MVG9.app", "okoshi@acme.example")
    assert 0 < claims["exp"] - datetime.now(UTC).timestamp() <= 180


def test_an_expired_session_is_renewed_once_and_the_call_repeated(
    vendor: responses.RequestsMock, salesforce: Make, waits: list[float]
) -> None:
    """A 401 costs one new sign-in and no waiting; the call then succeeds with the new token."""
    vendor.post(TOKEN_URL, json=token("T1"))
    vendor.post(TOKEN_URL, json=token("T2"))
    queried = vendor.get(f"{DATA}/query/", status=401, json=EXPIRED)
    again = vendor.get(f"{DATA}/query/", json=EMPTY)
    salesforce(**CLIENT_CREDENTIALS).check()
    assert queried.call_count == again.call_count == 1
    assert again.calls[0].request.headers["Authorization"] == "Bearer T2"
    assert waits == []


def test_an_expired_session_does_not_lose_a_write(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """A 401 proves that nothing was written, so the write is sent again with the new token."""
    vendor.post(TOKEN_URL, json=token("T1"))
    vendor.post(TOKEN_URL, json=token("T2"))
    vendor.post(f"{DATA}/composite/sobjects", status=401, body="<html>expired</html>")
    vendor.post(f"{DATA}/composite/sobjects", json=[{"id": "00T1", "success": True, "errors": []}])
    assert salesforce(**CLIENT_CREDENTIALS).create("Task", [{"Subject": "x"}])[0].id == "00T1"


def test_a_lasting_401_ends_as_a_configuration_error(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """A session that is refused right after signing in is not tried for ever."""
    asked = vendor.post(TOKEN_URL, json=token("T1"))
    vendor.get(f"{DATA}/query/", status=401, json=EXPIRED)
    with pytest.raises(ConfigurationError, match=r"salesforce\.instance_url"):
        salesforce(**CLIENT_CREDENTIALS).check()
    assert asked.call_count == 2


def test_threads_share_one_sign_in(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Ten threads that start together, and whose first session expires together, sign in twice in all."""
    issued = iter(["T1", "T2", "T3", "T4"])
    asked = vendor.add_callback("POST", TOKEN_URL, lambda _: (200, {}, json.dumps(token(next(issued)))))
    together = threading.Barrier(10, timeout=10)

    def query(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        if request.headers["Authorization"] == "Bearer T1":
            together.wait()
            return 401, {}, json.dumps(EXPIRED)
        return 200, {}, json.dumps(EMPTY)

    vendor.add_callback("GET", f"{DATA}/query/", query)
    client = salesforce(**CLIENT_CREDENTIALS)
    threads = [threading.Thread(target=client.check) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert asked.call_count == 2
    assert client.usage.calls == {"sign_in": 2, "query": 20}


@pytest.mark.parametrize(
    ("error", "keys"),
    [
        ("invalid_client_id", ["salesforce.client_id", "OKOSHI_SALESFORCE__CLIENT_ID"]),
        ("invalid_client", ["salesforce.client_id", "salesforce.client_secret"]),
        ("invalid_grant", ["salesforce.username", "salesforce.private_key_file", "salesforce.jwt_audience"]),
        ("something_new", ["salesforce.token_url", "salesforce.auth"]),
    ],
)
def test_wrong_credentials_name_the_keys(
    vendor: responses.RequestsMock, salesforce: Make, error: str, keys: list[str]
) -> None:
    """A refusal of the token endpoint says which settings to look at, and repeats neither secret nor description."""
    vendor.post(TOKEN_URL, status=400, json={"error": error, "error_description": "user taro@acme.example"})
    with pytest.raises(ConfigurationError) as refused:
        salesforce(**CLIENT_CREDENTIALS).check()
    assert all(key in str(refused.value) for key in keys)
    assert "hush" not in str(refused.value)
    assert "taro" not in str(refused.value)


def test_a_busy_token_endpoint_is_tried_again(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Asking for a token writes no data, so it is repeated like a read."""
    vendor.post(TOKEN_URL, status=503, body="<html>maintenance</html>")
    vendor.post(TOKEN_URL, json=token("T1"))
    vendor.get(f"{DATA}/query/", json=EMPTY)
    salesforce(**CLIENT_CREDENTIALS).check()


def test_an_answer_without_a_token_names_the_token_url(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Another page than a token endpoint behind `token_url` is a matter of settings."""
    vendor.post(TOKEN_URL, json={"hello": "world"})
    with pytest.raises(ConfigurationError, match=r"salesforce\.token_url"):
        salesforce(**CLIENT_CREDENTIALS).check()


def test_an_unreachable_token_endpoint_is_for_later(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """No connection to the token endpoint is the vendor's trouble, not the credentials'."""
    vendor.post(TOKEN_URL, body=requests.ConnectTimeout())
    with pytest.raises(RetryLater, match="Salesforce"):
        salesforce(**CLIENT_CREDENTIALS).check()


def test_a_session_id_that_expired_names_its_key(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Nobody but a person can renew a given session id."""
    vendor.get(f"{DATA}/query/", status=401, json=EXPIRED)
    with pytest.raises(ConfigurationError, match=r"salesforce\.session_id") as refused:
        salesforce().check()
    assert "00D-session" not in str(refused.value)


def test_a_missing_private_key_names_file_and_key(salesforce: Make, tmp_path: Path) -> None:
    """A path that leads nowhere is told before anything is sent."""
    client = salesforce(auth="jwt", client_id="x", username="u", private_key_file=tmp_path / "absent.key")
    with pytest.raises(ConfigurationError, match=r"salesforce\.private_key_file .*absent\.key"):
        client.check()


def test_a_file_that_is_no_private_key_is_told(salesforce: Make, tmp_path: Path) -> None:
    """A certificate or any other text in place of the key is told as such."""
    wrong = tmp_path / "wrong.key"
    wrong.write_text("-----BEGIN CERTIFICATE-----")
    with pytest.raises(ConfigurationError, match="no RSA private key"):
        salesforce(auth="jwt", client_id="x", username="u", private_key_file=wrong).check()
