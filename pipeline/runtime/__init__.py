"""What any process here needs, whatever the data: clock, files, failpoints, interrupts, processes, redaction, lease.

Knows settings and errors and nothing of tables, sources or dbt. A module belongs here if another project could take it
as it is.
"""
