"""Statistics that SQL should not do: pure functions on numpy arrays and pyarrow tables, importable without Dagster.

Here: panel regression, proportions, survival, relative importance, tests for several modes, survey estimation.
Not here: reading or writing files, settings, orchestration, and anything a dbt model can express in SQL.
"""
