"""`okoshi match bulk`: the first de-duplication of a very large base, of the mirror or of a file, on DuckDB or Spark.

Reaches no vendor. Everything heavy is imported only when the command is carried out, for it comes with an extra.
"""

from contextlib import closing
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from connector.cli.match_desk import Desk, opened
from connector.cli.options import Common, Flag, Json
from connector.cli.output import Labels, screen, write_json
from connector.cli.progress import watched
from connector.engine.cycle import new_run_id
from connector.model.errors import ConfigurationError
from connector.model.records import Kind

Engine = Literal["duckdb", "spark"]
KindName = Literal["account", "person"]

EXTRAS = {"duckdb": "splink", "spark": "spark"}
BROUGHT = frozenset({"duckdb", "pandas", "pyarrow", "pyspark", "splink", "sqlglot"})
"""What the extras bring."""
BENCHES = {"duckdb": "DuckDBBench", "spark": "SparkBench"}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Files:
    """Files instead of the mirror, and the file of trained figures."""

    source: Annotated[Path | None, Parameter(name="--input")] = None
    """A file of records (CSV or Parquet) instead of the mirror; docs/bulk-matching.md names its columns."""
    output: Path | None = None
    """Where its pairs go (CSV or Parquet): left, right, outcome, score, probability, reason, cluster."""
    force: Flag = False
    """Replace --output whatever it is; without it only a file of pairs is replaced."""
    parameters: Path | None = None
    """Trained figures: used if the file is there, else trained and written to it."""


def bulk(
    *,
    engine: Engine = "duckdb",
    kind: KindName | None = None,
    files: Files | None = None,
    json: Json = False,
    common: Common | None = None,
) -> int:
    """De-duplicate a very large base at once with Splink; the same rules decide as record by record.

    Parameters
    ----------
    engine
        duckdb: this machine; spark: a cluster, for bases that outgrow one machine.
    kind
        Companies (account) or people (person); without it, both of the mirror, companies first.
    """
    files = files or Files()
    if (files.source is None) != (files.output is None):
        raise ConfigurationError("--input and --output go together: a file of records and one for its pairs.")
    if kind is None and (files.source or files.parameters):
        raise ConfigurationError("Say what the file is about: --kind account or --kind person.")
    if files.force and files.output is None:
        raise ConfigurationError("--force says that the file of --output may be replaced; name one.")
    made = _bench(engine)
    if files.source and files.output:
        others = [files.source, *([files.parameters] if files.parameters else [])]
        _module("bulk_files").check_output(files.output, others, force=files.force)
    quiet = json or bool(common and common.quiet)
    with opened(common, create=True) as desk:
        told = {}
        for each in [Kind(kind)] if kind else [Kind.ACCOUNT, Kind.PERSON]:
            with closing(made()) as bench:
                told[each.value] = (
                    _on_files(bench, desk, each, files)
                    if files.source
                    else _on_mirror(bench, desk, each, files.parameters, quiet=quiet)
                )
        _tell(desk, told, figures_given=files.parameters is not None, json=json)
    return 0


def _bench(engine: Engine) -> Any:
    """The engine's workbench. Raises ConfigurationError when its extra is not installed."""
    try:
        return getattr(_module(f"bulk_{engine}"), BENCHES[engine])
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in BROUGHT:
            raise
        raise ConfigurationError(
            f"`okoshi match bulk --engine {engine}` needs {missing.name}, which is not installed. "
            f'Install the extra: pip install "okoshi[{EXTRAS[engine]}]"; from Okoshi\'s own folder: '
            f'pip install ".[{EXTRAS[engine]}]"'
        ) from None


def _module(name: str) -> ModuleType:
    return import_module(f"connector.engine.{name}")


def _on_files(bench: Any, desk: Desk, kind: Kind, files: Files) -> dict[str, Any]:
    columns = _module("bulk_mirror").COLUMNS[kind]
    run = _module("bulk").on_files
    return asdict(run(bench, columns, desk.mappings.identity, files.source, files.output, files.parameters))


def _on_mirror(bench: Any, desk: Desk, kind: Kind, parameters: Path | None, *, quiet: bool) -> dict[str, Any]:
    mirrored = _module("bulk_mirror")
    labels = Labels(desk.mappings.texts[desk.settings.locale.language])
    with desk.store.lease(new_run_id(desk.now)) as lease, watched(labels, quiet=quiet) as progress:
        base = mirrored.Base(desk.store, lease, kind, desk.mappings.identity, desk.now)
        return asdict(mirrored.on_mirror(bench, base, parameters, progress))


def _tell(desk: Desk, told: dict[str, dict[str, Any]], *, figures_given: bool, json: bool) -> None:
    if json:
        write_json(told)
        return
    console = screen()
    for kind, figures in told.items():
        outcomes = figures.pop("outcomes", {})
        named = desk.words(f"match.kind.{kind}")
        if not figures["records"]:
            console.print(desk.words("match.bulk.no_records", kind=named), markup=False)
            continue
        text = "match.bulk.files" if outcomes else "match.bulk.mirror"
        console.print(desk.words(text, kind=named, **figures, **outcomes), markup=False)
        # Without kept figures nothing was trained only where the records have nothing to compare.
        how = "trained" if figures["trained"] else "reused" if figures_given else "nothing_to_compare"
        console.print(desk.words(f"match.bulk.{how}"), style="dim", markup=False)
