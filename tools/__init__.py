"""What writes files of the repository from its own code: never shipped, never imported by `pipeline`."""
