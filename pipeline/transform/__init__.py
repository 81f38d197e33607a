"""Running dbt without Dagster: the project and its manifest, a build in this process, and from where it may resume."""
