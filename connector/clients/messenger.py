"""Sends messages to Slack, Teams, mail and whatever else apprise reaches, each at most once, within a time.

Used by the sink of alerts. The addresses of the channels are secrets: they enter neither a message nor a log. Must not
know what a message is about.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pydantic import SecretStr

from connector.clients.departure import Departures, departures
from connector.clients.guard import ReadOnlyViolation
from connector.model.errors import ConfigurationError, OkoshiError

if TYPE_CHECKING:
    from apprise import NotifyBase

PLACE_OF_MAIL = "{mail}"
"""In the address of a channel that writes to one person each: where that person's mail address goes."""

_SOMEBODY = "somebody@example.com"
_DEADLINE_FACTOR = 6
"""A message may take several requests; after so many time-outs nobody waits any longer."""

_STATUS = re.compile(r"\berror=(\d{3})\b")
_LIBRARY_LOG = logging.getLogger("apprise")


class Format(StrEnum):
    """How a channel reads text."""

    TEXT = "text"
    HTML = "html"
    MARKDOWN = "markdown"


@dataclass(frozen=True)
class Form:
    """What a channel takes: the format, and the most characters of title and body."""

    format: Format
    title: int
    body: int


@dataclass(frozen=True)
class Message:
    """One message in the channel's own format; `to` is a person's mail address where the channel needs one."""

    channel: str
    title: str
    body: str
    to: str | None = None
    urgent: bool = False


class Fate(StrEnum):
    """What became of a message."""

    SENT = "sent"
    NOT_SENT = "not_sent"  # provably
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Delivery:
    """A message's fate and why. `closed`: the channel did not even answer, so the next message would fare alike."""

    fate: Fate
    reason: str | None = None
    closed: bool = False


class Messenger:
    """The channels of one company by name. With `read_only` it refuses to send, whoever asks."""

    def __init__(self, channels: Mapping[str, SecretStr], *, read_only: bool, timeout: float = 10) -> None:
        self._channels = dict(channels)
        self._read_only = read_only
        self._timeout = timeout
        self._services: dict[tuple[str, str | None], NotifyBase] = {}

    @property
    def names(self) -> frozenset[str]:
        """The channels that have an address."""
        return frozenset(self._channels)

    def is_personal(self, channel: str) -> bool:
        """Whether the channel's address has a place for a person's mail address."""
        return PLACE_OF_MAIL in self._address(channel)

    def check(self, channel: str) -> None:
        """Raises ConfigurationError, without the address, for one that apprise cannot use. Sends nothing."""
        self._service(channel, _SOMEBODY if self.is_personal(channel) else None)

    def form(self, channel: str) -> Form:
        """What this channel takes."""
        service = self._service(channel, _SOMEBODY if self.is_personal(channel) else None)
        from apprise import NotifyFormat  # noqa: PLC0415 -- a fifth of a second, and most commands send nothing

        wanted = NotifyFormat.HTML if "mailto" in _names(service) else NotifyFormat.TEXT
        return Form(Format(service.resolve_format(wanted).value), max(service.title_maxlen, 0), service.body_maxlen)

    def send(self, message: Message) -> Delivery:
        """Hands a message over once. Raises ReadOnlyViolation; a failing channel is a delivery with its reason."""
        if self._read_only:
            raise ReadOnlyViolation(f"a message to {message.channel} was not sent: this run only looks")
        service = self._service(message.channel, message.to)
        form = self.form(message.channel)
        from apprise import NotifyFormat, NotifyType  # noqa: PLC0415

        def notify() -> bool:
            kind = NotifyType.WARNING if message.urgent else NotifyType.INFO
            return bool(
                service.notify(
                    body=message.body,
                    title=message.title,
                    notify_type=kind,
                    body_format=NotifyFormat(form.format.value),
                )
            )

        with departures() as left, _overheard() as statuses:
            answer = _within(self._timeout * _DEADLINE_FACTOR, notify)
            return _delivery(answer, left, statuses)

    def _service(self, channel: str, to: str | None) -> "NotifyBase":
        known = self._services.get((channel, to))
        if known is None:
            known = self._services[channel, to] = self._opened(channel, to)
        return known

    def _address(self, channel: str) -> str:
        if channel not in self._channels:
            raise ConfigurationError(
                f"Nothing says where the alert channel {channel} is. Set alerts.channels.{channel} "
                f"(OKOSHI_ALERTS__CHANNELS__{channel.upper()}), or take it out of mappings/alerts.yaml.",
                code="setting_missing",
            )
        return self._channels[channel].get_secret_value().strip()

    def _opened(self, channel: str, to: str | None) -> "NotifyBase":
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415

        address = self._address(channel)
        asset = AppriseAsset(
            app_id="Okoshi", app_desc="Okoshi", image_url_mask="", http_redirects=False, storage_mode="memory"
        )
        with _overheard():
            try:
                service = Apprise.instantiate(
                    address.replace(PLACE_OF_MAIL, quote(to or "", safe="")), asset=asset, suppress_exceptions=True
                )
            except Exception:  # noqa: BLE001 -- whatever it says quotes the address
                service = None
        if service is None:
            raise ConfigurationError(
                f"alerts.channels.{channel} (OKOSHI_ALERTS__CHANNELS__{channel.upper()}) is no address that apprise "
                "knows. Give a webhook's address as Slack or Teams shows it, or mailtos://user:password@host?to=….",
                code="setting_wrong",
            )
        service.redirects = False
        service.socket_connect_timeout = service.socket_read_timeout = self._timeout
        return service


