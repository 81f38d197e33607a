"""Tests of `pipeline/sources/bitly`."""
