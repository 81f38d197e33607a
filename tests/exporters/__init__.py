"""Exports with known truth: seeded generators write what a tool would export, a judge compares what is read with it.

The generators are written from the tools' formats and know nothing of how tweetbench reads. `python -m
tests.exporters.soak --seconds 60` draws new seeds, the tests next to this file a fixed few.
"""
