"""An alert becomes messages: one change for each channel, and for each person where a channel addresses people. Pure.

Called by the engine for each `Alert` of a decision. The texts are whole but not escaped: each channel has its own
dangers, and its sink knows them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.mapping.alerts import BELL, BODY, CHATTER, TITLE, AlertRules
from connector.model.case import Case
from connector.model.errors import ConfigurationError
from connector.model.intents import Alert
from connector.model.plan import Change, Effect, FieldChange, Operation
from connector.model.records import Ref, User
from connector.planning.entries import Origin
from connector.planning.links import HUBSPOT, SALESFORCE, RecordLinks

ALERTS = "alerts"
"""The system of all channels outside Salesforce; a change's object is the channel's name."""

POST, NOTIFICATION = "FeedItem", "CustomNotification"
MOST_MENTIONS = 25
"""People that one Chatter post may mention."""

LONGEST_POST = 9_000
"""Characters of a post: Chatter takes 10,000, of which the mentioned people's names take their part."""


@dataclass(frozen=True)
class AlertWriting:
    """How a company's alerts are written: through which channels, in whose words, to which people, with which links."""

    rules: AlertRules
    texts: Mapping[str, str]
    users: Mapping[Ref, User]
    links: RecordLinks


@dataclass(frozen=True)
class _Message:
    """What an alert says, once for all channels."""

    alert: Alert
    title: str
    body: str
    to: tuple[User, ...]
    links: tuple[tuple[str, str], ...]
    """(label, address) of the record in each system."""


def alert_changes(intent: Alert, origin: Origin, case: Case, writing: AlertWriting) -> list[Change]:
    """The messages of one alert. People who have left get none; where nobody is left, the record's feed still does.

    Raises ConfigurationError where the texts lack the template or one of the values that it names.
    """
    message = _Message(
        alert=intent,
        title=" ".join(_filled(intent, TITLE, writing.texts).split()),
        body=_filled(intent, BODY, writing.texts).strip(),
        to=tuple(user for ref in dict.fromkeys(intent.to) if (user := writing.users.get(ref)) and user.is_active),
        links=tuple(_links(_records(case, intent.about), writing)),
    )
    return [
        Change(
            key=f"{intent.key}:{way}",
            program=origin.program,
            operation=Operation.CREATE,
            effect=Effect.ALERT,
            system=system,
            object=object_,
            case=origin.case,
            basis=origin.basis,
            fields={name: FieldChange(after=value) for name, value in values.items() if value is not None},
            because=origin.because,
        )
        for channel in writing.rules.channels(intent.template)
        for way, system, object_, values in _through(channel, message, writing)
    ]


_Sent = tuple[str, str, str, dict[str, Any]]
"""What the key ends with, system, object, values."""


def _through(channel: str, message: _Message, writing: AlertWriting) -> Iterator[_Sent]:
    if channel == CHATTER:
        yield from _posts(message, writing.texts)
    elif channel == BELL:
        yield from _notifications(message, writing.rules)
    else:
        text = {
            "title": message.title,
            "body": message.body,
            "links": [list(link) for link in message.links],
            "urgent": message.alert.urgent,
        }
        if channel not in writing.rules.each_person:
            yield channel, ALERTS, channel, text
            return
        for user in message.to:
            if user.email:
                yield f"{channel}:{user.ref.id}", ALERTS, channel, {"to": user.email, **text}


def _posts(message: _Message, texts: Mapping[str, str]) -> Iterator[_Sent]:
    """One post on the record that mentions everybody; on each person's own feed where Salesforce has no such record."""
    about, users = message.alert.about, _of_salesforce(message.to)
    if about.system == SALESFORCE:
        post = {"ParentId": about.id, "Mentions": [user.ref.id for user in users[:MOST_MENTIONS]]}
        yield CHATTER, SALESFORCE, POST, post | {"Body": _post_body(message, f"{message.alert.key}:{CHATTER}", texts)}
        return
    for user in users:
        way = f"{CHATTER}:{user.ref.id}"
        post = {"ParentId": user.ref.id, "Mentions": [user.ref.id]}
        yield way, SALESFORCE, POST, post | {"Body": _post_body(message, f"{message.alert.key}:{way}", texts)}


def _post_body(message: _Message, key: str, texts: Mapping[str, str]) -> str:
    """Title, text and links, and as its last line the key, by which the post can be found again."""
    links = [f"{label}: {url}" for label, url in message.links]
    reference = texts["task.reference"].format(key=key)
    end = "\n".join([*links, reference])
    text = f"{message.title}\n{message.body}"
    return f"{text[: LONGEST_POST - len(end) - 1]}\n{end}"


def _notifications(message: _Message, rules: AlertRules) -> Iterator[_Sent]:
    """One notification for each person; touching it opens the record."""
    about = message.alert.about
    target = {"targetId": about.id} if about.system == SALESFORCE else {"targetPageRef": _page(message.links)}
    for user in _of_salesforce(message.to):
        values = {"type": rules.notification_type, "recipientIds": [user.ref.id], **target}
        text = {"title": message.title, "body": message.body}
        yield f"{BELL}:{user.ref.id}", SALESFORCE, NOTIFICATION, values | text


def _page(links: Sequence[tuple[str, str]]) -> str:
    """What a notification opens that is about no record of Salesforce: a page that is linked, or the start page."""
    if links:
        return json.dumps({"type": "standard__webPage", "attributes": {"url": links[0][1]}})
    return json.dumps({"type": "standard__namedPage", "attributes": {"pageName": "home"}})


def _of_salesforce(users: Iterable[User]) -> list[User]:
    return [user for user in users if user.ref.system == SALESFORCE]


def _filled(intent: Alert, part: str, texts: Mapping[str, str]) -> str:
    name = intent.template + part
    try:
        return texts[name].format_map(intent.values)
    except KeyError as missing:
        problem = "there is no such text" if missing.args == (name,) else f"nothing fills {{{missing.args[0]}}} in"
    except (ValueError, AttributeError, IndexError, TypeError):
        problem = "its {placeholders} cannot be read"
    raise ConfigurationError(f"mappings: text {name}: {problem}. Correct it there.", code="mapping_wrong")


def _records(case: Case, about: Ref) -> Iterator[Ref]:
    """The record itself, then its twins in the other system, then whom and what else the case is about."""
    yield about
    for participant in case.participants:
        if about in {one.ref for one in participant.records}:
            yield from (one.ref for one in participant.records)
    if about == case.ref or about in case.same_deal:
        yield from sorted(case.same_deal)
    if case.primary:
        yield from (one.ref for one in case.primary.records)
    yield from (account.ref for account in case.accounts)
    yield from (one.ref for participant in case.participants for one in participant.records)


def _links(records: Iterable[Ref], writing: AlertWriting) -> Iterator[tuple[str, str]]:
    """The first record of each system that has an address."""
    known: set[str] = set()
    for record in records:
        url = writing.links.url(record)
        if url and record.system not in known and record.system in (SALESFORCE, HUBSPOT):
            known.add(record.system)
            yield writing.texts[f"alert.link.{record.system}"], url
