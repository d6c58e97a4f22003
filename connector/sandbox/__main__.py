"""`python -m connector.sandbox`: the sandbox without the rest of the connector.

For people and for tests of other projects; the same flags as `okoshi sandbox`.
"""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from connector.sandbox.access import Ready
from connector.sandbox.company.generate import CASES
from connector.sandbox.server import DEFAULT_CLOCK, PLANTS, SandboxOptions, serve


def _clock(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no offset; write for example {DEFAULT_CLOCK.isoformat()}")
    return moment


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def _plants(text: str) -> frozenset[str]:
    names = _names(text)
    if unknown := names - set(PLANTS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: choose from {', '.join(PLANTS)}")
    return names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m connector.sandbox",
        description="Both vendors' HTTP APIs on loopback with a simulated company, and a control URL.",
    )
    parser.add_argument("--ready-file", type=Path, help="write addresses and credentials here (JSON) once it serves")
    parser.add_argument("--env-file", type=Path, help="write the same as OKOSHI_ settings")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same company (default 1)")
    parser.add_argument("--scale", type=float, default=1.0, help="1 is about 300 accounts and 1,500 people")
    parser.add_argument("--companies", type=Path, help="CSV or Parquet with real companies instead of invented ones")
    parser.add_argument("--plant", type=_plants, default=frozenset(), help=f"heavy cases: {','.join(PLANTS)}")
    parser.add_argument("--cases", type=_names, default=CASES, help=f"planted cases of {','.join(sorted(CASES))}")
    parser.add_argument("--hostile", action="store_true", help="everything goes wrong at times, seeded by --seed")
    parser.add_argument("--clock", type=_clock, help=f"business time (default {DEFAULT_CLOCK.isoformat()})")
    parser.add_argument("--salesforce-port", type=int, default=0, help="default: a free port")
    parser.add_argument("--hubspot-port", type=int, default=0, help="default: a free port")
    parser.add_argument("--control-port", type=int, default=0, help="default: a free port")
    parser.add_argument("--directory", type=Path, help="keep the data here (default: a temporary directory)")
    return parser


def _announce(ready: Ready) -> None:
    sys.stderr.write(
        f"sandbox ready: Salesforce {ready.salesforce.instance_url}, HubSpot {ready.hubspot.base_url},"
        f" control {ready.control_url}, business time {ready.now}\n"
    )


def main() -> None:
    given = _parser().parse_args()
    serve(SandboxOptions(**vars(given)), _announce)


if __name__ == "__main__":
    main()
