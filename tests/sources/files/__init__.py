"""Tests of `pipeline/sources/files`."""
