"""The `tweetbench` command: one module for each group of commands; texts for people, exit codes for machines.

The only package that writes to a terminal. What a command does belongs to the packages below; Dagster and dbt take
seconds to import, so commands that need them import them when they are called.
"""
