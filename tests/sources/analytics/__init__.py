"""Tests of `pipeline/sources/analytics`."""
