"""One HTTP session class for both vendors: route guard, sign-in, pool, time-outs, retry, budget and error classes.

Both vendors' libraries send through it and see successes only; every failure leaves here as an error that the rooms
above know. Must not know objects or fields; never logs or repeats bodies, queries or tokens.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy

from connector.clients.answers import LABELS, classify, not_json, transport_failure
from connector.clients.auth import SignIn
from connector.clients.budget import Budget
from connector.clients.egress import Endpoint
from connector.clients.errors import (
    NOTHING_WRITTEN,
    RETRIED,
    AnswerLost,
    FailedAttempt,
    Failure,
    Remedy,
    explained,
)
from connector.clients.guard import Route, RouteGuard
from connector.clients.retry import RetryPolicy
from connector.model.errors import ConfigurationError, OkoshiError

CONNECT_TIMEOUT = 5.0
POOLED_CONNECTIONS = 8
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_log = structlog.get_logger(__name__)


class SignInNeeded(FailedAttempt):
    """The vendor refused the token; `authorization` is the one that it refused."""

    def __init__(self, failure: Failure, authorization: str | None) -> None:
        super().__init__(failure)
        self.authorization = authorization


class VendorSession(requests.Session):
    """A requests session that sends only what its guard allows and answers only with successes.

    A write is never repeated once its bytes may have reached the vendor: then AnswerLost is raised. Any other error
    means that nothing of the request was done.
    """

    sign_in: SignIn | None = None

    def __init__(
        self,
        guard: RouteGuard,
        budget: Budget,
        *,
        ca_bundle: Path | None = None,
        read_timeout: float = 30,
        retry: RetryPolicy | None = None,
    ) -> None:
        super().__init__()
        self.guard = guard
        self.budget = budget
        self._retry = retry or RetryPolicy()
        self._timeout = (min(CONNECT_TIMEOUT, read_timeout), read_timeout)
        self.headers["User-Agent"] = f"okoshi/{version('okoshi')}"
        self.verify = _bundle(guard.vendor, ca_bundle)
        self.mount("https://", HTTPAdapter(pool_connections=2, pool_maxsize=POOLED_CONNECTIONS, pool_block=True))

    def signs_in_with(self, sign_in: SignIn) -> None:
        """Every request carries this sign-in's token from now on."""
        self.sign_in = sign_in
        self.auth = sign_in

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """As `requests`, but bounded in time, repeated where that is safe, and failing with our own errors only."""
        options = {"timeout": self._timeout, **options, "verify": self.verify, "allow_redirects": False}
        if urlsplit(str(url)).hostname in LOOPBACK:
            options["proxies"] = {"http": None, "https": None}  # a proxy's loopback is not ours
        renewed = False

        def attempt() -> requests.Response:
            nonlocal renewed
            try:
                return super(VendorSession, self).request(method, url, *args, **options)
            except SignInNeeded as needed:
                if renewed or self.sign_in is None or not self.sign_in.renew(needed.authorization):
                    raise
                renewed = True
                return super(VendorSession, self).request(method, url, *args, **options)

        try:
            return self._retry.run(attempt, RETRIED)
        except FailedAttempt as failed:
            # The libraries' own exceptions quote bodies and addresses, so the chain is cut here.
            raise self._final(failed.failure) from None

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """One attempt. The guard stands here, below everything that could go around it."""
        route = self.guard.route(request)
        self.budget.before(route.operation)
        self.budget.usage.count(route.operation)
        try:
            response = super().send(request, **options)
        except requests.RequestException as error:
            raise self._failed(route, request, transport_failure(self.guard.vendor, error)) from None
        self.budget.after(response.headers)
        failure = self._judge(route, response)
        if failure:
            raise self._failed(route, request, failure)
        return response

    def endpoints(self, *urls: str) -> frozenset[Endpoint]:
        """Where requests to these addresses connect to, the environment's proxy included."""
        reached = set()
        for url in urls:
            local = urlsplit(url).hostname in LOOPBACK
            proxy = None if local else select_proxy(url, get_environ_proxies(url))
            reached.add(_endpoint(proxy or url))
        return frozenset(reached)

    def _judge(self, route: Route, response: requests.Response) -> Failure | None:
        if response.status_code >= 300:
            return classify(self.guard.vendor, route, response)
        if response.status_code == 204 or _is_json(response.content, thoroughly=route.writes):
            return None
        return not_json(self.guard.vendor, response.status_code)

    def _failed(self, route: Route, request: requests.PreparedRequest, failure: Failure) -> Exception:
        """The error for one failed attempt: to be repeated, or final because it was a write."""
        _log.debug(
            "request failed",
            vendor=self.guard.vendor,
            operation=route.operation,
            code=failure.code,
            remedy=failure.remedy.value,
        )
        if failure.remedy is Remedy.SIGN_IN:
            return SignInNeeded(failure, request.headers.get("Authorization"))
        if route.writes and failure.remedy in RETRIED - NOTHING_WRITTEN:
            return AnswerLost(
                f"{LABELS[self.guard.vendor]} was sent a write ({route.operation}) and gave no usable answer "
                f"({failure.code}). It is looked up before anything is sent again; run again",
                late=failure.late,
            )
        return FailedAttempt(failure)

    def _final(self, failure: Failure) -> OkoshiError:
        if failure.remedy is Remedy.SIGN_IN and self.sign_in is not None:
            return ConfigurationError(self.sign_in.remedy, code="credentials")
        return explained(failure, self.budget.resume_at())


def _bundle(vendor: str, ca_bundle: Path | None) -> str | bool:
    if ca_bundle is None:
        return True
    if not ca_bundle.is_file():
        raise ConfigurationError(
            f"{vendor}.ca_bundle ({ca_bundle}) is not a file; set OKOSHI_{vendor.upper()}__CA_BUNDLE to a PEM file"
        )
    return str(ca_bundle)


def _is_json(body: bytes, *, thoroughly: bool) -> bool:
    """Whether an answer is JSON. A page that is read is parsed once, later; a write's answer must be whole."""
    if thoroughly:
        try:
            json.loads(body)
        except ValueError:
            return False
        return True
    text = body.strip()
    return (text[:1], text[-1:]) in {(b"{", b"}"), (b"[", b"]")}


def _endpoint(url: str) -> Endpoint:
    parts = urlsplit(url if "//" in url else f"//{url}")
    return parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
