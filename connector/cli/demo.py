"""`okoshi demo`: the main job before your eyes, against two realistic systems that live on this machine only."""

import importlib.util
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from connector.cli import demo_screen
from connector.cli.demo_walk import Walked, World, walk
from connector.cli.options import Common, Json
from connector.cli.output import Labels, screen, write_json
from connector.mapping import load_mappings
from connector.model.errors import ConfigurationError

PROGRAM = "stalled"
SANDBOX = "connector.sandbox"
FAILED = 1


def demo(
    *,
    seed: int = 1,
    scale: float = 1.0,
    companies: Path | None = None,
    keep: Path | None = None,
    json: Json = False,
    common: Common | None = None,
) -> int:
    """Find stalled deals in a sandbox, show the dry run, write the tasks, and prove that nothing is written twice.

    Parameters
    ----------
    seed
        The same seed makes the same company.
    scale
        1 is about 300 accounts, 1,500 people and 800 deals.
    companies
        CSV or Parquet with real companies instead of invented ones.
    keep
        Keep database, plan and sandbox files in this folder.
    """
    if importlib.util.find_spec(SANDBOX) is None:
        raise ConfigurationError("The sandbox is not part of this installation; run `make demo` in a checkout.")
    language = (common or Common()).language or "ja"
    mappings = load_mappings(None)
    labels = Labels(mappings.texts[language])
    console = Console(stderr=True, highlight=False) if json else screen()
    with _folder(keep) as folder:
        walked = walk(
            folder,
            World(seed, scale, companies),
            str(mappings.programs[PROGRAM]["subject"]),
            language,
            partial(_step, console, labels),
        )
    if json:
        write_json(_document(walked))
    else:
        demo_screen.show(console, labels, walked)
        if keep:
            console.print(Text(labels("demo.kept", folder=keep), "dim"))
    for name in walked.failures:
        told = labels(f"demo.failed.{name}", cases=", ".join(walked.differing))
        Console(stderr=True, highlight=False).print(Text(f"✘ {told}", "bold red"))
    return FAILED if walked.failures else 0


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep:
        keep.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield keep.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="okoshi-demo-") as folder:
        yield Path(folder)


@contextmanager
def _step(console: Console, labels: Labels, name: str) -> Iterator[None]:
    """A spinner while it lasts, a line with its time once it is done."""
    began = time.monotonic()
    told = labels(f"demo.step.{name}")
    with console.status(Text(told)):
        yield
    seconds = f"  {time.monotonic() - began:.1f} s"
    console.print(Text.assemble(("✔ ", "green"), told, (seconds, "dim")))


def _document(walked: Walked) -> dict[str, object]:
    after = walked.after
    return {
        "ok": not walked.failures,
        "failures": walked.failures,
        "before": asdict(replace(walked.before, tasks=())),
        "dry_run": {"planned": len(walked.plan["changes"]), "vendor_writes": walked.writes["plan"]},
        "run": {**walked.run, "vendor_writes": walked.writes["run"]},
        "second_run": {**walked.again, "vendor_writes": walked.writes["again"]},
        "after": asdict(after) if after else None,
        "cases": {"checked": walked.checked, "differing": walked.differing},
    }
