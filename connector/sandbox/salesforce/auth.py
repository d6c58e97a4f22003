"""Sign-in: OAuth by three grants, sessions, the identity resources, and the SOAP login's refusal.

Called by the application. Token expiry and assertions go by wall time, never by the sandbox's clock.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import jwt
from starlette.responses import Response

from connector.sandbox.salesforce.call import Org, answer
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.world import World

JWT_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LOGIN_HOSTS: Final = ("https://login.salesforce.com", "https://test.salesforce.com")
CLOCK_SKEW_SECONDS: Final = 10
_SOAP_FAULT: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope'
    ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com">'
    "<soapenv:Body><soapenv:Fault><faultcode>sf:INVALID_OPERATION</faultcode><faultstring>INVALID_OPERATION: {0}"
    '</faultstring><detail><sf:UnexpectedErrorFault xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:type="sf:UnexpectedErrorFault"><sf:exceptionCode>INVALID_OPERATION</sf:exceptionCode>'
    "<sf:exceptionMessage>{0}</sf:exceptionMessage></sf:UnexpectedErrorFault></detail></soapenv:Fault>"
    "</soapenv:Body></soapenv:Envelope>"
)


class OAuthError(Exception):
    """A refusal of the token endpoint: one object, not a list."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.status = status
        self.body = {"error": error, "error_description": description}


