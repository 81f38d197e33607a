"""What any process here needs, whatever the data: clock, files, failpoints, interrupts, processes, redaction, lease."""
