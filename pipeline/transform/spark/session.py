"""Spark itself: its session, and the raw tables and seeds that the models start from.

Needs PySpark, so only `driver` imports it. What the models are belongs to dbt_project.
"""

import os
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from pipeline.schemas import TABLES

# Without these the models would mean something else.
MEANING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # A backslash in a pattern is one, as in DuckDB.
    "spark.sql.parser.escapedStringLiterals": "true",
    # The one kind of timestamp in Parquet files that every reader takes for UTC.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # A worker that is lost while it writes leaves nothing in a table.
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",
}
# What a spark-defaults.conf (SPARK_CONF_DIR) may say otherwise.
DEFAULTS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.adaptive.enabled": "true",
    # A task for each of hundreds of small files only to learn their sizes takes longer than reading them.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
}
# A small lake makes many small queries: few tasks, and none of the compiling that pays on large data only.
FEW_ROWS = 2_000_000
DEFAULTS_OF_FEW_ROWS = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
LOOPBACK = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}


def start_session(folder: Path, master: str, rows: int) -> Any:
    """A Spark session in this process on a master, for a lake of so many rows; its tables are kept in the folder.

    A master on this machine, or none, gets a driver that listens on loopback only.
    """
    from pyspark.sql import SparkSession

    given = read_defaults()
    settings = {**DEFAULTS, **(DEFAULTS_OF_FEW_ROWS if rows < FEW_ROWS else {})}
    settings["spark.driver.memory"] = "3g"
    if master.startswith("local") or "//127.0.0.1:" in master or "//localhost:" in master:
        settings |= LOOPBACK
    settings = {name: value for name, value in settings.items() if name not in given} | MEANING
    settings["spark.sql.warehouse.dir"] = str(folder / "warehouse")
    settings["spark.local.dir"] = str(folder / "shuffle")
    builder = SparkSession.builder.master(master).appName("tweetbench")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.udf.register("nfc_normalize", text_composer(), "string")
    return session


def read_defaults() -> set[str]:
    """Names of the settings that a spark-defaults.conf makes."""
    file = Path(os.environ.get("SPARK_CONF_DIR", "/nonexistent")) / "spark-defaults.conf"
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return {line.replace("=", " ", 1).split()[0] for line in lines if line.strip() and not line.startswith("#")}


def text_composer() -> Callable[[str | None], str | None]:
    """A function for texts in composed characters, which Spark has none for.

    It is made in here because Spark's workers cannot import this module: such a function travels as a whole.
    """

    def composed(text: str | None) -> str | None:
        return None if text is None else unicodedata.normalize("NFC", text)

    return composed


def load_raw(session: Any, raw: Mapping[str, Sequence[tuple[str, int, int]]]) -> dict[str, int]:
    """Tables `raw.*` of the given files, each as path, sequence of its commit and rows; rows by table.

    Raises:
        RuntimeError: Spark reads other rows than the lake's manifest counts.
    """
    from pyspark.sql import functions as sql
    from pyspark.sql.pandas.types import from_arrow_schema

    session.sql("create database if not exists raw")
    counts = {}
    for name, files in raw.items():
        schema = from_arrow_schema(TABLES[name])
        frame = session.createDataFrame([], schema).withColumn("lake_sequence", sql.lit(0).cast("bigint"))
        if files:
            paths = [path for path, _, _ in files]
            named = {"lake_file": [Path(path).name for path in paths]}
            sequences = pa.table({**named, "lake_sequence": [sequence for _, sequence, _ in files]})
            # A bracket in a path is one, not a pattern.
            reader = session.read.schema(schema).option("__globPaths__", "false")
            rows = reader.parquet(*paths).withColumn("lake_file", sql.col("_metadata.file_name"))
            frame = rows.join(sql.broadcast(session.createDataFrame(sequences)), "lake_file").drop("lake_file")
        frame.write.mode("overwrite").saveAsTable(f"raw.{name}")
        counts[name] = session.table(f"raw.{name}").count()
        expected = sum(count for _, _, count in files)
        if counts[name] != expected:
            raise RuntimeError(f"raw.{name} has {counts[name]} rows in Spark, the manifest counts {expected}")
    return counts


def load_seeds(session: Any, folder: Path, names: Collection[str] = ()) -> None:
    """Tables `seeds.*` with the types that the project gives them, all or those named.

    dbt-spark's own loader cannot quote their texts.
    """
    session.sql("create database if not exists seeds")
    for name, columns in seed_types(folder).items():
        if name in names or not names:
            table = read_seed(folder / f"{name}.csv", columns)
            session.createDataFrame(table).write.mode("overwrite").saveAsTable(f"seeds.{name}")


def seed_types(folder: Path) -> dict[str, dict[str, str]]:
    """Types of the columns of every seed, from its description."""
    documents = [yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.yml"))]
    seeds = [seed for document in documents for seed in document.get("seeds", [])]
    return {seed["name"]: seed.get("config", {}).get("column_types", {}) for seed in seeds}


def read_seed(path: Path, types: dict[str, str]) -> pa.Table:
    """Rows of a seed; an empty cell is null."""
    with duckdb.connect() as connection:
        return connection.execute("from read_csv(?, header = true, types = ?)", [str(path), types]).to_arrow_table()


def costs(session: Any) -> dict[str, float]:
    """What the executors have spent so far: seconds of their tasks, bytes that they wrote for one another."""
    executors = session.sparkContext._jsc.sc().statusStore().executorList(False)
    found = [executors.apply(number) for number in range(executors.size())]
    return {
        "task_seconds": round(sum(one.totalDuration() for one in found) / 1000, 1),
        "shuffle_bytes": sum(one.totalShuffleWrite() for one in found),
    }
