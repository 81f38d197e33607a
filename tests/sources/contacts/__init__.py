"""Tests of `pipeline/sources/contacts`."""
