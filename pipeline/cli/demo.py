"""`tweetbench demo`: the whole flow on an invented world, in a data folder of its own."""

import time
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from pipeline.cli.console import say, typed_command
from pipeline.cli.desktop import show_page
from pipeline.cli.progress import shown_progress
from pipeline.cli.run import show_published
from pipeline.errors import TweetbenchError
from pipeline.runtime.files import remove_folder
from pipeline.settings import Settings, load_settings


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", help="Data folder of the demo; an earlier demo in it is replaced")
    ] = Path("data/demo"),
    opens: Annotated[bool, typer.Option("--open/--no-open", help="Open the report where there is a desktop")] = True,
) -> None:
    """Read an invented world of businesses through real HTTP, and publish it. Needs no token and no network.

    Takes two minutes. Your own settings, tokens and data have no part in it.

    Examples:

      tweetbench demo

      tweetbench demo --folder /tmp/demo --no-open
    """
    from pipeline.simulate.demo import TOKEN, run_demo
    from pipeline.simulate.world import World

    started = time.monotonic()
    settings = load_settings(
        _env_file=None,
        data_dir=folder,
        is_demo=True,
        lake_url=None,
        engine="duckdb",
        settle_seconds=0,
        x_bearer_token=SecretStr(TOKEN),
        x_access_token=None,
    )
    _make_room(settings)
    run_demo(settings, World(), say=say, shown_progress=shown_progress)
    show_published(settings)
    say("what brought no data does so on purpose: accounts of the demo's world were suspended, moved or closed")
    own = typed_command(settings.model_copy(update={"is_demo": False}))
    say(f"\nthe whole demo took {time.monotonic() - started:.0f} s; its data folder is {settings.data_dir}")
    say(f"to start with your own data:  {own} init")
    page = settings.published_file.parent / "report" / "index.html"
    is_shown = opens and show_page(page)
    say(f"\nthe report {'opens in your browser' if is_shown else 'is one page that opens in any browser'}:\n  {page}")


def _make_room(settings: Settings) -> None:
    """An empty data folder, marked as a demo; only another demo is ever replaced.

    Raises:
        TweetbenchError: the folder holds something else.
    """
    if settings.data_dir.exists() and any(settings.data_dir.iterdir()):
        if not settings.demo_mark.exists():
            raise TweetbenchError(
                "this folder holds something else than a demo",
                where=str(settings.data_dir),
                why="the demo starts from nothing: it would remove what is there",
                next_step="tweetbench demo --folder FOLDER   (a new or empty one)",
            )
        remove_folder(settings.data_dir)
    settings.make_folders()
    settings.demo_mark.write_text("Everything in this folder is invented.\n", encoding="utf-8")
