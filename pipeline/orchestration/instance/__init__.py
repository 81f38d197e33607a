"""Dagster's own folder in the data folder: settings, event log, step logs, and runs whose process is gone."""
