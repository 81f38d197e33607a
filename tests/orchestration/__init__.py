"""Tests of `pipeline/orchestration`."""
