"""A run of the X source in a process of its own, to be killed: folder, base URL and run id on the command line."""

import sys
import time
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from pipeline.lake import Lake
from pipeline.sources.x_api import extract
from pipeline.sources.x_api.config import XApiConfig

from .stand import NOW, TOKEN


def main() -> None:
    folder, base_url, run_id, hours = sys.argv[1:]
    extract(
        # Few rows in memory, so that commits fall between the pages and are hit as well.
        XApiConfig(SecretStr(TOKEN), base_url, max_usd=1_000.0, rows_in_memory=250),
        Lake(Path(folder) / "lake"),
        [{"handle": "firm1"}, {"handle": "firm2"}],
        run_id=run_id,
        now=NOW + timedelta(hours=float(hours)),
        sleep=time.sleep,
        monotonic=time.monotonic,
    )


if __name__ == "__main__":
    main()
