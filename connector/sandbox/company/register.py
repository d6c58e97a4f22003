"""Reads real company names from a CSV or Parquet file, in a stream, in place of the invented ones.

Called by `generate.py` for `--companies FILE`. Rows are taken evenly over the file: registers are sorted by region.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from connector.sandbox.company.names import Address, Company, invent_address

HEADERS: Mapping[str, tuple[str, ...]] = {
    "name": (
        "name", "company", "company_name", "companyname", "official_name", "account_name",
        "会社名", "企業名", "法人名", "商号", "商号又は名称", "名称", "取引先名",
    ),
    "address": ("addr", "address", "full_address", "住所", "所在地", "本店所在地", "本社所在地"),
    "number": ("entity_id", "corporate_number", "corporatenumber", "houjin_bangou", "法人番号"),
    "kana": ("kana", "name_kana", "furigana", "フリガナ", "カナ", "会社名カナ", "商号又は名称フリガナ"),
    "postal_code": ("zip", "postal_code", "postalcode", "post_code", "郵便番号"),
}  # fmt: skip
_FORMS = (
    "株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "一般社団法人", "一般財団法人", "公益財団法人",
    "公益社団法人", "医療法人社団", "医療法人", "社会福祉法人", "学校法人", "宗教法人", "特定非営利活動法人",
)  # fmt: skip
_ADDRESS = re.compile(
    r"(北海道|東京都|京都府|大阪府|.{2,3}県)?(.{1,6}?市(?:.{1,4}区)?|.{1,4}郡.{1,5}[町村]|.{1,5}[区町村])?(.*)"
)
_CHUNK = 20_000


def read_companies(path: Path, wanted: int) -> Iterator[Company]:
    """Up to `wanted` companies, evenly spread over the file."""
    if not path.is_file():
        raise ValueError(f"{path.name} was not found: name an existing CSV or Parquet file of companies.")
    total = _count(path)
    if not total:
        raise ValueError(f"{path.name} holds no companies: it has no rows below its header.")
    step = max(1, total // wanted)
    for place, row in enumerate(islice(_rows(path), 0, None, step)):
        if place >= wanted:
            return
        yield _company(row, place)


def _count(path: Path) -> int:
    if path.suffix.lower() == ".parquet":
        with _parquet(path) as file:
            return int(file.metadata.num_rows)
    return sum(1 for _ in _rows(path))


def _parquet(path: Path) -> Any:
    from pyarrow import ArrowInvalid  # noqa: PLC0415  only this option needs Arrow, and it loads slowly
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    try:
        return ParquetFile(path)
    except ArrowInvalid as problem:
        raise ValueError(f"{path.name} is not a readable Parquet file: check that it was copied whole.") from problem


def _rows(path: Path) -> Iterator[Mapping[str, str]]:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _parquet_rows(path)
    if suffix in (".csv", ".txt"):
        return _csv_rows(path)
    raise ValueError(f"{path.name} is neither .csv nor .parquet: convert it to one of them.")


def _parquet_rows(path: Path) -> Iterator[Mapping[str, str]]:
    with _parquet(path) as file:
        columns = _columns(path, file.schema_arrow.names)
        for chunk in file.iter_batches(batch_size=_CHUNK, columns=sorted(set(columns.values()))):
            yield from _renamed(chunk.to_pylist(), columns)


def _csv_rows(path: Path) -> Iterator[Mapping[str, str]]:
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        columns = _columns(path, reader.fieldnames or ())
        yield from _renamed(reader, columns)


def _encoding(path: Path) -> str:
    """UTF-8, or what Japanese spreadsheets write."""
    with path.open("rb") as file:
        head = file.read(65_536)
    cut = head[: head.rfind(b"\n") + 1] or head
    try:
        cut.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8-sig"


def _columns(path: Path, found: Sequence[str]) -> Mapping[str, str]:
    """Which of the file's columns holds what."""
    spelt = {name.strip().lower(): name for name in found}
    columns = {
        meaning: next((spelt[header] for header in headers if header in spelt), None)
        for meaning, headers in HEADERS.items()
    }
    if columns["name"] is None:
        raise ValueError(
            f"{path.name} has no column with company names. Columns found: {', '.join(found) or 'none'}. "
            f"Name one of them {', '.join(HEADERS['name'])}; "
            f"optional: {', '.join(HEADERS['address'])} for the address, "
            f"{', '.join(HEADERS['number'])} for the corporate number."
        )
    return {meaning: column for meaning, column in columns.items() if column is not None}


def _renamed(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    for row in rows:
        values = {meaning: str(row.get(column) or "").strip() for meaning, column in columns.items()}
        if values["name"]:
            yield values


def _company(row: Mapping[str, str], place: int) -> Company:
    name, number = row["name"], row.get("number", "")
    form = next((form for form in _FORMS if name.startswith(form) or name.endswith(form)), "")
    form_first = bool(form) and name.startswith(form)
    core = name.removeprefix(form) if form_first else name.removesuffix(form)
    return Company(
        core=core.strip(" 　") or name,
        form=form,
        form_first=form_first,
        kana=row.get("kana", ""),
        domain=f"c{place:06d}.example",
        address=_address(row, place),
        corporate_number=number if re.fullmatch(r"\d{13}", number) else None,
    )


def _address(row: Mapping[str, str], place: int) -> Address:
    text = row.get("address", "")
    postal = row.get("postal_code", "")
    match = _ADDRESS.fullmatch(text)
    if not text or match is None:
        return invent_address(Random(f"address:{place}"))
    state, city, street = (part or "" for part in match.groups())
    return Address(state, city, street, f"{postal[:3]}-{postal[3:]}" if re.fullmatch(r"\d{7}", postal) else postal)
