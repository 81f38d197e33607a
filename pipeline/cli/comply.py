"""`tweetbench comply`: erases what the platform has removed, everywhere, with a receipt."""

import uuid
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import err, say, say_json
from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.clock import utc_now
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from pipeline.comply.request import Wanted
    from pipeline.comply.sweep import Receipt


def comply(
    post_id: Annotated[list[str] | None, typer.Option(help="Erase this post; repeat for more")] = None,
    account_id: Annotated[list[str] | None, typer.Option(help="Erase this account and its posts; repeat")] = None,
    file: Annotated[Path | None, typer.Option(help="Ids, one per line, or X's batch compliance response")] = None,
    accounts: Annotated[bool, typer.Option("--accounts", help="The ids in the file are accounts, not posts")] = False,
    probe: Annotated[bool, typer.Option("--probe", help="Look up everything stored; X costs money")] = False,
    max_usd: Annotated[float | None, typer.Option(min=0, help="Most that the probe may cost, in US dollars")] = None,
    delete_files: Annotated[
        bool,
        typer.Option(
            "--delete-files", help="Delete packed files (ZIP, workbook) in inbox/ and quarantine/ that contain it"
        ),
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Say what would be erased; erase nothing")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the receipt as JSON")] = False,
) -> None:
    """Erase removed, protected, suspended and withheld content from lake, warehouse, every published version and logs.

    Without ids it erases what earlier readings have shown to be gone; that needs no request. Counts and account-level
    figures stay. The receipt in receipts/ lists by id what was erased and where.

    Examples:

      tweetbench comply --check

      tweetbench comply --post-id 1849990000000000001

      tweetbench comply --file compliance_results.jsonl

      tweetbench comply --probe --max-usd 2
    """
    settings = load_settings()
    settings.make_folders()
    wanted = _named(post_id or [], account_id or [], file, are_accounts=accounts)
    now = utc_now()
    with hold_lease(settings, purpose="comply", now=now, without_readers=True):
        if probe:
            wanted = wanted.and_also(_probe(settings, max_usd, is_check=check))
        if not (wanted or post_id or account_id or file):
            from pipeline.comply.lake_removals import known_removals
            from pipeline.lake.opening import open_lake

            wanted = wanted.and_also(known_removals(open_lake(settings)))
        if check:
            _show_stock(settings, wanted, json_output=json_output)
        else:
            _show(_erase(settings, wanted, delete_files=delete_files), settings, json_output=json_output)
    if wanted.unusable:
        raise TweetbenchError(
            f"{len(wanted.unusable)} lines could not be used; the others were erased",
            where=f"{file}: {', '.join(wanted.unusable[:10])}",
            why="a line must be an id, post:ID, account:ID or an object of X's compliance response",
            next_step="correct these lines, then repeat",
        )


def _named(posts: list[str], accounts: list[str], file: Path | None, *, are_accounts: bool) -> "Wanted":
    from pipeline.comply.request import read_ids, read_lines

    wanted = read_ids(posts, accounts)
    if wanted.unusable:
        raise TweetbenchError(
            "an id is not valid",
            why="an id is a number of up to 20 digits on X, a DID or at:// address on Bluesky, host/id on Mastodon",
            next_step="tweetbench comply --help",
            exit_code=Exit.USAGE,
        )
    if file is None:
        return wanted
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        what = f"the file cannot be read: {error.strerror}"
        raise TweetbenchError(what, where=str(file), exit_code=Exit.USAGE) from error
    return wanted.and_also(read_lines(text.splitlines(), are_accounts=are_accounts))


