"""Real company names from a CSV or Parquet file in place of the invented ones, and refusals that say what to do."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from connector.sandbox.clock import SandboxClock
from connector.sandbox.company import CompanyOptions, generate
from connector.sandbox.company.register import read_companies
from connector.sandbox.hubspot.schema import TABLES as HUBSPOT
from connector.sandbox.salesforce.schema import TABLES as SALESFORCE
from connector.sandbox.world import World

SHARED = Path(__file__).parents[3] / ".." / "shared" / "data" / "identity"
NAMES = ["株式会社架空製作所", "架空販売有限会社", "架空組合"]


def test_a_csv_with_japanese_headers_is_read(tmp_path: Path) -> None:
    """Legal form, address and corporate number are told apart; spreadsheets' Shift_JIS is understood."""
    path = tmp_path / "list.csv"
    path.write_text(
        "法人番号,会社名,住所\n1234567890123,株式会社架空製作所,東京都港区海岸１丁目２番３号\n", encoding="cp932"
    )
    (company,) = read_companies(path, 10)
    assert (company.formal, company.core, company.form) == ("株式会社架空製作所", "架空製作所", "株式会社")
    assert company.corporate_number == "1234567890123"
    assert (company.address.state, company.address.city) == ("東京都", "港区")
    assert company.address.street == "海岸１丁目２番３号"


def test_parquet_rows_are_taken_evenly_over_the_file(tmp_path: Path) -> None:
    """Registers are sorted by region: the first rows alone would all be neighbours."""
    path = tmp_path / "register.parquet"
    parquet.write_table(pa.table({"name": [f"株式会社第{number}" for number in range(1_000)]}), path)
    companies = list(read_companies(path, 10))
    assert [company.core for company in companies] == [f"第{number}" for number in range(0, 1_000, 100)]


def test_a_file_without_names_is_refused_with_what_was_found_and_expected(tmp_path: Path) -> None:
    """The message names the file, its columns and the headers that work."""
    path = tmp_path / "wrong.csv"
    path.write_text("id,city\n1,Tokyo\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"wrong\.csv .*id, city.*会社名"):
        list(read_companies(path, 1))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.csv", "name\n", "no companies"),
        ("list.xlsx", "x", "neither"),
        ("blank.csv", "", "none"),
        ("cut.parquet", "PAR1", "cut.parquet"),
    ],
)
def test_unusable_files_are_refused(tmp_path: Path, name: str, content: str, told: str) -> None:
    """Each with its reason."""
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=told):
        list(read_companies(path, 1))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Without a stack of pyarrow errors."""
    for name in ("nowhere.csv", "nowhere.parquet"):
        with pytest.raises(ValueError, match=r"nowhere\..* was not found"):
            list(read_companies(tmp_path / name, 1))


def test_accounts_carry_the_names_of_the_file(tmp_path: Path) -> None:
    """With address and corporate number; once the file ends, invented companies follow."""
    path = tmp_path / "list.csv"
    path.write_text("name,addr\n" + "".join(f"{name},大阪府大阪市北区梅田１番\n" for name in NAMES), encoding="utf-8")
    world = World(
        tmp_path / "world.db", SandboxClock(datetime.fromisoformat("2026-11-18T10:00:00+09:00")), SALESFORCE, HUBSPOT
    )
    generate(world, CompanyOptions(scale=0.1, companies=path))
    accounts = [row for row in world.rows("salesforce", "Account") if row["_truth_id"] < "C0000003"]
    assert {row["BillingCity"] for row in accounts} - {None} == {"大阪市北区"}
    assert all("架空" in row["Name"] for row in accounts)


@pytest.mark.parametrize(
    "name", ["companies_400k.parquet", "t1_typed_to_master/master.csv", "t2_edinet_to_register/register.csv"]
)
def test_real_registers_are_read(name: str) -> None:
    """Names, addresses and corporate numbers are found under the registers' own headers."""
    path = SHARED / name
    if not path.is_file():
        pytest.skip("the shared real data are not there")
    companies = list(read_companies(path, 300))
    assert len(companies) == 300
    assert sum(company.corporate_number is not None for company in companies) == 300
    assert sum(bool(company.address.state) for company in companies) > 280
    assert len({company.address.state for company in companies}) > 5
