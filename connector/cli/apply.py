"""`okoshi apply`: writes exactly what an approved plan says, and refuses what has moved since."""

from pathlib import Path

from pydantic import ValidationError

from connector.cli.assemble import deployed
from connector.cli.names import named
from connector.cli.options import Common, Json, business_time
from connector.cli.output import Labels, document, screen, write_json
from connector.cli.progress import watched
from connector.cli.summary import exit_code, show_summary
from connector.engine.cycle import apply_plan
from connector.mapping import load_mappings
from connector.model.errors import ConfigurationError
from connector.model.plan import Plan


def apply(file: Path, *, json: Json = False, common: Common | None = None) -> int:
    """Write exactly what an approved plan says; what has moved since is refused and named (exit 3).

    Parameters
    ----------
    file
        The plan that `okoshi plan --out` kept.
    """
    common = common or Common()
    settings = common.settings()
    approved = read_plan(file)
    labels = Labels(load_mappings(settings.project_dir).texts[settings.locale.language])
    with watched(labels, quiet=common.quiet) as progress, deployed(settings, progress, read_only=False) as deployment:
        summary = apply_plan(deployment, approved, business_time(settings))
        names = named(deployment, [change for change in approved.changes if change.key in summary.stale])
    if json:
        write_json(document(summary))
    else:
        stale = [names.case(change) for change in names.changes]
        show_summary(screen(), labels, summary, settings.locale.timezone, stale)
    return exit_code(summary)


def read_plan(path: Path) -> Plan:
    """The plan in a file. Raises ConfigurationError without quoting its content."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigurationError(
            f"{path} cannot be read ({reason}). Make a plan: okoshi plan --out plan.json"
        ) from None
    try:
        return Plan.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "the document"
        raise ConfigurationError(
            f"{path} is no plan of this version of Okoshi ({place}: {first['msg']}). "
            "Make a new one: okoshi plan --out plan.json"
        ) from None