def _probe(settings: Settings, max_usd: float | None, *, is_check: bool) -> "Wanted":
    """What the platforms no longer show; the answers land in the lake like those of any reading."""
    from pipeline import sources
    from pipeline.comply.lake_removals import served_posts, stored_accounts
    from pipeline.comply.probe import ask
    from pipeline.comply.request import Wanted
    from pipeline.comply.sweep import lift
    from pipeline.lake.opening import open_lake

    if max_usd is not None:
        settings = settings.model_copy(update={"max_usd_per_run": max_usd})
    asked = [source for source in sources.API_SOURCES if source.is_configured(settings)]
    if not asked:
        steps = " or ".join(source.SETUP for source in sources.API_SOURCES)
        raise TweetbenchError(
            "reading from a platform needs a token",
            where="environment or .env",
            next_step=f"{steps}, or name the ids: tweetbench comply --file FILE",
            exit_code=Exit.AUTHENTICATION,
        )
    wanted, run_id, lake = Wanted(), f"comply-{uuid.uuid4().hex[:12]}", open_lake(settings)
    for source in sources.API_SOURCES:
        if source not in asked:
            stored = len(served_posts(lake, source.NAME)) + len(stored_accounts(lake, source.NAME))
            if stored:
                err.print(
                    f"{stored:,} stored accounts and posts of {source.PLATFORM_NAME} were not looked up: {source.SETUP}"
                )
            continue
        done = ask(source, settings, lake, run_id=run_id, now=utc_now())
        lifted = 0 if is_check else lift(settings, posts=done.served_posts, accounts=done.served_accounts)
        err.print(f"looked up {done.asked_count:,} accounts and posts on {source.PLATFORM_NAME} ({done.usd:.3f} USD)")
        if done.unasked_count:
            err.print(
                f"{done.unasked_count:,} were not looked up ({done.partial_reason or 'a request failed'}): repeat"
            )
        if lifted:
            err.print(f"{lifted:,} are available again; the next run reads them")
        wanted = wanted.and_also(Wanted(done.gone_posts, done.gone_accounts))
    return wanted


def _erase(settings: Settings, wanted: "Wanted", *, delete_files: bool) -> "Receipt":
    from pipeline.comply.sweep import erase
    from pipeline.maintain.rebuild import build_marts, rebuild

    run_id = str(uuid.uuid4())

    def republish() -> int:
        err.print("rebuilding the warehouse from the clean lake; this takes about as long as a first run")
        with (settings.dagster_dir / "last_rebuild.log").open("w", encoding="utf-8") as log, redirect_stdout(log):
            return rebuild(settings, run_id=run_id, now=utc_now(), build_marts=build_marts).published.version

    return erase(settings, wanted, run_id=run_id, now=utc_now(), republish=republish, delete_files=delete_files)


def _show_stock(settings: Settings, wanted: "Wanted", *, json_output: bool) -> None:
    from pipeline.comply.sweep import stock_of

    held = stock_of(settings, wanted)
    rows = dict(sorted(held.row_counts.items()))
    if json_output:
        say_json({"posts": len(wanted.posts), "accounts": len(wanted.accounts), "rows_by_table": rows})
        return
    say(f"{len(wanted.posts):,} posts and {len(wanted.accounts):,} accounts would be erased; nothing was erased")
    for table, count in rows.items():
        say(f"  {table:<16} {count:,} rows affected")
    say("next: the same command without --check")


def _show(receipt: "Receipt", settings: Settings, *, json_output: bool) -> None:
    path = settings.receipts_dir / f"{receipt.receipt}.json"
    if json_output:
        say_json(asdict(receipt))
    else:
        rows = sum(receipt.rows_by_table.values())
        say(f"erased {len(receipt.posts):,} posts and {len(receipt.accounts):,} accounts from {rows:,} lake rows")
        say(f"  lake files rewritten      {len(receipt.lake_files_replaced):,}")
        say(f"  versions removed          {', '.join(receipt.versions_removed) or 'none'}")
        searched, needles = receipt.proof["searched_byte_count"] / 1e6, receipt.proof["needle_count"]
        say(f"  searched afterwards       {searched:,.1f} MB, unpacked, for {needles:,} texts")
        say(f"  receipt                   {path}")
        for place in receipt.copies.get("left", []):
            say(f"  left for you to delete    {place}")
    if not receipt.is_clean:
        raise TweetbenchError(
            "erased text was still found",
            where=", ".join(receipt.proof["found_in"][:5]),
            why="the search after the erasure reads every file",
            next_step=f"delete these files; {path} says what each contains",
        )