class Sessions:
    """The org's live access tokens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users: dict[str, str] = {}

    def open(self, organization_id: str, user_id: str) -> str:
        token = f"{organization_id[:15]}!{secrets.token_urlsafe(72)}"
        with self._lock:
            self._users[token] = user_id
        return token

    def user_of(self, token: str | None) -> str:
        with self._lock:
            user_id = self._users.get(token or "")
        if user_id is None:
            raise SalesforceError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return user_id

    def close(self, token: str) -> bool:
        with self._lock:
            return self._users.pop(token, None) is not None

    def invalidate_all(self) -> int:
        """End every session, as an administrator can; clients must sign in again."""
        with self._lock:
            count = len(self._users)
            self._users.clear()
        return count


def token(org: Org, world: World, sessions: Sessions, request: tuple[bytes, Mapping[str, str]]) -> Response:
    """POST /services/oauth2/token."""
    body, headers = request
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        user_id = _grant(org, world, form, headers.get("authorization", ""))
    except OAuthError as error:
        return answer(error.body, error.status, {"Cache-Control": "no-cache, no-store"})
    issued_at = str(int(time.time() * 1000))
    identity = f"{org.instance_url}/id/{org.organization_id}/{user_id}"
    signed = hmac.new(org.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256).digest()
    granted = {
        "access_token": sessions.open(org.organization_id, user_id),
        "signature": base64.b64encode(signed).decode(),
        "scope": "api id",
        "instance_url": org.instance_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    return answer(granted, headers={"Cache-Control": "no-cache, no-store"})


def _grant(org: Org, world: World, form: Mapping[str, str], authorization: str) -> str:
    match form.get("grant_type"):
        case "client_credentials":
            _check_client(org, form, authorization)
            return org.integration_user_id
        case "refresh_token":
            _check_client(org, form, authorization)
            if not org.refresh_token or not hmac.compare_digest(form.get("refresh_token", ""), org.refresh_token):
                raise OAuthError("invalid_grant", "expired access/refresh token")
            return org.integration_user_id
        case grant if grant == JWT_GRANT:
            return _user_of_assertion(org, world, form.get("assertion", ""))
        case _:
            raise OAuthError("unsupported_grant_type", "grant type not supported")


def _check_client(org: Org, form: Mapping[str, str], authorization: str) -> None:
    client_id, client_secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization.lower().startswith("basic "):
        try:
            decoded = base64.b64decode(authorization[6:], validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise OAuthError("invalid_client", "invalid client credentials", 401) from error
        client_id, _, client_secret = decoded.partition(":")
    if not hmac.compare_digest(client_id.encode(), org.client_id.encode()):
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if not hmac.compare_digest(client_secret.encode(), org.client_secret.encode()):
        raise OAuthError("invalid_client", "invalid client credentials")


def _user_of_assertion(org: Org, world: World, assertion: str) -> str:
    audiences = [org.instance_url, f"{org.instance_url}/services/oauth2/token", *LOGIN_HOSTS]
    try:
        claims = jwt.decode(
            assertion,
            org.public_key_pem,
            algorithms=["RS256"],
            audience=[spelling for name in audiences for spelling in (name, f"{name}/")],
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"], "verify_iat": False, "verify_exp": False},
        )
    except jwt.InvalidAudienceError as error:
        raise OAuthError("invalid_grant", "audience is invalid") from error
    except jwt.InvalidTokenError as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error
    _refuse_expired(claims["exp"], world.conditions.skew("salesforce").total_seconds())
    if claims["iss"] != org.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if str(claims["sub"]).lower() == org.username.lower():
        return org.integration_user_id
    sql = 'SELECT "Id", "IsActive" FROM "salesforce_User" WHERE "Username" = ?'
    found = world.tuples(sql, (claims["sub"],))
    if not found:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    if not found[0][1]:
        raise OAuthError("invalid_grant", "inactive user")
    return str(found[0][0])


def _refuse_expired(expires: Any, vendor_ahead: float) -> None:
    """By the vendor's own clock, which may be ahead of the client's or behind it."""
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise OAuthError("invalid_grant", "invalid assertion")
    if expires <= time.time() + vendor_ahead - CLOCK_SKEW_SECONDS:
        raise OAuthError("invalid_grant", "expired authorization code")


def revoke(sessions: Sessions, params: Mapping[str, str], body: bytes) -> Response:
    """POST or GET /services/oauth2/revoke."""
    form = dict(parse_qsl(body.decode("utf-8", "replace")))
    if not sessions.close(form.get("token") or params.get("token", "")):
        return answer({"error": "unsupported_token_type", "error_description": "this token type is not supported"}, 400)
    return Response(status_code=200)


def identity(org: Org, world: World, user_id: str) -> Response:
    """GET /id/<org>/<user> and /services/oauth2/userinfo: who is signed in."""
    user: Mapping[str, Any] = world.get("salesforce", "User", user_id) or {}
    address = f"{org.instance_url}/id/{org.organization_id}/{user_id}"
    name, email = user.get("Name"), user.get("Email")
    return answer(
        {
            "id": address,
            "sub": address,
            "user_id": user_id,
            "organization_id": org.organization_id,
            "username": user.get("Username") or org.username,
            "preferred_username": user.get("Username") or org.username,
            "nick_name": name,
            "nickname": name,
            "display_name": name,
            "name": name,
            "email": email,
            "email_verified": True,
            "first_name": user.get("FirstName"),
            "given_name": user.get("FirstName"),
            "last_name": user.get("LastName"),
            "family_name": user.get("LastName"),
            "timezone": "Asia/Tokyo",
            "zoneinfo": "Asia/Tokyo",
            "active": bool(user.get("IsActive", 1)),
            "is_app_installed": True,
            "user_type": "STANDARD",
            "language": "ja",
            "locale": "ja_JP",
            "urls": {
                "rest": f"{org.instance_url}/services/data/v{{version}}/",
                "sobjects": f"{org.instance_url}/services/data/v{{version}}/sobjects/",
                "query": f"{org.instance_url}/services/data/v{{version}}/query/",
                "profile": f"{org.instance_url}/{user_id}",
            },
        }
    )


def soap_login_refused(version: str) -> Response:
    """POST /services/Soap/u|c/<version>: login() is off by default, and gone from version 65 on."""
    gone = version.partition(".")[0].isdigit() and int(version.partition(".")[0]) >= 65
    text = (
        "The SOAP API login() call is not available in this API version."
        if gone
        else "SOAP API login() is disabled by default in this org."
    )
    return Response(_SOAP_FAULT.format(text), 500, media_type="text/xml;charset=UTF-8")
