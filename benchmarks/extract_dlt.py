"""dlt's way from recorded pages to Parquet, run by the Python of its own environment; called as `extract_contenders`.

`dlt_dict` yields the posts of each page as dictionaries, as its REST sources do; `dlt_arrow` yields Arrow tables that
pyarrow's JSON reader made of blocks of the same pages.
"""

import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BLOCK_PAGES = 20


def load(pages: Path, folder: Path, posts: Any) -> None:
    """One pipeline run into Parquet files below the folder."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt

    resource = dlt.resource(posts(pages), name="posts", write_disposition="append")
    target = dlt.destinations.filesystem(bucket_url=str(folder))
    pipeline = dlt.pipeline("pages", destination=target, dataset_name="bench", pipelines_dir=str(folder / "_work"))
    pipeline.run(resource, loader_file_format="parquet")


def read_dicts(pages: Path) -> Iterator[list[dict[str, Any]]]:
    with pages.open("rb") as stream:
        for line in stream:
            yield json.loads(line)["data"]


def read_tables(pages: Path) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import json as arrow_json

    with pages.open("rb") as stream:
        while block := b"".join(stream.readline() for _ in range(BLOCK_PAGES)):
            options = arrow_json.ReadOptions(block_size=2 * len(block))
            table = arrow_json.read_json(io.BytesIO(block), read_options=options)
            yield pa.Table.from_struct_array(table["data"].combine_chunks().flatten()).flatten()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from extract_contenders import report

    way = {"dlt_dict": read_dicts, "dlt_arrow": read_tables}[sys.argv[1]]
    report(lambda pages, folder: load(pages, folder, way))
