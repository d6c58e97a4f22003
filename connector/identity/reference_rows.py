"""From a row of a register's file to what it says of a company: which column is what, and what is wrong with a row.

Used by the engine when it loads a register. Knows cells and columns' names; how the file is written is not its matter.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connector.identity.corporate_number import corporate_number
from connector.identity.reference import Registered
from connector.identity.reference_cells import day_of, names_of, number_of, postal_code_of, text_of
from connector.model.errors import ConfigurationError, SkipRecord

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("法人番号", "corporatenumber", "提出者法人番号", "entityid", "hojinbango", "houjinbangou"),
    "name": ("商号又は名称", "商号", "法人名", "会社名", "企業名", "提出者名", "名称", "name", "companyname", "ja"),
    "kana": ("フリガナ", "ふりがな", "カナ", "kana", "namekana", "furigana", "会社名カナ", "提出者名ヨミ"),
    "english": (
        *("商号又は名称英語表記", "英語名", "英文名", "英文商号", "会社名英語", "提出者名英字"),
        *("enname", "nameen", "nameenglish", "englishname", "english", "en"),
    ),
    "former": ("旧商号", "旧社名", "旧会社名", "旧名称", "formernames", "formername", "jaformer"),
    "address": ("所在地", "本店所在地", "住所", "address", "addr"),
    "prefecture": ("都道府県", "国内所在地都道府県", "prefecturename", "prefecture"),
    "city": ("市区町村", "国内所在地市区町村", "cityname", "city"),
    "street": ("丁目番地等", "国内所在地丁目番地等", "番地", "streetnumber", "street"),
    "outside": ("国外所在地", "addressoutside"),
    "postal": ("郵便番号", "postcode", "postalcode", "zip", "zipcode"),
    "updated": ("更新年月日", "updatedate"),
    "changed": ("変更年月日", "changedate"),
    "latest": ("最新履歴", "latest"),
    "process": ("処理区分", "process"),
    "closed": ("登記記録の閉鎖等年月日", "closedate"),
    "successor": ("承継先法人番号", "successorcorporatenumber"),
    "hidden": ("検索対象除外", "hihyoji"),
    "form": ("form",),
    "text": ("text",),
}  # fmt: skip
"""How each column is called, the surest name first; without width, case, spaces and punctuation."""

PUBLICATION: Final = (
    *("sequenceNumber", "corporateNumber", "process", "correct", "updateDate", "changeDate", "name", "nameImageId"),
    *("kind", "prefectureName", "cityName", "streetNumber", "addressImageId", "prefectureCode", "cityCode", "postCode"),
    *("addressOutside", "addressOutsideImageId", "closeDate", "closeCause", "successorCorporateNumber", "changeCause"),
    *("assignmentDate", "latest", "enName", "enPrefectureName", "enCityName", "enAddressOutside", "furigana"),
    "hihyoji",
)
"""The columns of 国税庁's CSV files, which have no header (法人番号公表サイト, リソース定義書)."""

DELETED: Final = "99"
"""The publication's 処理区分 of a company that was taken out."""

_FORMS: Final = {"ja": "name", "name": "name", "kana": "kana", "en": "english", "ja_former": "former"}
"""Rows of one name each: which `form` tells which field. Other forms, such as typed ones, are no register's."""

_PARTS: Final = ("prefecture", "city", "street")
_FOUND_BY: Final = ("name", "kana", "english", "former", "text")
_NOISE: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Gone:
    """A row that says that a company is no longer registered at all."""

    number: str


