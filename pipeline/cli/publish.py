"""`tweetbench publish`: copies the published version to a database server."""

from typing import Annotated

import typer

from pipeline.cli.console import err, say, say_json
from pipeline.errors import Exit, TweetbenchError
from pipeline.settings import Settings, load_settings


def publish(
    to: Annotated[
        str | None, typer.Option("--to", help="postgresql://user@host/database; default: TWEETBENCH_POSTGRES_URL")
    ] = None,
    schema: Annotated[str, typer.Option(help="Schema that is replaced as a whole")] = "marts",
    grant: Annotated[
        list[str] | None, typer.Option("--grant", help="Role that may read the marts; repeat for more")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for readers to finish their queries")] = 60.0,
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON")] = False,
) -> None:
    """Copy the published marts to PostgreSQL, for tools that need a server.

    Readers there see the previous or the new version, never a part. Roles that could read still can. Publishing on this
    machine is part of `tweetbench run`.

    Examples:

      tweetbench publish --to postgresql://tweetbench@db.example.com/analytics --grant analysts

      TWEETBENCH_POSTGRES_URL=postgresql://tweetbench:...@db.example.com/analytics tweetbench publish
    """
    settings = load_settings()
    url = _address(settings, to)
    # The driver is an optional extra: without it every other command works.
    from pipeline.publish.postgres import copy_to_postgres, has_password

    if to and has_password(to):
        err.print(
            "note: other users of this machine can see a password on the command line; put the address into "
            "TWEETBENCH_POSTGRES_URL in .env, or the password into ~/.pgpass"
        )
    done = copy_to_postgres(settings, url, schema=schema, readers=grant or [], wait_seconds=wait)
    if json_output:
        say_json(
            {"server": done.server, "schema": schema, "version": done.version, "rows": done.rows, "notes": done.notes}
        )
        return
    total = sum(done.rows.values())
    say(f"{done.server}, schema {schema}: version {done.version}, {len(done.rows)} marts, {total:,} rows")
    if done.is_demo:
        say("DEMO: all data is synthetic")
    for note in done.notes:
        say(f"note: {note}")


def _address(settings: Settings, to: str | None) -> str:
    url = to or (settings.postgres_url.get_secret_value() if settings.postgres_url else "")
    if not url:
        raise TweetbenchError(
            "no database address was given",
            why="publishing on this machine is part of every run; this command copies the marts to a server",
            next_step="tweetbench publish --to postgresql://user@host/database",
            exit_code=Exit.USAGE,
        )
    if not url.startswith(("postgresql://", "postgres://")):
        raise TweetbenchError(
            "this is not the address of a PostgreSQL database",
            where="--to or TWEETBENCH_POSTGRES_URL",
            next_step="tweetbench publish --to postgresql://user@host/database",
            exit_code=Exit.USAGE,
        )
    return url
