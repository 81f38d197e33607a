"""tweetbench: extract account and post data to Parquet, load it into DuckDB, model it with dbt, publish it."""

__version__ = "0.1.0"
