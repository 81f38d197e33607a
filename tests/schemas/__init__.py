"""Tests of `pipeline/schemas`."""
