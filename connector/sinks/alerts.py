"""Sends alerts through the channels outside Salesforce, each message at most once, and says what became of each.

Made by the assembly and driven by the engine, which keeps the ledger around it. Knows nothing of programs.
"""

from collections.abc import Mapping, Sequence

from connector.clients.messenger import PLACE_OF_MAIL, Fate, Message, Messenger
from connector.mapping.alerts import AlertRules
from connector.model.errors import ConfigurationError
from connector.model.limits import FieldLimit
from connector.model.plan import Change
from connector.model.sync import Found, Outcome
from connector.sinks.alerts_text import composed

FIELDS = frozenset({"title", "body", "links", "urgent", "to"})


class AlertsSink:
    """Slack, Teams, mail and whatever else has an address in the settings; a change's object is the channel's name.

    A message that has left cannot be looked up: one whose fate is unknown counts as delivered, for a second one would
    be worse than none.
    """

    name = "alerts"
    batch_size = 1
    """So that after a kill one message is in doubt, not those behind it."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger
        self._closed: set[str] = set()

    def writable(self, object_: str) -> frozenset[str]:  # noqa: ARG002 -- the same for every channel
        """What a message consists of."""
        return FIELDS

    def limits(self, object_: str) -> Mapping[str, FieldLimit]:  # noqa: ARG002 -- the same for every channel
        """None: each channel's own text is cut where it is made."""
        return {}

    def find(self, changes: Sequence[Change]) -> dict[str, Found]:  # noqa: ARG002 -- whatever they are
        """Nothing: no channel tells what was sent through it."""
        return {}

    def leaves_trace(self, change: Change) -> bool:  # noqa: ARG002 -- whatever it is
        """False: `find` proves nothing."""
        return False

    def write(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """One outcome for each change, in order; a channel that fails stops no other."""
        return [self._send(change) for change in changes]

    def _send(self, change: Change) -> Outcome:
        """Refused is what provably reached nobody and may be sent again; unknown what may have been delivered."""
        channel = change.object
        if channel in self._closed:
            return _refused(change, "not sent, as the channel did not answer just before")
        values = {name: field.after for name, field in change.fields.items()}
        try:
            form = self._messenger.form(channel)
        except ConfigurationError as error:
            return _refused(change, str(error))
        title, body = composed(form, str(values["title"]), str(values["body"]), values.get("links") or ())
        to = str(values["to"]) if values.get("to") else None
        told = self._messenger.send(Message(channel, title, body, to, urgent=bool(values.get("urgent"))))
        if told.closed:
            self._closed.add(channel)
        match told.fate:
            case Fate.SENT:
                return Outcome(key=change.key, state="done")
            case Fate.NOT_SENT:
                return _refused(change, str(told.reason))
            case Fate.UNCLEAR:
                return Outcome(key=change.key, state="unknown", reason=told.reason)


def check_channels(rules: AlertRules, messenger: Messenger) -> None:
    """Raises ConfigurationError where a channel of the rules has no usable address. Sends nothing."""
    for channel in sorted(rules.addressed):
        messenger.check(channel)
        if messenger.is_personal(channel) is not (channel in rules.each_person):
            raise ConfigurationError(
                f"mappings/alerts.yaml: `each_person` names the channels whose address holds {PLACE_OF_MAIL}, and no "
                f"other; correct it, or alerts.channels.{channel}.",
                code="mapping_wrong",
            )


def _refused(change: Change, reason: str) -> Outcome:
    return Outcome(key=change.key, state="refused", reason=reason)
