"""The hostile vendors: everything that can go wrong does, seldom enough for a correct client to finish.

`server` arms this table when the sandbox is to be hostile. A fault is never followed by another on the same address
within `APART` requests, so that a repetition gets through; none of them loses or doubles an accepted write.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connector.sandbox.faults.armed import Faults
from connector.sandbox.faults.kinds import prepared
from connector.sandbox.faults.lasting import Vendors

APART: Final = 3
_API: Final = "^/(?!services/oauth2)"  # a sign-in that fails for long is no test of the API
_WRITES: Final = r"^/services/data/|/batch/(create|update|upsert|archive)$|/crm/[^/]+/[^/]+/\w+(/\d+)?$"
_WRITING: Final = ["POST", "PATCH", "PUT", "DELETE"]

_INTERNAL: Final = {"code": "INTERNAL_ERROR", "message": "internal error"}

Given = Mapping[str, Any]

LASTING: Final[Sequence[Given]] = (
    # People's transactions commit three minutes after their stamps: within every sensible overlap of cursors.
    {"kind": "late_commit", "of": "acts", "minutes": 3, "hidden": False},
    {"kind": "out_of_order"},
    # Inside the ten seconds by which a JWT may be off.
    {"kind": "clock_skew", "vendor": "salesforce", "seconds": 4},
    {"kind": "clock_skew", "vendor": "hubspot", "seconds": -6},
    # Somebody else's tools have spent a third of the day; what is left is enough for a client that counts its calls.
    {"kind": "daily_limit", "vendor": "salesforce", "left": 100_000},
    {"kind": "daily_limit", "vendor": "hubspot", "left": 430_000},
)

# The first that meets a request acts. About one request in four is a little slower, one in twelve has to be repeated.
RATES: Final[Sequence[tuple[float, Given]]] = (
    (0.010, {"kind": "html", "method": "GET", "status": 503}),
    (0.010, {"kind": "html", "vendor": "hubspot", "status": 502}),
    (0.005, {"kind": "html_200", "method": "GET", "page": "maintenance"}),
    (0.005, {"kind": "html_200", "method": "GET", "page": "login"}),
    (0.010, {"kind": "reset", "method": "GET"}),
    (0.005, {"kind": "reset", "method": "POST"}),
    (0.005, {"kind": "reset", "method": "PATCH"}),
    (0.005, {"kind": "truncate", "fraction": 0.7}),
    (0.005, {"kind": "truncate", "fraction": 0.4, "length": "wrong"}),
    (0.005, {"kind": "rate_limit", "vendor": "hubspot", "policy": "TEN_SECONDLY_ROLLING"}),
    (0.005, {"kind": "rate_limit", "vendor": "hubspot", "policy": "SECONDLY"}),
    (0.010, {"kind": "rate_limit", "vendor": "hubspot", "operation": "search", "shape": "recorded"}),
    (0.010, {"kind": "rate_limit", "vendor": "salesforce", "policy": "Concurrent"}),
    (0.010, {"kind": "expired_session", "vendor": "salesforce"}),
    (0.005, {"kind": "expired_session", "vendor": "salesforce", "body": "html"}),
    (0.020, {"kind": "lock", "vendor": "salesforce", "method": _WRITING, "status": 400}),
    (0.010, {"kind": "lock", "vendor": "salesforce", "method": _WRITING, "status": 500}),
    (0.050, {"kind": "lock", "vendor": "salesforce", "rows": 0.2}),
    (0.005, {"kind": "lock", "vendor": "hubspot"}),
    (0.003, {"kind": "migration", "retry_after": 1}),
    (0.020, {**_INTERNAL, "kind": "partial", "vendor": "hubspot", "share": 0.1, "untraced": "pass"}),
    (0.005, {"kind": "gateway_timeout", "method": "GET"}),
    (0.010, {"kind": "gateway_timeout", "method": _WRITING, "path": _WRITES}),
    (0.010, {"kind": "slow_drip", "bytes_per_second": 100_000, "max_ms": 300}),
    (0.200, {"kind": "latency", "distribution": "lognormal", "ms": 15, "max_ms": 120}),
)

# Armed by hand only, because a correct client stops there: a day that is wholly used up (`daily_limit` with nothing
# left, `rate_limit` DAILY and TotalRequests), HubSpot's `expired_session` (its tokens do not expire), all drift, and
# rows that stay refused (`partial` in Salesforce).


def arm_all(faults: Faults, vendors: Vendors, seed: int) -> None:
    """Arm the table; the same seed and the same requests in the same order meet the same faults."""
    for given in LASTING:
        prepared(faults, vendors, given)()
    for number, (rate, given) in enumerate(RATES):
        common = {"path": _API, "rate": rate, "seed": seed * 1_000 + number, "times": None, "apart": APART}
        prepared(faults, vendors, {**common, **given})()
