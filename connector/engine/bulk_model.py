"""What Splink compares of two records in bulk, level by level, and the trained figures, kept as a file of our own.

Used by `bulk_splink.py`. Levels only ask whether columns are equal or lists overlap: equality knows no bytes, and every
engine has it. The decision is not made here: the core judges each pair that this model does not rule out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationError

from connector.model.errors import ConfigurationError
from connector.model.plan import Frozen

Dialect = Literal["duckdb", "spark"]

_OVERLAP: Final = {"duckdb": "list_has_any({0}_l, {0}_r)", "spark": "arrays_overlap({0}_l, {0}_r)"}
_SHARED: Final = {
    "duckdb": "2.0 * len(list_intersect({0}_l, {0}_r)) / (len({0}_l) + len({0}_r)) >= {1}",
    "spark": "2.0 * size(array_intersect({0}_l, {0}_r)) / (size({0}_l) + size({0}_r)) >= {1}",
}

OTHER: Final = "differs"
"""The level of what agrees in no other way."""

CLOSE, SIMILAR = 0.75, 0.5
"""Shares of the pieces of both texts that both have."""


@dataclass(frozen=True)
class Level:
    """One way of agreeing: all of `same` are equal, the lists of `overlap` share an item, those of `alike` a part.

    `likely` is how often two records of one company or person agree so, before anything was trained. `rare` names the
    column whose frequent values prove less.
    """

    name: str
    likely: float
    same: tuple[str, ...] = ()
    overlap: str = ""
    alike: tuple[str, float] | None = None
    rare: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """What it reads."""
        lists = (self.overlap, self.alike[0] if self.alike else "")
        return (*self.same, *(name for name in lists if name))

    def condition(self, dialect: Dialect) -> str:
        """The level as text of the engine's language, over `<column>_l` and `<column>_r`."""
        parts = [f"{name}_l = {name}_r" for name in self.same]
        if self.overlap:
            parts.append(_OVERLAP[dialect].format(self.overlap))
        if self.alike:
            parts.append(_SHARED[dialect].format(*self.alike))
        return " and ".join(parts)


@dataclass(frozen=True)
class Comparison:
    """One property of two records, with its levels from the closest on; `needs` must be known of both."""

    name: str
    needs: str
    levels: tuple[Level, ...]
    differs: float
    """How often two records of one company or person differ here, before anything was trained."""


@dataclass(frozen=True)
class Model:
    """The comparisons of one kind; columns on which candidates for training agree; and what is nearly always one."""

    kind: str
    comparisons: tuple[Comparison, ...]
    training: tuple[tuple[str, ...], ...]
    certain: tuple[tuple[str, ...], ...]

    def known(self, columns: Iterable[str]) -> "Model":
        """Without what none of the records has."""
        there = frozenset(columns)
        kept = []
        for one in self.comparisons:
            levels = tuple(level for level in one.levels if there.issuperset((*level.columns, one.needs)))
            if levels:
                kept.append(Comparison(one.name, one.needs, levels, one.differs))
        return Model(
            self.kind,
            tuple(kept),
            tuple(block for block in self.training if there.issuperset(block) and _teaches(block, kept)),
            tuple(block for block in self.certain if there.issuperset(block)),
        )


def _teaches(block: tuple[str, ...], comparisons: Iterable[Comparison]) -> bool:
    """Whether records that agree on these columns tell anything of others."""
    read = [{one.needs, *(name for level in one.levels for name in level.columns)} for one in comparisons]
    return any(columns.isdisjoint(block) for columns in read)


def _plain(name: str, differs: float, *, rare: bool = True, pieces: str = "") -> Comparison:
    """Same, nearly the same where pieces of the text are there, or another."""
    levels = [Level("same", 1 - differs, same=(name,), rare=name if rare else "")]
    if pieces:
        levels += [
            Level("close", differs / 2, alike=(pieces, CLOSE)),
            Level("similar", differs / 4, alike=(pieces, SIMILAR)),
        ]
    return Comparison(name, name, tuple(levels), differs / 4 if pieces else differs)


