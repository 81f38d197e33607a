"""Tests of `pipeline/sources/x_archive`."""
