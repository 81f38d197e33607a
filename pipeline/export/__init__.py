"""The published marts in other forms: workbooks, CSV and Parquet files, PostgreSQL.

Everything here reads the published version and nothing else; what a mart means belongs to dbt, how a version is made
to `pipeline.publish`.
"""
