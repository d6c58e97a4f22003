"""A company as a public register knows it, grown row by row: what it is called now, and what it was called before.

Made by `reference_rows.py` from the rows of a register's file, kept by the store, used by the engine to complete what
the systems know. Knows one company at a time.
"""

from connector.identity.records import Company
from connector.model.plan import Frozen


class Registered(Frozen):
    """One company of the register. What the register does not say is the empty text.

    `number` is a valid 法人番号. `told` orders the rows of one company: of two, the one that sorts later tells the
    name. `closed_on` is the day (as in 2024-03-31) on which the registration was closed, `successor` the 法人番号 of
    the company that took it over. A `hidden` one is found by its number only: its publisher keeps it out of searches.
    """

    number: str
    name: str = ""
    kana: str = ""
    english: str = ""
    former_names: tuple[str, ...] = ()
    address: str = ""
    postal_code: str = ""
    told: str = ""
    closed_on: str = ""
    successor: str = ""
    hidden: bool = False

    @property
    def company(self) -> Company:
        """The same as 名寄せ compares it."""
        return Company(
            ref=self.number,
            name=self.name,
            name_kana=self.kana,
            name_english=self.english,
            former_names=self.former_names,
            corporate_number=self.number,
            address=self.address,
            postal_code=self.postal_code,
        )


def merged(known: Registered | None, row: Registered) -> Registered:
    """What is known after one more row. Rows that come again give no other names; at most they fill a blank once.

    The row that was told later gives the current values; a name that is no longer current is a former one. Of rows
    that tell no time the last one counts, save that a former name never comes back by itself.
    """
    if known is None or not known.name:
        return _with_blanks_filled(row, known) if known else row
    if not row.name or row.name == known.name:
        return _with_blanks_filled(row, known) if row.told >= known.told else _with_blanks_filled(known, row)
    if row.told > known.told or (row.told == known.told and row.name not in known.former_names):
        return _renamed(known, row)
    return known.model_copy(update={"former_names": _formers(known.name, known, row, row.name)})


def _renamed(known: Registered, row: Registered) -> Registered:
    """The row gives another name; kana and English of the old one do not go with it, its place may.

    A row that tells nothing but the name leaves them: in a list with a row for each form, they are other rows.
    """
    untimed = row.told == known.told
    alone = untimed and not (row.kana or row.english or row.address)
    return row.model_copy(
        update={
            "kana": known.kana if alone else row.kana,
            "english": known.english if alone else row.english,
            "former_names": _formers(row.name, known, row, known.name),
            "address": row.address or known.address,
            "postal_code": row.postal_code or ("" if row.address else known.postal_code),
            "closed_on": row.closed_on or (known.closed_on if untimed else ""),
            "successor": row.successor or (known.successor if untimed else ""),
            "hidden": row.hidden or (known.hidden and untimed),
        }
    )


def _with_blanks_filled(later: Registered, earlier: Registered) -> Registered:
    """The later row, and what only the earlier one says; that it was closed is no blank when a later row denies it."""
    same_time = later.told == earlier.told
    return later.model_copy(
        update={
            "name": later.name or earlier.name,
            "kana": later.kana or earlier.kana,
            "english": later.english or earlier.english,
            "former_names": _formers(later.name or earlier.name, later, earlier),
            "address": later.address or earlier.address,
            "postal_code": later.postal_code or ("" if later.address else earlier.postal_code),
            "told": max(later.told, earlier.told),
            "closed_on": later.closed_on or (earlier.closed_on if same_time else ""),
            "successor": later.successor or (earlier.successor if same_time else ""),
            "hidden": later.hidden or (earlier.hidden and same_time),
        }
    )


def _formers(current: str, one: Registered, two: Registered, *more: str) -> tuple[str, ...]:
    """All former names that are known, in one order whatever order they came in."""
    return tuple(sorted({*one.former_names, *two.former_names, *more} - {current, ""}))
