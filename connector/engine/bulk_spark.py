"""The records of one base in Spark: for bases that outgrow one machine. Needs the extra `okoshi[spark]` and Java.

Made by `bulk.py` for one base and closed by it. Records are read, normalised, scored and judged on the cluster, whose
machines need Okoshi installed; judged pairs come to this process, where groups are grown from them.
"""

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from splink import SparkAPI

from connector.engine.bulk_files import chosen, is_parquet
from connector.engine.bulk_model import Dialect
from connector.engine.bulk_rows import ID, JUDGED, Batches, columns_schema
from connector.identity.bulk import Columns
from connector.model.errors import ConfigurationError

# Pairs of records that share a key, once, the lower id first. Splink names the columns.
_CANDIDATES: Final = """
WITH held AS (SELECT unique_id, explode(found_by) AS key FROM record),
shared AS (SELECT key FROM held GROUP BY key HAVING count(*) BETWEEN 2 AND :most)
SELECT DISTINCT '0' AS match_key, one.unique_id AS join_key_l, two.unique_id AS join_key_r
FROM held AS one JOIN shared ON shared.key = one.key
JOIN held AS two ON two.key = one.key AND one.unique_id < two.unique_id
"""
_BOTH: Final = """
SELECT one.record AS left_record, two.record AS right_record, pair.match_probability
FROM scored AS pair JOIN record AS one ON one.unique_id = pair.unique_id_l
JOIN record AS two ON two.unique_id = pair.unique_id_r
"""
_RECORDS: Final = """
SELECT unique_id, record FROM record WHERE unique_id IN (SELECT explode(:refs))
"""
_TWICE: Final = "SELECT count(*) - count(DISTINCT unique_id) AS count FROM record"


class SparkBench:
    """A `bulk_splink.Workbench` on a cluster: the one that the environment names, else all of this machine."""

    dialect: Dialect = "spark"

    def __init__(self) -> None:
        # Else workers on this machine would be another Python, without Okoshi.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        try:
            self._spark = SparkSession.builder.appName("okoshi match bulk").getOrCreate()
        except PySparkException:
            raise ConfigurationError(
                "Spark cannot be started. Is Java 17 or newer installed (JAVA_HOME), and can the cluster be reached "
                "that Spark's own configuration names (spark-defaults.conf, PYSPARK_SUBMIT_ARGS)?"
            ) from None
        self._api = SparkAPI(
            spark_session=self._spark, break_lineage_method="persist", register_udfs_automatically=False
        )
        self._names = 0

    def close(self) -> None:
        """Forgets everything."""
        self._spark.stop()

    def read(self, path: Path, columns: Columns[Any, Any], making: Batches) -> None:
        """Takes in a file, or a folder of them, on the cluster; `making` turns its records into columns."""
        reader = self._spark.read
        # Texts as they are typed; a quote within quotes is written twice, as everywhere but in Spark.
        quoting = {"header": True, "multiLine": True, "escape": '"', "quote": '"'}
        frame = reader.parquet(str(path)) if is_parquet(path) else reader.csv(str(path), **quoting)
        self._keep(frame.select(*chosen(path, frame.columns, columns)), making, columns_schema(columns))

    def load(self, batches: Iterable[Any], making: Batches, schema: Any) -> None:
        """Takes in raw records; `making` turns them into columns."""
        import pyarrow as pa  # noqa: PLC0415 -- only for records that are not read by the cluster itself

        self._keep(self._spark.createDataFrame(pa.Table.from_batches(list(batches))), making, schema)

    def repeated(self) -> int:
        """How many records have the ref of another one."""
        return int(self._spark.sql(_TWICE).collect()[0]["count"])

    def size(self) -> int:
        """How many records there are."""
        return int(self._spark.table("record").count())

    def filled(self, columns: Iterable[str]) -> list[str]:
        """Those of the columns that some record has."""
        names = list(columns)
        counts = self._spark.table("record").selectExpr(*(f"count({name}) AS {name}" for name in names)).collect()[0]
        return [name for name in names if counts[name]]

    def compared(self, columns: tuple[str, ...]) -> Any:
        """The records' ids and these columns, as Splink takes them."""
        chosen_ones = self._spark.table("record").select(ID, *columns)
        return self._api.register(chosen_ones, dataset_display_name=self._new("compared"))

    def agree(self, columns: tuple[str, ...]) -> bool:
        """Whether any two records have the same in all of these columns."""
        known = self._spark.table("record").dropna(subset=list(columns))
        return bool(known.groupBy(*columns).count().filter("count > 1").limit(1).collect())

    def candidates(self, most: int) -> Any:
        """Every two records that share a key which at most so many have."""
        found = self._spark.sql(_CANDIDATES, args={"most": most}).persist()
        return self._api.register(found, dataset_display_name=self._new("candidates"))

    def judged(self, scored: Any, judging: Batches) -> Iterator[Any]:
        """Splink's scored pairs, judged on the cluster."""
        scored.as_spark_dataframe().createOrReplaceTempView("scored")
        told = self._spark.sql(_BOTH).mapInArrow(judging, from_arrow_schema(JUDGED))
        yield from told.toArrow().cast(JUDGED).to_batches()

    def records(self, refs: Collection[str]) -> dict[str, str]:
        """The packed records of these refs."""
        found = self._spark.sql(_RECORDS, args={"refs": list(refs)}) if refs else None
        return {row["unique_id"]: row["record"] for row in found.collect()} if found is not None else {}

    def _keep(self, frame: Any, making: Batches, schema: Any) -> None:
        made = frame.mapInArrow(making, from_arrow_schema(schema)).persist()
        made.createOrReplaceTempView("record")

    def _new(self, name: str) -> str:
        """Splink takes each name once."""
        self._names += 1
        return f"{name}_{self._names}"
