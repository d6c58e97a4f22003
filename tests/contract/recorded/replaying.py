"""Which recorded exchanges our clients could have made, by the operations that their route guards know.

Used by the replays of both vendors, which have to cover every operation, and to say why for every other exchange.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

import requests
from recordings import Exchange

from connector.clients.guard import ReadOnlyViolation, RouteGuard

INSTANCE = "https://orgname.my.salesforce.com"
"""The org of the recordings."""


def operation(vendor: str, method: str, address: str) -> str | None:
    """The name that a client's guard has for such a request; None where it would not let it out."""
    try:
        return RouteGuard.writing(vendor).route(requests.Request(method, address).prepare()).operation
    except ReadOnlyViolation:
        return None


def by_operation(vendor: str, told: Iterable[tuple[Exchange, str]]) -> Mapping[str | None, list[Exchange]]:
    """The exchanges, each with the address that it would have today, by the operation that it is."""
    found: dict[str | None, list[Exchange]] = defaultdict(list)
    for exchange, address in told:
        found[operation(vendor, exchange.method, address)].append(exchange)
    return found


def unexplained(exchanges: Iterable[Exchange], reasons: Mapping[str, str]) -> list[str]:
    """Exchanges that no pattern of `METHOD path` fits, and patterns that fit no exchange."""
    given = {str(one): f"{one.method} {one.resource}" for one in exchanges}
    met = {name: [each for each in reasons if re.fullmatch(each, asked)] for name, asked in given.items()}
    idle = set(reasons) - {each for patterns in met.values() for each in patterns}
    return [name for name, patterns in met.items() if not patterns] + sorted(idle)
