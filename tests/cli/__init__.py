"""Tests of `pipeline/cli`."""