@dataclass(frozen=True)
class Layout:
    """Which places of a row hold which field."""

    places: Mapping[str, tuple[int, ...]]
    publication: bool = False

    def read(self, row: Sequence[object]) -> Registered | Gone | None:
        """What the row says; `None` for one that says nothing a register knows.

        Raises SkipRecord, whose reason is the key of the problem's text, e.g. `number_check`.
        """
        number = number_of(self._text(row, "number"))
        if self._text(row, "process") == DELETED:
            return Gone(number)
        if "form" in self.places:
            return self._one_form(row, number)
        name = self._text(row, "name")
        if not name and "name" in self.places:
            raise SkipRecord("name_missing")
        successor = self._text(row, "successor")
        return Registered(
            number=number,
            name=name,
            kana=self._text(row, "kana"),
            english=self._text(row, "english"),
            former_names=names_of(self._text(row, "former")),
            address=self._text(row, "address") or self._text(row, "outside"),
            postal_code=postal_code_of(self._text(row, "postal")),
            told=self._told(row),
            closed_on=day_of(self._text(row, "closed")),
            successor=(corporate_number(successor) or "") if successor else "",
            hidden=self._text(row, "hidden") == "1",
        )

    def _one_form(self, row: Sequence[object], number: str) -> Registered | None:
        field, text = _FORMS.get(self._text(row, "form")), self._text(row, "text")
        if field is None or not text:
            return None
        values: dict[str, object] = {"former_names": (text,)} if field == "former" else {field: text}
        return Registered.model_validate({"number": number, **values})

    def _told(self, row: Sequence[object]) -> str:
        """Orders a company's rows: when it was published, whether it is the latest, when the change itself was."""
        updated, changed = day_of(self._text(row, "updated")), day_of(self._text(row, "changed"))
        latest = self._text(row, "latest")
        return f"{updated or changed}|{latest}|{changed}" if updated or changed or latest else ""

    def _text(self, row: Sequence[object], field: str) -> str:
        return "".join([text_of(row[place]) for place in self.places.get(field, ()) if place < len(row)])


def layout_of(header: Sequence[object], given: Mapping[str, str] | None = None) -> Layout | None:
    """The layout that a header tells, or a row of the publication itself; `None` where it is no header.

    `given` names a field's column, by its header or its place from 1 on; what it names comes before what is recognised.
    """
    names = [_plain(str(cell)) if cell is not None else "" for cell in header]
    places: dict[str, tuple[int, ...]] = {}
    for field, known in NAMES.items():
        found = next((names.index(name) for name in known if name in names), None)
        if found is not None:
            places[field] = (found,)
    chosen = _chosen(given or {}, names)
    if chosen is None:
        return None
    places |= chosen
    if "address" not in places and (parts := [places[part][0] for part in _PARTS if part in places]):
        places["address"] = tuple(parts)
    if "form" in places and "text" in places and not {"name", "english"} & places.keys():
        return Layout(places) if "number" in places else None
    places.pop("form", None)
    if "number" in places and any(field in places for field in _FOUND_BY[:-1]):
        return Layout(places)
    return None


def publication_layout(row: Sequence[object]) -> Layout | None:
    """The publication's own layout if this is one of its rows; they have no header."""
    if len(row) != len(PUBLICATION) or not corporate_number(str(row[1])):
        return None
    found = layout_of(PUBLICATION)
    return None if found is None else Layout(found.places, publication=True)


def unknown_columns(headers: Sequence[Sequence[object]], given: Mapping[str, str]) -> list[str]:
    """Those of the given columns that none of these possible headers has, neither by name nor by place."""
    named = [[_plain(str(cell)) if cell is not None else "" for cell in header] for header in headers]
    return [
        column for field, column in given.items() if all(_chosen({field: column}, names) is None for names in named)
    ]


def layout_by_places(given: Mapping[str, str]) -> Layout | None:
    """The layout of a file without header, if every column was given by its place."""
    if not given or not all(column.isdecimal() and int(column) > 0 for column in given.values()):
        return None
    places = {field: (int(column) - 1,) for field, column in given.items()}
    return Layout(places) if "number" in places and any(field in places for field in _FOUND_BY[:-1]) else None


def fields_given(written: Sequence[str]) -> dict[str, str]:
    """`name=会社名` as field and column. Raises ConfigurationError for a field that there is not."""
    given = {}
    for one in written:
        field, equals, column = one.partition("=")
        if field.strip() not in NAMES or not equals or not column.strip():
            raise ConfigurationError(
                f"--column {one}: write <field>=<column>, e.g. --column name=会社名, with one of the fields "
                f"{', '.join(NAMES)}; the column by its name or its place (1, 2, …)."
            )
        given[field.strip()] = column.strip()
    return given


def _chosen(given: Mapping[str, str], names: Sequence[str]) -> dict[str, tuple[int, ...]] | None:
    found: dict[str, tuple[int, ...]] = {}
    for field, column in given.items():
        if _plain(column) in names:
            found[field] = (names.index(_plain(column)),)
        elif column.isdecimal() and 0 < int(column) <= len(names):
            found[field] = (int(column) - 1,)
        else:
            return None
    return found


def _plain(name: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", name).casefold())
