"""Tests of `pipeline/sources/link_clicks`."""
