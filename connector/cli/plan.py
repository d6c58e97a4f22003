"""`okoshi plan`: the dry run. Reads both systems, writes to neither, shows every change with before, after and why."""

from pathlib import Path

from connector.cli.assemble import deployed
from connector.cli.names import Names, named
from connector.cli.options import Common, Flag, Json, business_time
from connector.cli.output import Labels, document, screen, write_json, write_private_file
from connector.cli.plan_table import show_plan
from connector.cli.progress import watched
from connector.engine.cycle import dry_run
from connector.mapping import load_mappings
from connector.model.plan import Plan
from connector.settings import Settings

SHOWN_ROWS = 20


def plan(
    *,
    out: Path | None = None,
    json: Json = False,
    details: Flag = False,
    common: Common | None = None,
) -> int:
    """Show what would be written, and why; write nothing.

    Parameters
    ----------
    out
        Keep the plan in this file, for `okoshi apply`.
    details
        Every field of every change, before and after, with the evidence.
    """
    common = common or Common()
    settings = common.settings()
    made, labels, names = dry_run_of(settings, quiet=common.quiet, rows=None if details else SHOWN_ROWS)
    if out:
        write_private_file(out, made.model_dump_json(indent=2) + "\n")
    if json:
        write_json(document(made))
    else:
        show_plan(screen(), labels, made, names, details=details)
        if out:
            screen().print(labels("plan.kept", file=out), markup=False)
    return 0


def dry_run_of(settings: Settings, *, quiet: bool, rows: int | None) -> tuple[Plan, Labels, Names]:
    """The plan of a dry run, with the names of what its first rows are about."""
    labels = Labels(load_mappings(settings.project_dir).texts[settings.locale.language])
    with watched(labels, quiet=quiet) as progress, deployed(settings, progress, read_only=True) as deployment:
        made = dry_run(deployment, business_time(settings))
        return made, labels, named(deployment, made.changes[:rows])
