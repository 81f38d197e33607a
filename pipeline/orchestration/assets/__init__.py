"""The assets and their metadata, one module for each stage: extract, load, dbt build, publish."""
