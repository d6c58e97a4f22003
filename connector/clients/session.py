"""One HTTP session class for both vendors: route guard, sign-in, pool, time-outs, retry, budget and error classes.

Both vendors' libraries send through it and see successes only; every failure leaves here as an error that the rooms
above know. Must not know objects or fields; never logs or repeats bodies, queries or tokens.
"""

import codecs
import json
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from requests.utils import get_environ_proxies, select_proxy

from connector.clients.answers import LABELS, classify, not_json, too_large, transport_failure
from connector.clients.auth import SignIn
from connector.clients.budget import Budget
from connector.clients.egress import Endpoint
from connector.clients.errors import (
    RETRIED,
    UNCLEAR,
    AnswerLost,
    FailedAttempt,
    Failure,
    Remedy,
    explained,
)
from connector.clients.guard import AnswerForm, Route, RouteGuard
from connector.clients.retry import RetryPolicy
from connector.clients.transport import Adapter, TooLarge, take_in
from connector.model.errors import ConfigurationError, OkoshiError
from connector.model.json_depth import is_too_deep

CONNECT_TIMEOUT = 5.0
POOLED_CONNECTIONS = 8
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

MOST_BYTES = {AnswerForm.JSON: 64_000_000, AnswerForm.CSV: 256_000_000, AnswerForm.EMPTY: 1_000_000}
"""The largest answer that is taken in, many times what the vendors' own page sizes make; of a refusal a megabyte."""

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
        self.mount("https://", Adapter(pool_connections=2, pool_maxsize=POOLED_CONNECTIONS, pool_block=True))
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # each request stands for itself

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
            response = super().send(request, **{**options, "stream": True})
            take_in(response, MOST_BYTES[route.answer] if response.ok else MOST_BYTES[AnswerForm.EMPTY])
        except requests.RequestException as error:
            raise self._failed(route, request, transport_failure(self.guard.vendor, error, request)) from None
        except TooLarge:
            raise self._failed(route, request, too_large(self.guard.vendor)) from None
        self.budget.after(response.headers)
        response.headers.pop("Sforce-Limit-Info", None)  # simple-salesforce would read it too, and trips over nonsense
        failure = self._judge(route, response)
        if failure:
            raise self._failed(route, request, failure)
        return response

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 -- requests' own signature
        """None: no redirect is followed, so no address in one is looked at."""
        return

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
        if response.status_code == 204 or _is_usable(route, response):
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
        if route.writes and failure.remedy in UNCLEAR:
            return AnswerLost(
                f"{LABELS[self.guard.vendor]} was sent a write ({route.operation}) and gave no usable answer "
                f"({failure.code}). It is looked up before anything is sent again; run again",
                late=failure.late,
            )
        return FailedAttempt(failure)

    def _final(self, failure: Failure) -> OkoshiError:
        if failure.remedy is Remedy.SIGN_IN and self.sign_in is not None:
            return ConfigurationError(self.sign_in.remedy, code="credentials")
        if failure.remedy is Remedy.STOP and failure.topic is None:
            return self.budget.refused(failure.text)
        return explained(failure, self.budget.resume_at())


def _bundle(vendor: str, ca_bundle: Path | None) -> str | bool:
    if ca_bundle is None:
        return True
    if not ca_bundle.is_file():
        raise ConfigurationError(
            f"{vendor}.ca_bundle ({ca_bundle}) is not a file; set OKOSHI_{vendor.upper()}__CA_BUNDLE to a PEM file"
        )
    return str(ca_bundle)


def _is_usable(route: Route, response: requests.Response) -> bool:
    """Whether an answer has the form that its route promises, rather than being a page of something in between."""
    match route.answer:
        case AnswerForm.EMPTY:
            return not response.content.strip()
        case AnswerForm.CSV:
            markup = response.content[:200].lstrip()[:1] == b"<"
            return not markup and "html" not in response.headers.get("Content-Type", "")
        case _:
            response._content = response.content.removeprefix(codecs.BOM_UTF8)
            response.encoding = "utf-8"  # JSON is, whatever its Content-Type says
            return _is_json(response.content, thoroughly=route.writes or not _is_told_whole(response))


def _is_told_whole(response: requests.Response) -> bool:
    """Whether the transport would have noticed a body that is cut short."""
    return not {"Content-Length", "Transfer-Encoding"}.isdisjoint(response.headers)


def _is_json(body: bytes, *, thoroughly: bool) -> bool:
    """Whether an answer is a JSON object or list.

    A page that is read is parsed once, later; a write's answer must be whole.
    """
    text = body.strip()
    if (text[:1], text[-1:]) not in {(b"{", b"}"), (b"[", b"]")}:
        return False
    if is_too_deep(text):
        return False
    try:
        content = text.decode()
        if thoroughly:
            json.loads(content)
    except ValueError:
        return False
    return True


def _endpoint(url: str) -> Endpoint:
    parts = urlsplit(url if "//" in url else f"//{url}")
    return parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
