"""`okoshi sandbox`: the sandbox as a command. It lives in its own process and knows nothing of the connector."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from connector.model.errors import ConfigurationError

NEEDED = (
    "The sandbox needs more packages than the connector: install okoshi[sandbox], or use `make demo` in a checkout."
)


def sandbox(  # noqa: PLR0913 -- one argument an option; it is the command's interface
    *,
    ready_file: Path | None = None,
    env_file: Path | None = None,
    seed: int = 1,
    scale: float = 1.0,
    companies: Path | None = None,
    plant: str = "",
    hostile: Annotated[bool, Parameter(negative="")] = False,
    clock: str | None = None,
    salesforce_port: int = 0,
    hubspot_port: int = 0,
    control_port: int = 0,
    directory: Path | None = None,
    quiet: Annotated[bool, Parameter(negative="")] = False,
    debug: Annotated[bool, Parameter(negative="")] = False,  # noqa: ARG001 -- read by the rim
) -> int:
    """Serve both vendors' HTTP APIs on this machine with an invented company, until SIGINT or SIGTERM.

    Parameters
    ----------
    ready_file
        Write addresses and credentials here (JSON) once it serves.
    env_file
        Write the same as settings, for `okoshi --env-file`.
    seed
        The same seed makes the same company.
    scale
        1 is about 300 accounts, 1,500 people and 800 deals.
    companies
        CSV or Parquet with real companies instead of invented ones.
    plant
        Heavy cases, comma-separated: ties, late, window, nokey, nohistory, noconsent, events, nobell.
    hostile
        Everything that can go wrong does at times, seeded by the seed; a correct client still finishes.
    clock
        Business time at the start, with offset.
    directory
        Keep the data here (default: a temporary directory).
    quiet
        Do not announce the addresses.
    debug
        The traceback of a failure.
    """
    try:
        from connector.sandbox.access import Ready  # noqa: PLC0415 -- an extra that a deployment lacks
        from connector.sandbox.server import SandboxOptions, serve  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{NEEDED} Missing: {error.name}.") from None

    def announce(ready: Ready) -> None:
        if quiet:
            return
        sys.stderr.write(
            f"sandbox ready: Salesforce {ready.salesforce.instance_url}, HubSpot {ready.hubspot.base_url}, "
            f"control {ready.control_url}, business time {ready.now}\n"
        )

    options = SandboxOptions(
        seed=seed,
        scale=scale,
        companies=companies,
        plant=_plants(plant),
        hostile=hostile,
        clock=_moment(clock),
        salesforce_port=salesforce_port,
        hubspot_port=hubspot_port,
        control_port=control_port,
        ready_file=ready_file,
        env_file=env_file,
        directory=directory,
    )
    try:
        serve(options, announce)
    except (ValueError, FileNotFoundError) as error:
        raise ConfigurationError(str(error)) from None
    return 0


def _plants(names: str) -> frozenset[str]:
    return frozenset(name.strip() for name in names.split(",") if name.strip())


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ConfigurationError(f"--clock {text}: write a time with offset, for example 2026-11-18T10:00:00+09:00.")
    return moment
