"""Reading a file from a person: which source it belongs to, and its parser at arm's length in a process of its own.

Knows every source and no lake: the child that reads a hostile file loads nothing that can write. What becomes of the
rows belongs to `ingest`, what a file means to its source.
"""
