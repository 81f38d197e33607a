"""Tests of `pipeline/sources/survey`."""
