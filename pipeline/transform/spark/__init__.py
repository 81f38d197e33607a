"""The models over posts and readings built by Apache Spark, where TWEETBENCH_ENGINE says so.

Spark works in a process and, if wanted, an environment of its own: `build` starts it and takes its tables, `driver` is
what runs there, `session` is Spark itself. Nothing else in `pipeline` imports Spark. What the models say belongs to
dbt_project, how their tables come into DuckDB to dbt_project/macros/engine_tables.sql.
"""
