"""Splink at work: trains the model on a base, and scores candidate pairs with it. Needs the extra `okoshi[splink]`.

Called by `bulk.py` with a workbench that holds the records. Knows columns and levels, neither names nor decisions.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from math import log2
from typing import Any, Final, Protocol

from splink import Linker, SettingsCreator, block_on
from splink.internals import comparison_level_library as levels
from splink.internals.comparison_library import CustomComparison

from connector.engine.bulk_model import OTHER, Comparison, Dialect, Model, Parameters, Rates

SEED: Final = 20_240_401
"""So that training on the same records gives the same figures."""
CHANCE_PAIRS: Final = 2e6
"""Pairs of any two records from which is learned how often they agree by chance."""
TRAINING_PAIRS: Final = 1e6
"""Candidate pairs from which is learned how often records of one company or person agree, at most, for each block."""
RECALL: Final = 0.7
"""The share of all matches that the model's `certain` columns are taken to find; only the prior rests on it."""
LEAST: Final = 1e-6
"""What was never seen is rare, not impossible."""
LEAST_OF_ONE: Final = 0.01
"""One record in a hundred is wrong in any field: none says by itself that two are not one."""
RULED_OUT: Final = 20.0
"""Bits that a candidate pair must lie below any two records, to be left out: what the core would at most show to a
person may come close to what is best, and then nothing is linked."""
DIGITS: Final = 6
"""Kept figures; further ones depend on the order in which threads add up."""

UNIQUE_ID: Final = "unique_id"


class Workbench(Protocol):
    """Where the records are: a database in this process, or a cluster."""

    dialect: Dialect

    def compared(self, columns: tuple[str, ...]) -> Any:
        """The records' ids and these columns, as Splink takes them."""
        ...

    def agree(self, columns: tuple[str, ...]) -> bool:
        """Whether any two records have the same in all of these columns."""
        ...

    def candidates(self, most: int) -> Any:
        """Every two records that share a key which at most so many have, as Splink takes them."""
        ...


def trained(bench: Workbench, model: Model) -> Parameters:
    """Learns the model's figures from the records: chance by a seeded sample, the rest by expectation-maximisation.

    What the records do not tell keeps the figures of the model. Deterministic.
    """
    with _silent():
        linker = Linker(bench.compared(columns_of(model)), _settings(model, bench.dialect), log_level=None)
        linker.training.estimate_u_using_random_sampling(max_pairs=CHANCE_PAIRS, seed=SEED, min_count_per_level=None)
        prior = _prior(linker, model)
        # Asked first: Splink forgets comparisons when it finds no pair to learn from.
        for block in filter(bench.agree, model.training):
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*block), max_pairs=TRAINING_PAIRS, record_sample_proportion=1.0
            )
        learned = linker.misc.save_model_to_json()
    return Parameters(kind=model.kind, prior=prior, rates=_rates(model, learned))


def scored(bench: Workbench, model: Model, parameters: Parameters, most: int) -> Any:
    """Candidate pairs that nothing rules out, with `match_weight` (bits) and `match_probability`.

    `most`: a key that more records share brings no candidates.
    """
    with _silent():
        settings = _settings(model, bench.dialect, parameters)
        linker = Linker(bench.compared(columns_of(model)), settings, log_level=None)
        linker.table_management.register_blocked_pairs_for_predict(bench.candidates(most))
        least = log2(parameters.prior / (1 - parameters.prior)) - RULED_OUT
        return linker.inference.predict(threshold_match_weight=least, warning_mode="never")


def columns_of(model: Model) -> tuple[str, ...]:
    """Every column that the model reads."""
    read = [
        *(name for one in model.comparisons for level in one.levels for name in (one.needs, *level.columns)),
        *(name for block in (*model.training, *model.certain) for name in block),
    ]
    return tuple(dict.fromkeys(read))


def _settings(model: Model, dialect: Dialect, parameters: Parameters | None = None) -> SettingsCreator:
    rates = parameters.rates if parameters else {}
    settings: dict[str, Any] = {} if parameters is None else {"probability_two_random_records_match": parameters.prior}
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(one, dialect, rates.get(one.name, {})) for one in model.comparisons],
        blocking_rules_to_generate_predictions=[block_on(*model.training[0])] if model.training else [],
        unique_id_column_name=UNIQUE_ID,
        retain_matching_columns=False,
        **settings,
    )


def _comparison(comparison: Comparison, dialect: Dialect, rates: Mapping[str, Rates]) -> CustomComparison:
    """As Splink has it: what is unknown, each level, and what agrees in no way."""
    scale = comparison.differs + sum(level.likely for level in comparison.levels)
    made = [levels.NullLevel(comparison.needs)]
    for level in comparison.levels:
        one = levels.CustomLevel(level.condition(dialect), level.name)
        made.append(_figures(one, rates.get(level.name), level.likely / scale, level.rare))
    made.append(_figures(levels.ElseLevel(), rates.get(OTHER), comparison.differs / scale))
    return CustomComparison(output_column_name=comparison.name, comparison_levels=made)


def _figures(level: Any, rates: Rates | None, likely: float, rare: str = "") -> Any:
    chosen: dict[str, Any] = {"m_probability": rates.one if rates else likely}
    if rates:
        chosen["u_probability"] = rates.any
    if rare:
        chosen["tf_adjustment_column"] = rare
        chosen["tf_minimum_u_value"] = LEAST
        chosen["disable_tf_exact_match_detection"] = True  # a level of several columns is rarer than its rare column
    return level.configure(**chosen)


def _prior(linker: Linker, model: Model) -> float:
    """How probable any two records are one, from the pairs that nearly always are."""
    rules = [block_on(*block) for block in model.certain]
    if rules:
        # Refused where more pairs are found than there can be matches: the columns are not certain for these records.
        with suppress(ValueError):
            linker.training.estimate_probability_two_random_records_match(rules, recall=RECALL)
    found = float(linker.misc.save_model_to_json()["probability_two_random_records_match"])
    return min(max(_rounded(found), LEAST**2), 0.5)


def _rates(model: Model, learned: Mapping[str, Any]) -> dict[str, dict[str, Rates]]:
    """The figures by comparison and level; both columns of a comparison add up to one."""
    by_name = {one["output_column_name"]: one["comparison_levels"] for one in learned["comparisons"]}
    found = {}
    for comparison in model.comparisons:
        names = [*(level.name for level in comparison.levels), OTHER]
        told = [level for level in by_name[comparison.name] if not level.get("is_null_level")]
        one = _shares([level.get("m_probability") for level in told], LEAST_OF_ONE)
        by_chance = _shares([level.get("u_probability") for level in told], LEAST)
        found[comparison.name] = {
            name: Rates(one=same, any=chance) for name, same, chance in zip(names, one, by_chance, strict=True)
        }
    return found


def _shares(figures: list[float | None], least: float) -> list[float]:
    known = [max(figure or 0.0, least) for figure in figures]
    return [_rounded(figure / sum(known)) for figure in known]


def _rounded(figure: float) -> float:
    return float(f"{figure:.{DIGITS}g}")


@contextmanager
def _silent() -> Iterator[None]:
    """Splink's advice to whoever tunes a model by hand is none for whoever runs this."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
