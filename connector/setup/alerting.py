"""What the doctor asks about alerts: whether every channel has a usable address, and whether the bell can ring.

Tells nobody anything: no address is tried out.
"""

from collections.abc import Iterator

from connector.clients.messenger import Messenger
from connector.mapping.alert_texts import check_alert_texts
from connector.mapping.alerts import BELL
from connector.setup.bench import Bench
from connector.setup.findings import Finding, State, ok, warning
from connector.sinks.alerts import check_channels


def channels(bench: Bench) -> Iterator[Finding]:
    """Texts that can be filled in, and an address for every channel that the rules name."""
    rules = bench.mappings.alerts
    check_alert_texts(bench.mappings)
    check_channels(rules, Messenger(bench.settings.alerts.channels, read_only=True))
    yield ok("alerts", channels=", ".join(sorted({*rules.default}.union(*rules.templates.values()))))


def bell(bench: Bench) -> Iterator[Finding]:
    """The type of notification that the bell rings with. Whether it may be used shows only when it is."""
    rules = bench.mappings.alerts
    if BELL not in {*rules.default}.union(*rules.templates.values()):
        return
    values: dict[str, object] = {"type": rules.notification_type}
    if bench.salesforce.notification_type(rules.notification_type):
        yield Finding("alerts", State.OK, "alerts.bell", values)
    else:
        yield warning("alerts", "alerts.no_type", values)
