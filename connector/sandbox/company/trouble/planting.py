"""Plants every kind of trouble beside the customers and says in the truth what must come of which two records.

Called by `generate.py`. The firms have no deals: no task depends on them.
"""

from typing import Any

from connector.sandbox.company.batch import Batch
from connector.sandbox.company.calendar import Calendar
from connector.sandbox.company.structure import Org
from connector.sandbox.company.trouble import firm_kinds, human_kinds
from connector.sandbox.company.trouble.kind import Kind
from connector.sandbox.company.trouble.setting import Setting, Stage
from connector.sandbox.world import World

FIRST_NUMBER = 55_000_000_000  # between the planted and the heavy cases
_KINDS: tuple[tuple[str, Kind], ...] = (
    *(("companies", kind) for kind in firm_kinds.KINDS),
    *(("people", kind) for kind in human_kinds.KINDS),
)
_ROWS_A_LOAD = 40_000


def plant_trouble(world: World, org: Org, calendar: Calendar, seed: int, scale: float) -> list[dict[str, Any]]:
    """Write as much trouble as becomes a company of this scale; pairs of records with what is expected of them."""
    stage = Stage(Batch(calendar, FIRST_NUMBER), org, seed)
    told: list[dict[str, Any]] = []
    for copy in range(max(_wanted(kind, scale) for _, kind in _KINDS)):
        for place, (part, kind) in enumerate(_KINDS):
            if copy < _wanted(kind, scale):
                told += _arranged(stage, copy * len(_KINDS) + place, part, kind)
        if stage.batch.size() > _ROWS_A_LOAD:
            stage.batch.flush(world)
    stage.batch.flush(world)
    return told


def _wanted(kind: Kind, scale: float) -> int:
    return max(round(kind.each * scale), 1)


def _arranged(stage: Stage, number: int, part: str, kind: Kind) -> list[dict[str, Any]]:
    setting = Setting(stage, number)
    kind.arrange(setting)
    told = {"trouble": f"{kind.name}.{number}", "kind": kind.name, "of": part, "sentence": kind.sentence}
    return [told | pair for pair in setting.pairs]
