"""Tables about fields: fill rate and age, fields that say nothing, texts that want to be picklists, Okoshi's own.

Called by `quality` with what one walk over the records found.
"""

from collections.abc import Iterator

from connector.reporting.fields import MOST_VALUES, Filling, Fillings, Key, is_text, judged, kind_of
from connector.reporting.scope import Scope
from connector.reporting.table import Table, Value, mean, percent, table

_PLACE = "system:code object:text property:text field:text"
_FILLED = "records:count filled:count fill_rate:percent"


def field_tables(scope: Scope, found: Fillings) -> tuple[Table, ...]:
    """Every field, those that are of no use, free texts like picklists, and what Okoshi itself added."""
    return (
        table("fields", f"{_PLACE} {_FILLED} values:count mean_age:days", _fields(found)),
        table("useless_fields", f"{_PLACE} {_FILLED} most_frequent:percent why:code", _useless(scope, found)),
        _candidates(scope, found),
        table("texts_like_picklists", f"{_PLACE} filled:count values:count", _like_picklists(scope, found)),
        *_own(scope, found),
    )


def _place(found: Fillings, key: Key) -> tuple[str, str, str, str]:
    return (*key, found.vendor_fields[key])


def _filled(one: Filling) -> tuple[int, int, float | None]:
    return one.records, one.filled, percent(one.filled, one.records)


def _fields(found: Fillings) -> Iterator[tuple[Value, ...]]:
    """The age is that of the records' last change: no system tells when a single field was filled."""
    for key, one in sorted(found.all.items()):
        yield (*_place(found, key), *_filled(one), len(one.values), mean(one.age_days, one.filled))


def _useless(scope: Scope, found: Fillings) -> Iterator[tuple[Value, ...]]:
    own = _own_keys(scope, found)
    for key, one, _ in judged(scope, found):
        why = _why_useless(scope, one)
        if why and key not in own:
            yield (*_place(found, key), *_filled(one), percent(one.most_frequent, one.filled), why)


def _why_useless(scope: Scope, one: Filling) -> str | None:
    """`empty`: nobody fills it; `constant`: it says nothing."""
    rules = scope.mappings.quality
    if 100 * one.filled <= rules.empty_percent * one.records:
        return "empty"
    enough = one.filled >= rules.minimum_count
    return "constant" if enough and 100 * one.most_frequent >= rules.constant_percent * one.filled else None


def _candidates(scope: Scope, found: Fillings) -> Table:
    """Fields that the practice suspects; `not_read`: no property of Okoshi's holds it."""
    rows: list[tuple[Value, ...]] = []
    for one in scope.mappings.quality.candidates:
        keys = [key for key in sorted(found.all) if one.field == f"{kind_of(scope, key)}.{key.property}"]
        if not keys:
            rows.append((one.label, None, None, None, None, None, None, None, "not_read"))
        for key in keys:
            seen = found.all[key]
            share = percent(seen.most_frequent, seen.filled)
            why = _why_useless(scope, seen) or "in_use"
            rows.append((one.label, key.system, key.object, found.vendor_fields[key], *_filled(seen), share, why))
    columns = f"label:text system:code object:text field:text {_FILLED} most_frequent:percent why:code"
    return table("suspected_fields", columns, rows)


def _like_picklists(scope: Scope, found: Fillings) -> Iterator[tuple[Value, ...]]:
    rules = scope.mappings.quality
    for key, one, setting in judged(scope, found):
        values = len(one.values)
        if not is_text(kind_of(scope, key), key.property) or setting in rules.picklists or values > MOST_VALUES - 1:
            continue
        if 1 < values <= rules.few_values and one.filled >= max(rules.minimum_count, values * rules.repeated):
            yield (*_place(found, key), one.filled, values)


def _own(scope: Scope, found: Fillings) -> Iterator[Table]:
    """How many fields Okoshi needs in each system, and how they are filled."""
    own = {key: found.all[key] for key in sorted(_own_keys(scope, found))}
    systems = sorted({key.system for key in own})
    counts = ((name, sum(key.system == name for key in own), _empty(own, name)) for name in systems)
    yield table("own_field_counts", "system:code fields:count empty:count", counts)
    yield table("own_fields", f"{_PLACE} {_FILLED}", ((*_place(found, key), *_filled(one)) for key, one in own.items()))


def _own_keys(scope: Scope, found: Fillings) -> set[Key]:
    named = {name.casefold() for name in scope.mappings.quality.own_fields}
    fields = {key: found.vendor_fields[key].casefold() for key in found.all}
    return {key for key, field in fields.items() if field.startswith("okoshi_") or field in named}


def _empty(own: dict[Key, Filling], system: str) -> int:
    return sum(key.system == system and not one.filled for key, one in own.items())
