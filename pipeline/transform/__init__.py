"""Running dbt without Dagster: the project and its manifest, a build in this process, and from where it may resume.

What the models say belongs to dbt_project, showing a build as assets to `orchestration`.
"""
