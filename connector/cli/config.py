"""`okoshi config`: settings and mappings as they are in force; needs no credentials and reaches no vendor."""

from typing import Annotated, Any

import yaml
from cyclopts import Parameter

from connector.cli.assemble import check_mappings
from connector.cli.options import Common, Json
from connector.cli.output import Labels, screen, write_json
from connector.mapping import json_schema
from connector.programs import programs


def show(*, json: Json = False, common: Common | None = None) -> int:
    """The settings in force, from every place together; secrets are asterisks."""
    shown = (common or Common()).settings().shown()
    if json:
        write_json(shown)
    else:
        screen().print(yaml.safe_dump(shown, allow_unicode=True, sort_keys=False).rstrip(), markup=False)
    return 0


def check(*, json: Json = False, common: Common | None = None) -> int:
    """Check settings and mappings without any vendor; a mistake is named with file, line and remedy (exit 2)."""
    settings = (common or Common()).settings()
    mappings = check_mappings(settings)
    if json:
        write_json({"ok": True, "mappings_version": mappings.version, "programs": sorted(programs())})
    else:
        labels = Labels(mappings.texts[settings.locale.language])
        screen().print(labels("config.ok", version=mappings.version[:12]), markup=False)
    return 0


def schema(*, json: Annotated[bool, Parameter(name="--json", negative="")] = True, common: Common | None = None) -> int:
    """JSON Schema of the mapping files, one property a file.

    Parameters
    ----------
    json
        It always is.
    """
    (common or Common()).settings()
    found: dict[str, Any] = json_schema({name: program.settings for name, program in programs().items()})
    write_json(found)
    return 0 if json else 1
