"""How fast everything is read from both vendors, and in how much memory, by scale.

    .venv/bin/python benchmarks/extract.py 1 10

Each line is a process of its own that reads all streams of one vendor: `records` turns pages into records and drops
them, `mirror` saves them too, as a first cycle does. CPU seconds are those of the reader alone; seconds include the
vendor's side and its rate limits. `--profile FILE` keeps a profile of the readers for `python -m pstats`.
"""

import argparse
import cProfile
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from vendors import sandbox

from connector.cli.assemble import check_mappings
from connector.clients.hubspot import HubSpotClient
from connector.clients.salesforce import SalesforceClient
from connector.logging import configure
from connector.settings import load_settings
from connector.sources import SOURCES
from connector.store import mirror
from connector.store.store import Store

VENDORS = ("salesforce", "hubspot")
WAYS = ("records", "mirror")


def read(vendor: str, way: str, env: Path, project: Path) -> int:
    """Reads all streams of a vendor; answers how many rows came."""
    configure("json", "WARNING")
    settings = load_settings(project, env)
    clients = {
        "salesforce": lambda: SalesforceClient(settings.salesforce, read_only=True),
        "hubspot": lambda: HubSpotClient(settings.hubspot, read_only=True),
    }
    source = SOURCES[vendor](clients[vendor](), check_mappings(settings), "Asia/Tokyo")
    store = Store.open(f"sqlite:///{project / f'{vendor}.db'}") if way == "mirror" else None
    rows = 0
    for stream in source.streams():
        for batch in source.read(stream, None, datetime.now(UTC)):
            rows += len(batch.records) + len(batch.set_aside)
            if store is not None:
                with store.lease("benchmark") as lease, store.begin(lease) as tx:
                    mirror.save(tx, batch.records)
                    mirror.set_aside(tx, batch.set_aside, datetime.now(UTC))
    return rows


def measured(vendor: str, way: str, env: Path, profile: Path | None) -> dict[str, Any]:
    """The figures of one reader in a process of its own."""
    with tempfile.TemporaryDirectory() as project:
        command = [sys.executable, __file__, "--reader", vendor, way, str(env), project]
        if profile:
            command += ["--profile", str(profile.with_name(f"{profile.stem}-{vendor}-{way}{profile.suffix}"))]
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status):
            raise SystemExit(f"The reader of {vendor} failed: see above.")
    return {
        "vendor": vendor,
        "way": way,
        "rows": json.loads(told),
        "seconds": time.monotonic() - began,
        "cpu": usage.ru_utime + usage.ru_stime,
        "megabytes": usage.ru_maxrss / 1024,
    }


def main() -> None:
    """One line for each scale, vendor and way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scales", type=float, nargs="*", default=[1.0])
    parser.add_argument("--reader", nargs=4, metavar=("VENDOR", "WAY", "ENV", "PROJECT"), help=argparse.SUPPRESS)
    parser.add_argument("--profile", type=Path)
    given = parser.parse_args()
    if given.reader:
        vendor, way, env, project = given.reader
        profiler = cProfile.Profile() if given.profile else None
        with profiler or nullcontext():
            rows = read(vendor, way, Path(env), Path(project))
        if profiler:
            profiler.dump_stats(given.profile)
        sys.stdout.write(json.dumps(rows))
        return
    table = Table("scale", "vendor", "way", "rows", "seconds", "rows/s", "CPU s", "CPU µs a row", "peak MB")
    for scale in given.scales:
        with tempfile.TemporaryDirectory() as place, sandbox(scale, Path(place)) as env:
            for vendor in VENDORS:
                for way in WAYS:
                    one = measured(vendor, way, env, given.profile)
                    rows = one["rows"]
                    table.add_row(
                        f"{scale:g}",
                        vendor,
                        way,
                        f"{rows:,}",
                        f"{one['seconds']:.1f}",
                        f"{rows / one['seconds']:,.0f}",
                        f"{one['cpu']:.1f}",
                        f"{one['cpu'] / rows * 1e6:.0f}",
                        f"{one['megabytes']:.0f}",
                    )
    Console().print(table)


if __name__ == "__main__":
    main()
