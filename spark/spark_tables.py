"""A local Spark over the lake: its session, and the raw tables and seeds that the models start from.

Runs in the check's own environment (requirements.txt). What the models are belongs to dbt_project, how Python models
run to `spark_python`, whether the result is right to `spark_compare`.
"""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import yaml
from pyspark.sql import SparkSession
from pyspark.sql import functions as sql
from pyspark.sql.pandas.types import from_arrow_schema

from pipeline.lake import Lake
from pipeline.schemas import TABLES

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    # A demo is small and its queries are many: few tasks, and none of the compiling that pays on large data only.
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    # A task for each of hundreds of small files only to learn their sizes takes longer than reading them.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.ansi.enabled": "true",
    # A backslash in a pattern is one, as in DuckDB.
    "spark.sql.parser.escapedStringLiterals": "true",
    # The one kind of timestamp in Parquet files that every reader takes for UTC.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}


def start_session(home: Path, memory: str = "3g", threads: int = 2) -> SparkSession:
    """A Spark session in this process that keeps its tables under `home` and listens on loopback only."""
    builder = SparkSession.builder.master(f"local[{threads}]").config("spark.driver.memory", memory)
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    builder = builder.config("spark.sql.warehouse.dir", str(home / "warehouse"))
    session = builder.config("spark.local.dir", str(home / "shuffle")).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.udf.register("nfc_normalize", text_composer(), "string")
    return session


def text_composer() -> Callable[[str | None], str | None]:
    """A function for texts in composed characters, which Spark has none for.

    It is made in here because Spark's workers cannot import this module: such a function travels as a whole.
    """

    def composed(text: str | None) -> str | None:
        return None if text is None else unicodedata.normalize("NFC", text)

    return composed


def load_raw(session: SparkSession, lake: Lake) -> dict[str, int]:
    """Tables `raw.*` of the rows that the lake's manifest counts, read by Spark itself; rows by table."""
    session.sql("create database if not exists raw")
    counts = {}
    for name, schema in TABLES.items():
        frame = session.createDataFrame([], from_arrow_schema(schema)).withColumn("lake_sequence", sql.lit(0))
        files = list(lake.files(name))
        if files:
            for _, file in files:
                lake.read_file(file)  # its bytes are those of the manifest, or an error that says so
            named = {"lake_file": [Path(file.path).name for _, file in files]}
            sequences = pa.table({**named, "lake_sequence": [commit.sequence for commit, _ in files]})
            paths = [str(lake.root / file.path) for _, file in files]
            rows = session.read.schema(from_arrow_schema(schema)).parquet(*paths)
            rows = rows.withColumn("lake_file", sql.col("_metadata.file_name"))
            frame = rows.join(sql.broadcast(session.createDataFrame(sequences)), "lake_file").drop("lake_file")
        frame.write.mode("overwrite").saveAsTable(f"raw.{name}")
        counts[name] = session.table(f"raw.{name}").count()
        expected = sum(file.row_count for _, file in files)
        if counts[name] != expected:
            raise RuntimeError(f"raw.{name} has {counts[name]} rows in Spark, the manifest counts {expected}")
    return counts


def load_seeds(session: SparkSession, folder: Path) -> list[str]:
    """Tables `seeds.*` with the types that the project gives them; dbt-spark's own loader cannot quote their texts."""
    session.sql("create database if not exists seeds")
    types = seed_types(folder)
    for name, columns in types.items():
        table = read_seed(folder / f"{name}.csv", columns)
        session.createDataFrame(table).write.mode("overwrite").saveAsTable(f"seeds.{name}")
    return sorted(types)


def seed_types(folder: Path) -> dict[str, dict[str, str]]:
    """Types of the columns of every seed, from its description."""
    documents = [yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.yml"))]
    seeds = [seed for document in documents for seed in document.get("seeds", [])]
    return {seed["name"]: seed.get("config", {}).get("column_types", {}) for seed in seeds}


def read_seed(path: Path, types: dict[str, str]) -> pa.Table:
    """Rows of a seed; an empty cell is null."""
    with duckdb.connect() as connection:
        return connection.execute("from read_csv(?, header = true, types = ?)", [str(path), types]).to_arrow_table()
