"""Finding damage and repairing it: verify, clean up, repair the lake, rebuild everything from the lake."""
