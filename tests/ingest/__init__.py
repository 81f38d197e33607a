"""Tests of `pipeline/ingest`."""
