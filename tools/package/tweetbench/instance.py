"""What dagster.yaml names: Dagster's own servers know an installed tweetbench by this package alone."""

from pipeline.orchestration.instance.compute_logs import QuietComputeLogManager as QuietComputeLogManager
from pipeline.orchestration.instance.event_storage import KeptEventLogStorage as KeptEventLogStorage
