"""The sandbox as a running thing: world, TLS, three HTTP servers on loopback, and the files that say how to get in.

Started by `okoshi sandbox`, `python -m connector.sandbox` and tests; what the servers answer is their own business.
"""

import logging
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from connector.sandbox import access
from connector.sandbox.access import HOST, HubSpotAccess, KeyFiles, Ready, SalesforceAccess, secret, uuid_secret
from connector.sandbox.clock import SandboxClock
from connector.sandbox.company.generate import CASES, CompanyOptions, generate
from connector.sandbox.connections import TrackedProtocol
from connector.sandbox.control import Control, create_control_app
from connector.sandbox.days import Days
from connector.sandbox.drift.drift import Drift
from connector.sandbox.faults.armed import Faults
from connector.sandbox.faults.lasting import Vendors
from connector.sandbox.hostile import arm_all
from connector.sandbox.hubspot import schema as hubspot_schema
from connector.sandbox.hubspot.app import create_app as create_hubspot_app
from connector.sandbox.hubspot.wire import Portal
from connector.sandbox.salesforce import schema as salesforce_schema
from connector.sandbox.salesforce.app import Org
from connector.sandbox.salesforce.app import create_app as create_salesforce_app
from connector.sandbox.traffic import RequestLog, Watched
from connector.sandbox.webhooks.dispatcher import Dispatcher
from connector.sandbox.world import World

DEFAULT_CLOCK = datetime.fromisoformat("2026-11-18T10:00:00+09:00")
PLANTS = ("ties", "late", "window", "nokey", "nohistory", "noconsent", "events", "nobell")
START_TIMEOUT_SECONDS = 30.0
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 0.3
_ANY = 1_000_000
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class SandboxOptions:
    """What may differ between sandboxes; port 0 means a free one, no directory a temporary one."""

    seed: int = 1
    scale: float = 1.0
    companies: Path | None = None
    plant: frozenset[str] = frozenset()
    cases: frozenset[str] = CASES
    clock: datetime | None = None
    salesforce_port: int = 0
    hubspot_port: int = 0
    control_port: int = 0
    ready_file: Path | None = None
    env_file: Path | None = None
    directory: Path | None = None
    daily_limit: int = 650_000
    hostile: bool = False
    hurried: bool = False
    """As many requests a second as anybody likes: for simulated days, which nobody wants to wait for."""


@contextmanager
def running(options: SandboxOptions) -> Iterator[Ready]:
    """A sandbox that accepts connections while the block runs, and leaves nothing behind."""
    unknown = options.plant - set(PLANTS)
    if unknown:
        raise ValueError(f"Unknown plant {', '.join(sorted(unknown))}: choose from {', '.join(PLANTS)}.")
    with ExitStack() as stack:
        _forget_files(options)
        stack.callback(_forget_files, options)
        directory = _directory(options, stack)
        world = _world(options, directory)
        stack.callback(world.close)
        ports = _Sockets(stack, options)
        keys = access.write_keys(directory)
        ready = _ready(options, ports, keys, world)
        _start(options, ports, keys, (world, ready), stack)
        world.clock.set(options.clock or DEFAULT_CLOCK)  # the time that all this took does not count
        access.write_files(ready, options.ready_file, options.env_file)
        yield ready


