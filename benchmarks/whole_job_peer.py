"""The set-up that a user would build instead: dlt reads the API into DuckDB, dagster-dbt's resource builds, Dagster's
default executor runs it. Loaded by `dagster job execute` in an environment of its own; called as `whole_job`.

The environment has dlt; Dagster, dbt and this project are those of the environment that measures. JOB_WAY is `dicts`,
the default of dlt's REST sources, or `arrow`: pages decoded by pyarrow and loaded as tables.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import dlt
import duckdb
from dagster_dbt import DbtCliResource, dbt_assets
from dlt.sources.helpers import requests
from dlt.sources.rest_api import rest_api_resources

from pipeline.settings import Settings
from pipeline.sources.x_api.session import POST_FIELDS, USER_FIELDS
from pipeline.transform.fingerprint import DBT_DIR
from pipeline.transform.project import dbt_environment, dbt_locations
from pipeline.warehouse.raw_tables import create_raw_tables

SETTINGS = Settings(_env_file=None)
BASE_URL, TOKEN = os.environ["JOB_BASE_URL"], os.environ["JOB_TOKEN"]
WAY, NOW = os.environ["JOB_WAY"], os.environ["JOB_NOW"]
IDS = os.environ["JOB_IDS"].split(",")
PAGE = 100

ORIGIN = f"'x' as platform, 'x_api' as source, timestamptz '{NOW}' as captured_at, 'peer' as run_id, 1 as lake_sequence"
# From dlt's columns to what the models read; lists and references are left out.
TABLES = {
    "accounts": """
        select id::varchar as account_id, username as handle, name, created_at::timestamptz as created_at, description,
            location, public_metrics__followers_count as follower_count, 'active' as status,
            public_metrics__following_count as following_count, public_metrics__tweet_count as post_count, ORIGIN
        from pages.users""",
    "posts": """
        select id::varchar as post_id, author_id::varchar as account_id, created_at::timestamptz as created_at,
            created_at::timestamptz::date as created_date, text, lang, conversation_id::varchar as conversation_id,
            case when text like 'RT @%' then 'repost' when in_reply_to_user_id = author_id then 'self_reply'
                when in_reply_to_user_id is not null then 'reply' else 'original' end as post_kind,
            'available' as availability, ORIGIN
        from pages.tweets""",
    "post_metrics": """
        select id::varchar as post_id, author_id::varchar as account_id, 'public' as metric_scope,
            public_metrics__retweet_count as repost_count, public_metrics__impression_count as impression_count,
            public_metrics__like_count as like_count, public_metrics__reply_count as reply_count,
            public_metrics__quote_count as quote_count, public_metrics__bookmark_count as bookmark_count, ORIGIN
        from pages.tweets""",
}


def read_rest() -> list[Any]:
    """Users by a hundred ids, and a timeline for each, as dlt's REST source reads them: dictionaries."""
    timeline = {
        "path": "2/users/{resources.users.id}/tweets",
        "params": {"max_results": PAGE, "tweet.fields": ",".join(POST_FIELDS)},
        "data_selector": "data",
        "paginator": {"type": "cursor", "cursor_path": "meta.next_token", "cursor_param": "pagination_token"},
    }
    config: Any = {
        "client": {"base_url": BASE_URL, "auth": {"type": "bearer", "token": TOKEN}},
        "resources": [
            {
                "name": "users",
                "endpoint": {
                    "path": "2/users",
                    "params": {"ids": ",".join(IDS), "user.fields": ",".join(USER_FIELDS)},
                    "data_selector": "data",
                    "paginator": "single_page",
                },
            },
            {"name": "tweets", "endpoint": timeline},
        ],
    }
    return list(rest_api_resources(config))


def read_tables() -> Iterator[Any]:
    """The same pages as Arrow tables."""
    headers = {"Authorization": f"Bearer {TOKEN}"}

    def table_of(body: bytes) -> Any:
        from pyarrow import Table, json

        read = json.read_json(io.BytesIO(body), read_options=json.ReadOptions(block_size=2 * len(body)))
        flat = Table.from_struct_array(read["data"].combine_chunks().flatten()).flatten().flatten()
        return flat.rename_columns([name.replace(".", "__") for name in flat.column_names])

    def get(path: str, **parameters: Any) -> Any:
        return requests.get(f"{BASE_URL}/{path}", params=parameters, headers=headers)

    def users() -> Iterator[Any]:
        yield table_of(get("2/users", ids=",".join(IDS), **{"user.fields": ",".join(USER_FIELDS)}).content)

    def tweets() -> Iterator[Any]:
        from pyarrow import concat_tables

        pages = []
        for account in IDS:
            more: dict[str, str] = {}
            while True:
                fields = {"max_results": PAGE, "tweet.fields": ",".join(POST_FIELDS), **more}
                answer = get(f"2/users/{account}/tweets", **fields)
                body = answer.json()
                if body.get("data"):
                    pages.append(table_of(answer.content))
                if "next_token" not in body.get("meta", {}):
                    break
                more = {"pagination_token": body["meta"]["next_token"]}
        # A page without a link or a reply lacks that column, and dlt refuses Arrow tables that differ.
        yield concat_tables(pages, promote_options="permissive")

    yield from (dlt.resource(users, name="users"), dlt.resource(tweets, name="tweets"))


@dg.asset(key=["pages"])
def pages() -> None:
    """Pages into schema `pages` of the warehouse."""
    SETTINGS.warehouse_file.parent.mkdir(parents=True, exist_ok=True)
    pipeline = dlt.pipeline(
        "whole_job",
        destination=dlt.destinations.duckdb(str(SETTINGS.warehouse_file)),
        dataset_name="pages",
        pipelines_dir=str(SETTINGS.data_dir / "dlt"),
    )
    pipeline.run(read_rest() if WAY == "dicts" else list(read_tables()))


@dg.asset(key=["tables"], deps=[pages])
def tables() -> None:
    """The columns that the models read."""
    with duckdb.connect(str(SETTINGS.warehouse_file)) as connection:
        connection.execute("set timezone = 'UTC'")
        create_raw_tables(connection)
        for name, query in TABLES.items():
            connection.execute(f"insert into raw.{name} by name {query.replace('ORIGIN', ORIGIN)}")


MANIFEST = Path(os.environ["JOB_MANIFEST"])
os.environ.update(dbt_environment(SETTINGS))


@dbt_assets(manifest=MANIFEST)
def models(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Every model of the project."""
    arguments = ["build", "--full-refresh", "--exclude-resource-type", "unit_test", *dbt_locations(SETTINGS)[4:6]]
    yield from dbt.cli(arguments, context=context).stream()


def after_tables(specification: dg.AssetSpec) -> dg.AssetSpec:
    """Seeds and staging wait for the raw tables; the rest follows from them."""
    return specification.merge_attributes(deps=[dg.AssetKey(["tables"])])


DBT = DbtCliResource(project_dir=str(DBT_DIR), profiles_dir=str(DBT_DIR))
defs = dg.Definitions(
    assets=[pages, tables, *dg.map_asset_specs(after_tables, [models])],
    jobs=[dg.define_asset_job("whole_job", selection=dg.AssetSelection.all())],
    resources={"dbt": DBT},
)
