"""What alerts need of a deployment: their sink, and where people open the records that they are about.

Used by the assembly.
"""

import structlog

from connector.clients.hubspot import HubSpotClient
from connector.clients.messenger import Messenger
from connector.mapping import Mappings
from connector.mapping.alert_texts import check_alert_texts
from connector.mapping.loader import FOLDER
from connector.model.errors import OkoshiError
from connector.planning.links import RecordLinks
from connector.settings import Settings
from connector.sinks.alerts import AlertsSink, check_channels

log = structlog.get_logger(__name__)


def alerts_sink(settings: Settings, mappings: Mappings, *, read_only: bool) -> AlertsSink:
    """The sink of all channels outside Salesforce.

    Raises ConfigurationError for a channel without a usable address, and for texts of alerts that cannot be filled in.
    """
    if (settings.project_dir / FOLDER).is_dir():
        check_alert_texts(mappings)
    alerts = settings.alerts
    messenger = Messenger(alerts.channels, read_only=read_only, timeout=alerts.timeout_seconds)
    check_channels(mappings.alerts, messenger)
    return AlertsSink(messenger)


def record_links(settings: Settings, hubspot: object) -> RecordLinks:
    """Where people open records. The portal tells its number; while it does not, there are no links to it."""
    org = settings.salesforce.instance_url
    if not isinstance(hubspot, HubSpotClient):
        return RecordLinks(org)
    try:
        portal = hubspot.account_details()
    except OkoshiError as error:
        log.warning("texts go without links to HubSpot", kind=type(error).__name__)
        return RecordLinks(org)
    number, domain = str(portal.get("portalId") or ""), str(portal.get("uiDomain") or "")
    if not number.isdecimal():
        return RecordLinks(org)
    known = domain.replace("-", "").replace(".", "").isalnum() and domain.endswith(".hubspot.com")
    return RecordLinks(org, number, f"https://{domain}") if known else RecordLinks(org, number)