def serve(options: SandboxOptions, on_ready: Callable[[Ready], None]) -> None:
    """Run until SIGINT or SIGTERM; the temporary directory goes with it."""
    previous = {one: signal.signal(one, _stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        with running(options) as ready:
            on_ready(ready)
            threading.Event().wait()
    except _Stopped:
        _LOG.info("sandbox stopped")
    finally:
        for one, handler in previous.items():
            signal.signal(one, handler)


class _Stopped(BaseException):
    """A signal asked the sandbox to end; not an error, and not to be caught on the way out."""


def _stop(_number: int, _frame: FrameType | None) -> None:
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    raise _Stopped


def _forget_files(options: SandboxOptions) -> None:
    """A file of a sandbox that does not run (any more) would mislead whoever waits for it."""
    for path in (options.ready_file, options.env_file):
        if path:
            path.unlink(missing_ok=True)


def _directory(options: SandboxOptions, stack: ExitStack) -> Path:
    if options.directory:
        options.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        return options.directory.resolve()
    directory = Path(tempfile.mkdtemp(prefix="okoshi-sandbox-"))
    stack.callback(shutil.rmtree, directory, ignore_errors=True)
    return directory


def _world(options: SandboxOptions, directory: Path) -> World:
    """The company as it is when the clock starts."""
    for suffix in ("", "-wal", "-shm"):
        (directory / f"world.sqlite{suffix}").unlink(missing_ok=True)
    start = options.clock or DEFAULT_CLOCK
    tables = salesforce_schema.tables(
        activity_key="nokey" not in options.plant,
        field_history="nohistory" not in options.plant,
        consent="noconsent" not in options.plant,
    )
    world = World(directory / "world.sqlite", SandboxClock(start), tables, hubspot_schema.TABLES)
    company = CompanyOptions(options.seed, options.scale, options.companies, options.plant, options.cases)
    try:
        generate(world, company)
    except BaseException:
        world.close()
        raise
    return world


class _Sockets:
    """The three listening sockets, bound before anything is served so that every address is known."""

    def __init__(self, stack: ExitStack, options: SandboxOptions) -> None:
        self.salesforce = _listen(stack, options.salesforce_port)
        self.hubspot = _listen(stack, options.hubspot_port)
        self.control = _listen(stack, options.control_port)


def _listen(stack: ExitStack, port: int) -> socket.socket:
    # Named as TCP, so that asyncio turns off Nagle's algorithm; else every answer would wait 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    stack.callback(listener.close)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(128)
    return listener


def _url(scheme: str, listener: socket.socket) -> str:
    return f"{scheme}://{HOST}:{listener.getsockname()[1]}"


def _ready(options: SandboxOptions, ports: _Sockets, keys: KeyFiles, world: World) -> Ready:
    instance = _url("https", ports.salesforce)
    refresh_token = f"5Aep861{secret(options.seed, 'salesforce refresh token')}"
    access.write_privately(keys.jwt_private_key.with_name(access.REFRESH_FILE), refresh_token)
    salesforce = SalesforceAccess(
        instance_url=instance,
        token_url=f"{instance}/services/oauth2/token",
        client_id=f"3MVG9{secret(options.seed, 'salesforce client id')}",
        client_secret=secret(options.seed, "salesforce client secret").upper(),
        refresh_token=refresh_token,
        username=_integration_user(world)[1],
        private_key_file=str(keys.jwt_private_key),
        jwt_audience="https://login.salesforce.com",
    )
    hubspot = HubSpotAccess(
        base_url=_url("https", ports.hubspot),
        access_token=f"pat-jp1-{uuid_secret(options.seed, 'hubspot access token')}",
        client_secret=uuid_secret(options.seed, "hubspot client secret"),
    )
    return Ready(
        salesforce=salesforce,
        hubspot=hubspot,
        ca_bundle=str(keys.ca_bundle),
        control_url=_url("http", ports.control),
        now=(options.clock or DEFAULT_CLOCK).isoformat(),
    )


def _integration_user(world: World) -> tuple[str, str]:
    """Id and user name of the person that API clients sign in as."""
    sql = """SELECT "Id", "Username" FROM "salesforce_User" WHERE "Username" LIKE 'integration@%' AND "IsActive" = 1"""
    ((user_id, username),) = world.tuples(sql)
    return str(user_id), str(username)


def _now(options: SandboxOptions, clock: SandboxClock) -> str:
    """Business time in the offset that the clock was given in."""
    return clock.now().astimezone((options.clock or DEFAULT_CLOCK).tzinfo).isoformat(timespec="milliseconds")


def _start(
    options: SandboxOptions, ports: _Sockets, keys: KeyFiles, state: tuple[World, Ready], stack: ExitStack
) -> None:
    world, ready = state
    log, faults = RequestLog(world.clock), Faults()

    def tell_time() -> None:
        now = replace(ready, now=_now(options, world.clock))
        access.write_files(now, options.ready_file, options.env_file)

    tls = {"ssl_certfile": str(keys.certificate), "ssl_keyfile": str(keys.private_key)}
    org = replace(_org(world, ready, keys), may_notify="nobell" not in options.plant)
    salesforce = create_salesforce_app(world, org)
    portal = _portal(options, ready)
    hubspot = create_hubspot_app(world, portal)
    vendors = Vendors(world, salesforce.state.org, hubspot.state.limits)
    if options.hostile:
        arm_all(faults, vendors, options.seed)
    webhooks = Dispatcher(vendors, portal)
    stack.callback(webhooks.close)
    control = Control(
        vendors=vendors,
        log=log,
        faults=faults,
        drift=Drift(world),
        webhooks=webhooks,
        days=Days(world),
        on_time=tell_time,
    )
    for name, app, listener in (("salesforce", salesforce, ports.salesforce), ("hubspot", hubspot, ports.hubspot)):
        _run(stack, listener, Watched(app, name, log, faults, world.conditions), tls)
    _run(stack, ports.control, create_control_app(control), {})


def _org(world: World, ready: Ready, keys: KeyFiles) -> Org:
    given = ready.salesforce
    return Org(
        instance_url=given.instance_url,
        client_id=given.client_id,
        client_secret=given.client_secret,
        username=given.username,
        public_key_pem=keys.jwt_public_pem,
        refresh_token=given.refresh_token,
        integration_user_id=_integration_user(world)[0],
    )


def _portal(options: SandboxOptions, ready: Ready) -> Portal:
    portal = Portal(
        access_token=ready.hubspot.access_token,
        client_secret=ready.hubspot.client_secret,
        daily_limit=options.daily_limit,
        out_of_order="window" in options.plant,
        base_url=ready.hubspot.base_url,
    )
    return replace(portal, requests_per_ten_seconds=_ANY, searches_per_second=_ANY) if options.hurried else portal


def _run(stack: ExitStack, listener: socket.socket, app: ASGIApp, tls: dict[str, str]) -> None:
    """Serve one application from a thread of its own until the stack unwinds."""
    config = uvicorn.Config(
        app,
        http=TrackedProtocol,
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,  # the vendors' own clocks may be wrong: `traffic` tells their time
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        ssl_certfile=tls.get("ssl_certfile"),
        ssl_keyfile=tls.get("ssl_keyfile"),
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    stack.callback(_end, server, thread)
    thread.start()
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("A server of the sandbox did not start: see the log lines above for the reason.")
        time.sleep(0.005)


def _end(server: uvicorn.Server, thread: threading.Thread) -> None:
    """Clients keep idle connections open for long: after a moment of grace they are cut."""
    server.should_exit = True
    thread.join(timeout=GRACE_SECONDS)
    server.force_exit = True
    thread.join(timeout=START_TIMEOUT_SECONDS)
