"""Tests of `pipeline/sources/profile_snapshots`."""
