"""The Dagster UI on this machine: its processes, and the guard that decides which requests reach it."""
