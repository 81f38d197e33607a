"""Everything that knows Dagster, and nothing else: assets, checks, schedule, sensor.

Asset bodies call the plain functions of `pipeline` and report what they did; logic belongs there, not here.
"""
