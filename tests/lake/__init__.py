"""Tests of `pipeline/lake`."""