def _names(service: "NotifyBase") -> set[str]:
    told: list[Any] = [service.protocol, service.secure_protocol]
    return {name for one in told for name in ((one,) if isinstance(one, str) else one or ())}


def _within(seconds: float, act: Callable[[], bool]) -> bool | Exception:
    """What `act` answers or raises in a thread of its own; TimeoutError where it does not end in time."""
    future: Future[bool] = Future()

    def run() -> None:
        try:
            future.set_result(act())
        except Exception as error:  # noqa: BLE001 -- it is handed over
            future.set_exception(error)

    context = copy_context()
    threading.Thread(target=context.run, args=(run,), daemon=True, name="alert").start()
    try:
        error = future.exception(seconds)
    except TimeoutError as late:
        return late
    if isinstance(error, Exception):
        return error
    return future.result()


def _delivery(answer: bool | Exception, left: Departures, statuses: list[int]) -> Delivery:
    """What the library's yes, no or exception means, by what left the process and which answers it complained about."""
    if answer is True:
        return Delivery(Fate.SENT)
    if isinstance(answer, OkoshiError):
        raise answer
    if isinstance(answer, TimeoutError):
        # Its thread goes on, so what has not left yet may leave later.
        return Delivery(Fate.UNCLEAR, "no answer came in time: it may have been delivered", closed=True)
    gone = left.requests + left.mails
    if not gone and left.talked:
        return Delivery(Fate.NOT_SENT, "the channel does not take it, or does not know the person; nothing was sent")
    if not gone:
        reason = "the channel cannot be reached or does not let us in; nothing was sent"
        return Delivery(Fate.NOT_SENT, reason, closed=True)
    refused = [status for status in statuses if 400 <= status < 500 and status != 408]
    if len(refused) == gone:
        return Delivery(Fate.NOT_SENT, f"the channel refused it (HTTP {refused[-1]})")
    return Delivery(Fate.UNCLEAR, "the channel did not confirm it: it may have been delivered")


_statuses: ContextVar[list[int] | None] = ContextVar("statuses", default=None)


class _Overhearing(logging.Handler):
    """Takes the library's log lines, which hold addresses, and keeps the HTTP statuses in them for who listens."""

    def emit(self, record: logging.LogRecord) -> None:
        statuses = _statuses.get()
        if statuses is not None and (found := _STATUS.search(record.getMessage())):
            statuses.append(int(found[1]))


@contextmanager
def _overheard() -> Iterator[list[int]]:
    """While open, collects the HTTP statuses that the library complains about; nothing of its log goes further."""
    if not any(isinstance(handler, _Overhearing) for handler in _LIBRARY_LOG.handlers):
        _LIBRARY_LOG.addHandler(_Overhearing())
        _LIBRARY_LOG.propagate = False
        _LIBRARY_LOG.setLevel(logging.WARNING)
    heard: list[int] = []
    token = _statuses.set(heard)
    try:
        yield heard
    finally:
        _statuses.reset(token)
