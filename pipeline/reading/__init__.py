"""Reading a file from a person: which source it belongs to, and its parser at arm's length in a process of its own."""
