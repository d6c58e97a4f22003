"""Signing in: puts the token on each request and gets a new one, once for all threads, when the vendor refuses it.

Called by requests (`session.auth`) and by the session after a 401. Must not know what the requests are for; tokens and
keys never enter a message.
"""

import base64
import re
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import jwt
import requests
from requests.auth import AuthBase

from connector.model.errors import ConfigurationError, OkoshiError
from connector.settings import SalesforceSettings

_TOKEN = re.compile(r"[\x21-\x7e]+")

ASSERTION_LIFE = timedelta(minutes=3)
"""Salesforce accepts at most five minutes; three leave room for clocks that differ."""


class SignIn(Protocol):
    """What a session needs to know about its sign-in."""

    remedy: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest: ...

    def renew(self, refused: str | None) -> bool:
        """True when there is another `Authorization` than the refused one to try."""
        ...


class FixedToken(AuthBase):
    """A token that a person made: nothing can renew it but that person."""

    def __init__(self, token: str, remedy: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise ConfigurationError(
                f"The token holds a line break or another character that no token has. {remedy}", code="credentials"
            )
        self._authorization = f"Bearer {token}"
        self.remedy = remedy

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._authorization
        return request

    def renew(self, refused: str | None) -> bool:  # noqa: ARG002 -- the protocol's signature
        return False


class SalesforceSignIn(AuthBase):
    """OAuth 2.0 JWT bearer or client credentials at the token endpoint; signs in when first needed."""

    remedy = (
        "Salesforce does not accept its own new session: check that salesforce.instance_url "
        "(OKOSHI_SALESFORCE__INSTANCE_URL) is the same org as salesforce.token_url, and that the "
        "integration user's profile allows logging in from this address"
    )

    def __init__(self, settings: SalesforceSettings, session: requests.Session) -> None:
        self._settings = settings
        self._session = session
        self._authorization: str | None = None
        self._lock = threading.Lock()
        self._failure: OkoshiError | None = None
        self._failures = 0
        self._token_path = urlsplit(settings.token_endpoint).path

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if urlsplit(request.url or "").path != self._token_path:
            request.headers["Authorization"] = self._current()
        return request

    def renew(self, refused: str | None) -> bool:
        failures = self._failures
        with self._lock:
            if self._authorization == refused:  # nobody else has signed in anew since
                self._authorization = self._signed_in(failures)
            return True

    def _current(self) -> str:
        failures = self._failures
        with self._lock:
            if self._authorization is None:
                self._authorization = self._signed_in(failures)
            return self._authorization

    def _signed_in(self, failures: int) -> str:
        """Signs in, unless somebody else has failed to since the caller knew of `failures`: one is enough for all."""
        if self._failure is not None and self._failures > failures:
            raise self._failure
        try:
            return self._sign_in()
        except OkoshiError as error:
            self._failure, self._failures = error, self._failures + 1
            raise

    def _sign_in(self) -> str:
        settings = self._settings
        if settings.auth == "jwt":
            form, headers = _jwt_form(settings), None
        else:
            form, headers = {"grant_type": "client_credentials"}, {"Authorization": _basic(settings)}
        # Not by simple-salesforce's own call: that trips over an answer without `instance_url`, which nobody needs.
        answer = self._session.post(settings.token_endpoint, data=form, headers=headers)
        try:
            told = answer.json()
        except ValueError:
            told = None
        token = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise ConfigurationError(
                "The address in salesforce.token_url (OKOSHI_SALESFORCE__TOKEN_URL) did not answer with a token. "
                "It should be https://<My Domain>.my.salesforce.com/services/oauth2/token",
                code="credentials",
            )
        return f"Bearer {token}"


def _jwt_form(settings: SalesforceSettings) -> dict[str, str]:
    now = datetime.now(UTC)
    claims: dict[str, Any] = {
        "iss": settings.client_id,
        "sub": settings.username,
        "aud": settings.jwt_audience,
        "exp": int((now + ASSERTION_LIFE).timestamp()),
    }
    try:
        key = settings.private_key_file.read_bytes() if settings.private_key_file else b""
        assertion = jwt.encode(claims, key, algorithm="RS256")
    except OSError as error:
        raise ConfigurationError(
            f"salesforce.private_key_file ({settings.private_key_file}) cannot be read: {error.strerror}. Set "
            "OKOSHI_SALESFORCE__PRIVATE_KEY_FILE to the PEM file whose certificate the connected app holds",
            code="credentials",
        ) from error
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"salesforce.private_key_file ({settings.private_key_file}) holds no RSA private key in PEM form without a "
            "passphrase; make one with: openssl genrsa -out salesforce.key 2048",
            code="credentials",
        ) from error
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}


def _basic(settings: SalesforceSettings) -> str:
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    return "Basic " + base64.b64encode(f"{settings.client_id}:{secret}".encode()).decode()
