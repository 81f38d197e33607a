"""Everything that Dagster shows, for its own servers: `dagster dev -m tweetbench.definitions`."""

from pipeline.definitions import defs as defs
