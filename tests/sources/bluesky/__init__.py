"""Tests of `pipeline/sources/bluesky`."""
