"""The stage history and the field history that lead to an opportunity's present state.

Called once for every opportunity when its batch is stored; dice come from the record's id alone. It must not know why
the opportunity exists.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.company.stages import OPEN_STAGES, STAGES

Row = dict[str, Any]
_STAGE_KEPT = 0.75  # the share of stages that a deal does not jump over
_AMOUNT_CHANGED = 0.3
_PUSHED = 0.35
_PUSH = timedelta(days=35)
_FIELDS = (("StageName", "DynamicEnum"), ("Amount", "Currency"), ("CloseDate", "DateOnly"))


def histories(opportunity: Row) -> Iterator[tuple[str, Row]]:
    """History rows by object, without ids, oldest first; sets the opportunity's PushCount to what they tell."""
    before: Row | None = None
    pushes = 0
    for state in _states(opportunity, Random(opportunity["Id"])):
        yield "OpportunityHistory", _stage_row(opportunity, before, state)
        for values in _field_values(before, state):
            yield "OpportunityFieldHistory", {**_common(opportunity, state), **values}
        pushes += before is not None and state["CloseDate"][:7] > before["CloseDate"][:7]
        before = state
    opportunity["PushCount"] = pushes


def _states(opportunity: Row, rng: Random) -> list[Row]:
    """Stage, amount and close date at each moment of change; the last state is the present one."""
    stages = _earlier_stages(opportunity, rng)
    moments = _moments(opportunity, len(stages))
    amounts = _earlier_amounts(opportunity["Amount"], len(stages), rng)
    days = _earlier_days(opportunity, len(stages), rng)
    states = [
        {"StageName": stage, "Amount": amount, "CloseDate": day, "at": at}
        for stage, amount, day, at in zip(stages, amounts, days, moments, strict=True)
    ]
    last = opportunity["LastStageChangeDate"] if stages else opportunity["CreatedDate"]
    return [*states, {name: opportunity[name] for name in ("StageName", "Amount", "CloseDate")} | {"at": last}]


def _earlier_stages(opportunity: Row, rng: Random) -> list[str]:
    changed = opportunity["LastStageChangeDate"]
    if changed is None or changed <= opportunity["CreatedDate"]:
        return []
    stage = opportunity["StageName"]
    if stage in OPEN_STAGES:
        reached = OPEN_STAGES.index(stage)
    else:
        reached = len(OPEN_STAGES) if opportunity["IsWon"] else rng.randint(1, len(OPEN_STAGES))
    passed = [name for place, name in enumerate(OPEN_STAGES[:reached]) if not place or rng.random() < _STAGE_KEPT]
    return passed or [OPEN_STAGES[1]]  # the first stage again: the deal went back


def _moments(opportunity: Row, count: int) -> list[str]:
    """The creation, then evenly on the way to the last stage change."""
    if count < 2:
        return [opportunity["CreatedDate"]] * count
    first = datetime.fromisoformat(opportunity["CreatedDate"])
    step = (datetime.fromisoformat(opportunity["LastStageChangeDate"]) - first) / count
    return [stored_datetime((first + place * step).replace(microsecond=0)) for place in range(count)]


def _earlier_amounts(amount: float | None, count: int, rng: Random) -> list[float | None]:
    if not count or amount is None or rng.random() >= _AMOUNT_CHANGED:
        return [amount] * count
    first = round(amount * rng.choice((0.7, 0.8, 1.2, 1.5)), -4)
    changed = rng.randint(1, count)
    return [first if place < changed else amount for place in range(count)]


def _earlier_days(opportunity: Row, count: int, rng: Random) -> list[str]:
    """An open deal's close date may have been put off with every step."""
    day = opportunity["CloseDate"]
    if not count or opportunity["IsClosed"] or rng.random() >= _PUSHED:
        return [day] * count
    final = date.fromisoformat(day)
    return [(final - _PUSH * min(count - place, 3)).isoformat() for place in range(count)]


def _common(opportunity: Row, state: Row) -> Row:
    return {
        "OpportunityId": opportunity["Id"],
        "CreatedById": opportunity["OwnerId"],
        "CreatedDate": state["at"],
        "IsDeleted": opportunity["IsDeleted"],
        "_visible_at": opportunity.get("_visible_at"),
    }


def _stage_row(opportunity: Row, before: Row | None, state: Row) -> Row:
    probability, _, _, category, _ = STAGES[state["StageName"]]
    amount = state["Amount"]
    row = _common(opportunity, state) | {
        "StageName": state["StageName"],
        "Amount": amount,
        "ExpectedRevenue": None if amount is None else amount * probability / 100,
        "CloseDate": state["CloseDate"],
        "Probability": probability,
        "ForecastCategory": category,
        "SystemModstamp": state["at"],
    }
    for name in ("Amount", "CloseDate"):
        if before is not None and before[name] != state[name]:
            row[f"Prev{name}"] = before[name]
    return row


def _field_values(before: Row | None, state: Row) -> Iterator[Row]:
    if before is None:
        yield {"Field": "created"}
        return
    for name, data_type in _FIELDS:
        if before[name] != state[name]:
            yield {"Field": name, "DataType": data_type, "OldValue": before[name], "NewValue": state[name]}
