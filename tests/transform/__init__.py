"""Tests of `pipeline/transform`."""