COMPANY_MODEL: Final = Model(
    "account",
    (
        Comparison("corporate_number", "corporate_number", (Level("same", 0.999, same=("corporate_number",)),), 0.001),
        Comparison(
            "name",
            "loose",
            (
                Level("exact", 0.80, same=("exact",), rare="exact"),
                Level("loose", 0.04, same=("loose",), rare="loose"),
                Level("sound", 0.02, same=("sound",), rare="sound"),
                Level("former", 0.02, overlap="known_as"),
                Level("script", 0.03, overlap="scripts"),
                Level("group", 0.01, same=("stem",)),
                Level("close", 0.04, alike=("pieces", CLOSE)),
                Level("similar", 0.02, alike=("pieces", SIMILAR)),
            ),
            0.02,
        ),
        Comparison(
            "legal_form",
            "legal_form",
            (
                Level("same", 0.93, same=("legal_form", "placed"), rare="legal_form"),
                Level("moved", 0.05, same=("legal_form",)),
            ),
            0.02,
        ),
        Comparison("kana", "kana", (Level("same", 0.95, same=("kana",), rare="kana"),), 0.05),
        Comparison(
            "address",
            "place",
            (
                Level("spot", 0.70, same=("spot",), rare="spot"),
                Level("place", 0.15, same=("place",), rare="place"),
                Level("city", 0.08, same=("prefecture", "city"), rare="city"),
                Level("prefecture", 0.03, same=("prefecture",), rare="prefecture"),
            ),
            0.04,
        ),
        _plain("postal_code", 0.2),
        _plain("domain", 0.1),
        Comparison("phone", "phones", (Level("same", 0.8, overlap="phones"),), 0.2),
    ),
    training=(("corporate_number",), ("loose", "legal_form"), ("kana", "postal_code"), ("domain",)),
    certain=(("corporate_number",), ("loose", "legal_form", "spot"), ("loose", "domain"), ("loose", "kana", "place")),
)

PERSON_MODEL: Final = Model(
    "person",
    (
        Comparison(
            "name",
            "whole",
            (
                Level("same", 0.76, same=("names",), rare="names"),
                Level("unparted", 0.02, same=("whole",), rare="whole"),
                Level("reading", 0.06, overlap="readings"),
                Level("family_mistyped", 0.04, same=("given",), alike=("family_pieces", SIMILAR), rare="given"),
                Level("given_mistyped", 0.04, same=("family",), alike=("given_pieces", SIMILAR), rare="family"),
                Level("close", 0.02, alike=("whole_pieces", CLOSE)),
                Level("given", 0.02, same=("given",), rare="given"),
                Level("family", 0.01, same=("family",), rare="family"),
                Level("similar", 0.02, alike=("whole_pieces", SIMILAR)),
            ),
            0.01,
        ),
        Comparison(
            "mail",
            "mail",
            (Level("same", 0.7, same=("mail",)), Level("domain", 0.1, same=("domain",), rare="domain")),
            0.2,
        ),
        Comparison("shared_mail", "shared_mail", (Level("same", 0.7, same=("shared_mail",)),), 0.3),
        Comparison("mobile", "mobiles", (Level("same", 0.9, overlap="mobiles"),), 0.1),
        Comparison("line", "lines", (Level("same", 0.8, overlap="lines"),), 0.2),
        Comparison("company_ref", "company_ref", (Level("same", 0.9, same=("company_ref",), rare="company_ref"),), 0.1),
        _plain("company", 0.1, pieces="company_pieces"),
        _plain("title", 0.4),
        _plain("identifier", 0.05, rare=False),
        _plain("birth_date", 0.05),
        _plain("postal_code", 0.1),
        _plain("street", 0.15, pieces="street_pieces"),
        _plain("house_number", 0.1),
        _plain("building", 0.3),
        _plain("city", 0.15, pieces="city_pieces"),
        _plain("region", 0.05),
    ),
    training=(("names",), ("mail",), ("birth_date",), ("company", "family"), ("postal_code", "street")),
    certain=(("mail", "family"), ("identifier",), ("names", "company"), ("names", "birth_date"), ("names", "mail")),
)

MODELS: Final = {model.kind: model for model in (COMPANY_MODEL, PERSON_MODEL)}


class Rates(Frozen):
    """How often a level occurs between records of one company or person, and between any two."""

    one: float = Field(gt=0, le=1)
    any: float = Field(gt=0, le=1)


class Parameters(Frozen):
    """A trained model: for each comparison and level its rates, and how probable any two records are one.

    Independent of the engine, so that a cluster uses what was trained on a sample on one machine.
    """

    kind: str
    prior: float = Field(gt=0, lt=1)
    rates: dict[str, dict[str, Rates]]

    def save(self, path: Path) -> None:
        """Writes the file. Raises ConfigurationError."""
        try:
            path.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            what = f"{path} cannot be written ({error.strerror})"
            raise ConfigurationError(f"{what}. Name another place for it.") from None


def kept_parameters(path: Path, model: Model) -> Parameters:
    """The trained figures in a file. Raises ConfigurationError when it is not one for this model."""
    remedy = "Name another file, or one that does not exist yet: then it is trained and written there."
    try:
        found = Parameters.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}). {remedy}") from None
    except (ValidationError, UnicodeDecodeError):
        raise ConfigurationError(f"{path} does not hold trained parameters. {remedy}") from None
    if found.kind != model.kind:
        raise ConfigurationError(f"{path} was trained on records of the kind {found.kind}. {remedy}")
    for comparison in model.comparisons:
        known = found.rates.get(comparison.name, {})
        for level in (*(level.name for level in comparison.levels), OTHER):
            if level not in known:
                raise ConfigurationError(f"{path} has no figures for `{comparison.name}.{level}`. {remedy}")
    return found
