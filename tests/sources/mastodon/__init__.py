"""Tests of `pipeline/sources/mastodon`."""
