"""Tests of `pipeline/warehouse`."""
