"""Tests of `pipeline/reading/sandbox`."""
