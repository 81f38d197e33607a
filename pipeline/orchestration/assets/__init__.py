"""The assets and their metadata, one module for each stage: extract, load, dbt build, publish.

An asset calls plain functions of the other packages and reports what they did; logic belongs there.
"""
