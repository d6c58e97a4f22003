"""What an answer of a vendor means: from status, headers and body to one class of failure.

Called by the session for everything that is not a success. Must not repeat a vendor's text, which may hold personal
data or the query itself: only codes and the names of objects, fields and scopes get into a message.
"""

import json
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError, ReadTimeoutError

from connector.clients.errors import Failure, Remedy
from connector.clients.guard import Route
from connector.clients.hubspot_errors import STATUSES_THAT_SPEAK, hubspot_failure
from connector.clients.salesforce_errors import salesforce_failure, sign_in_failure
from connector.model.json_depth import is_too_deep

LABELS = {"salesforce": "Salesforce", "hubspot": "HubSpot"}
ADDRESS_KEYS = {"salesforce": "salesforce.instance_url", "hubspot": "hubspot.base_url"}
_NEVER_CONNECTED = (NewConnectionError, ConnectTimeoutError, ProxyError)
_GATEWAY_TIMEOUT = 504
_PROXY_SIGN_IN = "Tunnel connection failed: 407"
_LONGEST_DELAY = timedelta(days=7)
_LONGEST_WINDOW = timedelta(seconds=1_000)
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "NO_CERTIFICATE_OR_CRL_FOUND"})


def classify(vendor: str, route: Route, response: requests.Response) -> Failure:
    """The failure that an answer with a status of 300 or more stands for."""
    if response.is_redirect:
        return _moved(vendor, response)
    retry_after = _retry_after(response.headers)
    status = response.status_code
    body = _json(response)
    if vendor == "hubspot" and body is None and status in STATUSES_THAT_SPEAK:
        body = {}
    if status == 401 and route.operation != "sign_in":
        return Failure(Remedy.SIGN_IN, "401", f"{LABELS[vendor]} does not accept the sign-in")
    if status == 429 and vendor == "hubspot":
        retry_after = _window(retry_after)
    if status == 429 and body is None:
        return Failure(Remedy.RATE, "429", f"{LABELS[vendor]} asks for fewer requests at a time", retry_after)
    if body is None:
        return not_json(vendor, status, retry_after)
    if route.operation == "sign_in":
        failure = sign_in_failure(status, body)
    elif vendor == "salesforce":
        failure = salesforce_failure(status, body, response.request.path_url)
    else:
        failure = hubspot_failure(status, body, response.request.path_url)
    return replace(failure, retry_after=retry_after, late=status == _GATEWAY_TIMEOUT)


def too_large(vendor: str) -> Failure:
    """An answer of which no more was taken in."""
    text = f"{LABELS[vendor]} sent far more than was asked for; run again later"
    return Failure(Remedy.TOO_LARGE, "size", text)


def not_json(vendor: str, status: int, retry_after: timedelta | None = None) -> Failure:
    """An answer by something in front of the vendor, or a page cut short."""
    text = f"{LABELS[vendor]} is busy or out of service (HTTP {status} without a usable body); run again later"
    return Failure(Remedy.BUSY, str(status), text, retry_after, late=status == _GATEWAY_TIMEOUT)


def transport_failure(
    vendor: str, error: requests.RequestException, request: requests.PreparedRequest | None = None
) -> Failure:
    """The failure behind an exception of the transport: whether anything can have reached the vendor matters most."""
    label, key = LABELS[vendor], ADDRESS_KEYS[vendor]
    asked = request or error.request
    host = urlsplit(asked.url or "").netloc.rpartition("@")[2] if asked is not None else key
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            text = (
                f"{label} at {host} shows a certificate that is not trusted ({cause.verify_message}). Set "
                f"{vendor}.ca_bundle (OKOSHI_{vendor.upper()}__CA_BUNDLE) to a PEM file with the issuing CA, "
                f"or correct {key}"
            )
            return Failure(Remedy.CONFIGURATION, "certificate", text, topic="certificate")
        if isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS:
            text = f"No TLS connection to {host} ({cause.reason}): check {key} and {vendor}.ca_bundle"
            return Failure(Remedy.CONFIGURATION, "tls", text, topic="address")
    if proxy := _proxy_text(error, causes):
        return Failure(Remedy.CONFIGURATION, "proxy", proxy, topic="address")
    if any(isinstance(cause, _NEVER_CONNECTED) for cause in causes):
        text = f"{label} at {host} cannot be reached. Check {key} and the network; run again later"
        return Failure(Remedy.UNREACHABLE, "no connection", text)
    if isinstance(error, ValueError):  # requests' own complaints about an address are ValueErrors
        text = f"{key} is not a usable address: give it as https://host"
        return Failure(Remedy.CONFIGURATION, "address", text, topic="address")
    text = f"{label} at {host} does not answer in time or breaks the connection; run again later"
    late = any(isinstance(cause, requests.ReadTimeout | ReadTimeoutError) for cause in causes)
    return Failure(Remedy.TRANSPORT, type(error).__name__, text, late=late)


def _proxy_text(error: requests.RequestException, causes: Iterable[BaseException]) -> str | None:
    """What is wrong with the settings of the proxy. Their values hold a password and stay out."""
    if any(isinstance(cause, OSError) and _PROXY_SIGN_IN in str(cause) for cause in causes):
        return "The proxy wants a sign-in: put user and password into HTTPS_PROXY, or let NO_PROXY name the vendor"
    if isinstance(error, requests.exceptions.InvalidProxyURL | requests.exceptions.InvalidSchema):
        return "The proxy in HTTPS_PROXY or ALL_PROXY has no usable address: give it as http://host:port"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it wraps, which each library keeps under another name.

    Never `__context__`: that also holds what a caller happened to be handling, and somebody else's refused connection
    must not prove that this write was not sent.
    """
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [getattr(cause, "original_error", None), getattr(cause, "reason", None), *cause.args]


def _moved(vendor: str, response: requests.Response) -> Failure:
    try:
        host = urlsplit(response.headers.get("Location", "")).hostname or ""
    except ValueError:
        host = ""
    host = host if _HOST.fullmatch(host) else "another address"
    text = f"{LABELS[vendor]} redirects to {host}: set {ADDRESS_KEYS[vendor]} to the address of the API itself"
    return Failure(Remedy.CONFIGURATION, str(response.status_code), text, topic="address")


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """`Retry-After` as seconds or as a date, where a vendor or something in front of it gives one."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return timedelta(seconds=min(float(text), _LONGEST_DELAY.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return min(max(moment - datetime.now(UTC), timedelta(0)), _LONGEST_DELAY)
    except (ValueError, OverflowError):
        return None


def _window(retry_after: timedelta | None) -> timedelta | None:
    """How long a rate window of HubSpot lasts on. None is that long: such a number counts milliseconds."""
    return retry_after / 1_000 if retry_after and retry_after >= _LONGEST_WINDOW else retry_after


def _json(response: requests.Response) -> Any:
    """The parsed body, or None for anything else than a JSON object or list."""
    try:
        body = None if is_too_deep(response.content) else json.loads(response.content)
    except ValueError:
        return None
    return body if isinstance(body, dict | list) else None
