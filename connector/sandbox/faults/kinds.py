"""The kinds of faults by name: what each takes, checked, and the deed or condition that it becomes.

Called by the control URL with what was posted and by the hostile mode with its own table. Raises `WrongRequest`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from connector.sandbox.conditions import LateCommit
from connector.sandbox.control_input import Members, WrongRequest
from connector.sandbox.faults import answers, deeds, lasting
from connector.sandbox.faults.armed import Deed, Fault, Faults, Lasting, Where
from connector.sandbox.faults.lasting import VENDORS, Vendors
from connector.sandbox.faults.rows import Rows
from connector.sandbox.operations import is_operation, operation_names

DROPS: Final = ("before", "after")
DEFAULT_LATENCY_MS: Final = 200.0
DEFAULT_SHARE: Final = 0.3
_PARTIAL_CODE: Final = {"salesforce": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "hubspot": "VALIDATION_ERROR"}
_PARTIAL_MESSAGE: Final = {"salesforce": "入力規則により保存できません。", "hubspot": "Property values were not valid"}
_DATA: Final = re.compile(r"/services/data/")
_READING_POST: Final = re.compile(r"/(?:search|batch/read|jobs/query)/?$")


def prepared(faults: Faults, vendors: Vendors, given: Any) -> Callable[[], None]:
    """Check one posted fault; what is returned arms it, so that of a list all or none are armed."""
    members = Members("A fault", given)
    kind = members.choice("kind", KINDS)
    if kind and kind in _LASTING:
        begin = _LASTING[kind](members, vendors)
        members.refuse_unknown()
        return lambda: faults.add_lasting(Lasting(given, begin()))
    fault = _fault(members, vendors, kind)
    members.refuse_unknown()
    return lambda: faults.add(fault)


def _fault(members: Members, vendors: Vendors, kind: str | None) -> Fault:
    where = _where(members)
    rate = members.number("rate", 1.0, 0.0, 1.0)
    delay = members.whole("delay_ms", 0) or 0
    made = _DEEDS[kind](members, vendors, where.vendor) if kind else _plain(members, delay)
    vendor = _only_vendor(kind, where.vendor)
    return Fault(
        where=replace(where, vendor=vendor),
        deed=made,
        rate=rate,
        seed=members.whole("seed", 0) or 0,
        skip=members.whole("skip", 0) or 0,
        times=members.whole("times", 1 if "rate" not in members.given else None),
        apart=members.whole("apart", 0) or 0,
        delay_ms=delay,
        given=members.given,
    )


def _where(members: Members) -> Where:
    vendor = members.choice("vendor", VENDORS)
    operation = members.text("operation")
    if operation is not None and not is_operation(operation, vendor):
        raise WrongRequest(f"operation is one of {', '.join(operation_names(vendor))}, not {operation}.")
    methods = members.words("method")
    return Where(vendor, tuple(one.upper() for one in methods), members.pattern("path"), operation)


def _only_vendor(kind: str | None, asked: str | None) -> str | None:
    """Some faults only one vendor knows."""
    only = _ONE_VENDOR.get(kind or "")
    if only and asked not in (None, only):
        raise WrongRequest(f"{kind} happens in {only} only.")
    return only or asked


# -- deeds -------------------------------------------------------------------------------------------------------------


def _plain(members: Members, delay: int) -> Deed:
    drop = members.choice("drop", DROPS)
    status = members.whole("status", None, 100)
    if not (status or drop or delay):
        raise WrongRequest(f"A fault needs status, drop, delay_ms, or a kind: {', '.join(sorted(KINDS))}.")
    return deeds.Plain(status, members.value("body"), members.texts("headers"), drop)


def _latency(members: Members, _vendors: Vendors, _vendor: str | None) -> Deed:
    ms = members.number("ms", DEFAULT_LATENCY_MS)
    most = members.number("max_ms", ms * 10)
    return deeds.Latency(members.choice("distribution", deeds.DISTRIBUTIONS, "exponential") or "", ms, most)


def _reset(members: Members, _vendors: Vendors, _vendor: str | None) -> Deed:
    return deeds.Reset(members.whole("after_bytes", None))


def _slow_drip(members: Members, _vendors: Vendors, _vendor: str | None) -> Deed:
    most = members.number("max_ms", 0.0) if members.has("max_ms") else None
    return deeds.SlowDrip(members.number("bytes_per_second", 1_000.0, 1.0), most)


def _truncate(members: Members, _vendors: Vendors, _vendor: str | None) -> Deed:
    length = members.choice("length", ("right", "wrong"), "right")
    return deeds.Truncate(members.whole("at", None), members.number("fraction", 0.5, 0.0, 1.0), length == "wrong")


def _html(members: Members, _vendors: Vendors, _vendor: str | None) -> Deed:
    status = members.whole("status", 503) or 503
    if status not in answers.PHRASES:
        raise WrongRequest(f"status is one of {', '.join(map(str, answers.PHRASES))}, not {status}.")
    headers = members.texts("headers")
    return deeds.Instead("html", lambda vendor: answers.edge_page(vendor, status, headers))


def _html_200(members: Members, _vendors: Vendors, _vendor: str | None) -> Deed:
    kind = members.choice("page", answers.PAGES, "login") or ""
    return deeds.Instead("html_200", lambda vendor: answers.human_page(vendor, kind))


def _rate_limit(members: Members, _vendors: Vendors, vendor: str | None) -> Deed:
    own = {"salesforce": answers.SALESFORCE_POLICIES, "hubspot": answers.HUBSPOT_POLICIES}
    known = own[vendor] if vendor else (*own["salesforce"], *own["hubspot"])
    policy = members.choice("policy", known)
    shape = members.choice("shape", answers.SHAPES, "documented") or ""

    def fits(met: str, _method: str, path: str) -> bool:
        api = met == "hubspot" or _DATA.match(path) is not None
        return api and (policy is None or policy in own[met])

    return deeds.Instead("rate_limit", lambda met: answers.rate_limit(met, policy, shape), fits)


def _expired_session(members: Members, vendors: Vendors, _vendor: str | None) -> Deed:
    body = members.choice("body", ("json", "html"), "json") or ""
    return deeds.Expired(body, vendors.org.sessions.close)


def _lock(members: Members, vendors: Vendors, _vendor: str | None) -> Deed:
    """With `rows` a share of a collection's rows is locked, else the whole call is refused."""
    status = members.whole("status", 400)
    if status not in (400, 500):
        raise WrongRequest(f"status is 400 or 500, not {status}.")
    if members.has("rows"):
        share = members.number("rows", DEFAULT_SHARE, 0.0, 1.0)
        code = {"salesforce": answers.LOCK_CODE, "hubspot": "LOCKED"}
        return Rows(vendors.world.conditions, share, code, dict.fromkeys(VENDORS, answers.LOCK_MESSAGE), "lock")
    return deeds.Instead("lock", lambda vendor: answers.lock(vendor, status), _writes_records)


