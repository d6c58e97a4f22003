"""The records of one base in DuckDB, in this process: what Splink trains and scores on, up to some tens of millions.

Made by `bulk.py` for one base and closed by it. What does not fit in memory goes into a directory of its own, which is
gone afterwards.
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
from splink import DuckDBAPI

from connector.engine.bulk_files import raw_batches
from connector.engine.bulk_model import Dialect
from connector.engine.bulk_rows import ID, ROWS_AT_ONCE, Batches, columns_schema
from connector.identity.bulk import Columns

# Pairs of records that share a key, once, the lower id first. Splink names the columns.
_CANDIDATES: Final = """
CREATE OR REPLACE TABLE candidate AS
WITH held AS (SELECT unique_id, unnest(found_by) AS key FROM record),
shared AS (SELECT key FROM held GROUP BY key HAVING count(*) BETWEEN 2 AND $most)
SELECT DISTINCT '0' AS match_key, one.unique_id AS join_key_l, two.unique_id AS join_key_r
FROM held AS one JOIN shared USING (key) JOIN held AS two ON two.key = one.key AND one.unique_id < two.unique_id
"""
# Scored pairs with both records; one record's pairs together, so that it is normalised once.
_BOTH: Final = """
SELECT one.record AS left_record, two.record AS right_record, pair.match_probability
FROM scored AS pair JOIN record AS one ON one.unique_id = pair.unique_id_l
JOIN record AS two ON two.unique_id = pair.unique_id_r ORDER BY pair.unique_id_l, pair.unique_id_r
"""
_RECORDS: Final = "SELECT unique_id, record FROM record WHERE unique_id IN (SELECT unnest($refs))"
_TWICE: Final = "SELECT count(*) - count(DISTINCT unique_id) FROM record"


class DuckDBBench:
    """A `bulk_splink.Workbench` in this process."""

    dialect: Dialect = "duckdb"

    def __init__(self) -> None:
        self._spill = TemporaryDirectory(prefix="okoshi-bulk-")
        self._connection = duckdb.connect(str(Path(self._spill.name) / "bulk.duckdb"))
        self._connection.execute("SET temp_directory = $place", {"place": self._spill.name})
        self._api = DuckDBAPI(self._connection)
        self._names = 0

    def close(self) -> None:
        """Forgets everything."""
        self._connection.close()
        self._spill.cleanup()

    def read(self, path: Path, columns: Columns[Any, Any], making: Batches) -> None:
        """Takes in a file's records; `making` turns them into columns. Raises ConfigurationError."""
        self.load(raw_batches(path, columns), making, columns_schema(columns))

    def load(self, batches: Iterable[Any], making: Batches, schema: Any) -> None:
        """Takes in raw records; `making` turns them into columns."""
        self._connection.register("incoming", schema.empty_table())
        self._connection.execute("CREATE TABLE record AS FROM incoming")
        for batch in making(batches):
            self._connection.register("incoming", batch)
            self._connection.execute("INSERT INTO record FROM incoming")
        self._connection.unregister("incoming")

    def repeated(self) -> int:
        """How many records have the ref of another one."""
        return int(self._one(_TWICE))

    def size(self) -> int:
        """How many records there are."""
        return int(self._one("SELECT count(*) FROM record"))

    def filled(self, columns: Iterable[str]) -> list[str]:
        """Those of the columns that some record has."""
        return [name for name in columns if self._connection.table("record").count(name).fetchall()[0][0]]

    def compared(self, columns: tuple[str, ...]) -> Any:
        """The records' ids and these columns, as Splink takes them."""
        chosen = self._connection.table("record").select(ID, *columns)
        return self._api.register(chosen.create_view(self._new("compared")).alias)

    def agree(self, columns: tuple[str, ...]) -> bool:
        """Whether any two records have the same in all of these columns."""
        known = self._connection.table("record").filter(" AND ".join(f"{name} IS NOT NULL" for name in columns))
        return bool(known.aggregate("count(*) AS many", ", ".join(columns)).filter("many > 1").limit(1).fetchall())

    def candidates(self, most: int) -> Any:
        """Every two records that share a key which at most so many have."""
        self._connection.execute(_CANDIDATES, {"most": most})
        return self._api.register("candidate", dataset_display_name=self._new("candidates"))

    def judged(self, scored: Any, judging: Batches) -> Iterator[Any]:
        """Splink's scored pairs, judged batch by batch."""
        scored.as_duckdbpyrelation().create_view("scored", replace=True)
        return judging(self._connection.sql(_BOTH).to_arrow_reader(ROWS_AT_ONCE))

    def records(self, refs: Collection[str]) -> dict[str, str]:
        """The packed records of these refs."""
        return dict(self._connection.execute(_RECORDS, {"refs": list(refs)}).fetchall())

    def _new(self, name: str) -> str:
        """Splink takes each name once."""
        self._names += 1
        return f"{name}_{self._names}"

    def _one(self, sql: str) -> Any:
        return self._connection.execute(sql).fetchall()[0][0]