def _writes_records(vendor: str, method: str, path: str) -> bool:
    """Reading waits for nobody."""
    reads = method == "GET" or _READING_POST.search(path) is not None
    return not reads and (vendor == "hubspot" or _DATA.match(path) is not None)


def _partial(members: Members, vendors: Vendors, _vendor: str | None) -> Deed:
    share = members.number("share", DEFAULT_SHARE, 0.0, 1.0)
    code, message = members.text("code"), members.text("message")
    untraced = members.choice("untraced", ("refuse", "pass"), "refuse") or ""
    codes = dict.fromkeys(VENDORS, code) if code else _PARTIAL_CODE
    messages = dict.fromkeys(VENDORS, message) if message else _PARTIAL_MESSAGE
    return Rows(vendors.world.conditions, share, codes, messages, untraced=untraced)


def _migration(members: Members, _vendors: Vendors, _vendor: str | None) -> Deed:
    wait = members.whole("retry_after", 86_400) or 0
    return deeds.Instead("migration", lambda _vendor: answers.migration(wait))


def _gateway_timeout(members: Members, _vendors: Vendors, _vendor: str | None) -> Deed:
    return deeds.GatewayTimeout(members.number("after_ms", 0.0))


# -- conditions --------------------------------------------------------------------------------------------------------


def _daily_limit(members: Members, vendors: Vendors) -> Callable[[], lasting.End]:
    vendor, left = members.choice("vendor", VENDORS), members.whole("left", 0) or 0
    return partial(lasting.use_up_day, vendors, vendor, left)


def _late_commit(members: Members, vendors: Vendors) -> Callable[[], lasting.End]:
    vendor = members.choice("vendor", VENDORS)
    late = LateCommit(
        delay=timedelta(minutes=members.number("minutes", 5.0, 0.0, 1440.0)),
        hidden=members.flag("hidden", default=True),
        acts_only=members.choice("of", ("all", "acts"), "all") == "acts",
    )
    return partial(lasting.commit_late, vendors, vendor, late)


def _out_of_order(members: Members, vendors: Vendors) -> Callable[[], lasting.End]:
    members.choice("vendor", ("hubspot",))
    return partial(lasting.untidy_search, vendors)


def _clock_skew(members: Members, vendors: Vendors) -> Callable[[], lasting.End]:
    vendor = members.choice("vendor", VENDORS)
    if not members.has("seconds"):
        raise WrongRequest("clock_skew needs seconds, for example 90 (the vendor is ahead) or -90.")
    skew = timedelta(seconds=members.number("seconds", 0.0, -1e7, 1e7))
    return partial(lasting.skew_clock, vendors, vendor, skew)


_DEEDS: Final[Mapping[str, Callable[[Members, Vendors, str | None], Deed]]] = {
    "latency": _latency,
    "reset": _reset,
    "slow_drip": _slow_drip,
    "truncate": _truncate,
    "html": _html,
    "html_200": _html_200,
    "rate_limit": _rate_limit,
    "expired_session": _expired_session,
    "lock": _lock,
    "partial": _partial,
    "migration": _migration,
    "gateway_timeout": _gateway_timeout,
}
_LASTING: Final[Mapping[str, Callable[[Members, Vendors], Callable[[], lasting.End]]]] = {
    "daily_limit": _daily_limit,
    "late_commit": _late_commit,
    "out_of_order": _out_of_order,
    "clock_skew": _clock_skew,
}
_ONE_VENDOR: Final = {"migration": "hubspot"}
KINDS: Final = (*_DEEDS, *_LASTING)
