"""`tweetbench watch`: adds accounts to accounts.csv and says what their platforms show of them."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import typer

from pipeline import sources
from pipeline.cli.console import say, say_error, say_json, say_table
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.registry import add_accounts, registry_rows
from pipeline.lake.opening import open_lake
from pipeline.report.definitions import label, ratio_style
from pipeline.runtime.clock import utc_now
from pipeline.settings import Settings, load_settings
from pipeline.sources.api.run import ApiRun
from pipeline.sources.files.account_names import recognise_account
from pipeline.sources.files.handles import DID
from pipeline.sources.lake_source import Row

DAYS_OF_A_WEEK = 7
PLATFORM_WORDS = {"x": "X", "bluesky": "Bluesky", "mastodon": "Mastodon"}
COLUMNS = ["platform", "handle", "name", "followers", "following", "style", "posts a week", "created", "accounts.csv"]


@dataclass
class _Account:
    """One account that the person named, and what is known of it so far."""

    asked: str
    platform: str
    handle: str
    shown: Row = field(default_factory=dict)
    note: str = ""
    is_added: bool = False

    def known(self, name: str) -> Any:
        return self.shown.get(name)


def watch(
    handles: Annotated[list[str], typer.Argument(help="Handles or links: @name, name.bsky.social, @name@server")],
    company: Annotated[
        str, typer.Option("--company", help="Business they belong to, on whatever platform; default: its name")
    ] = "",
    own: Annotated[bool, typer.Option("--own", help="They are your own accounts")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON")] = False,
) -> None:
    """Add accounts to accounts.csv and show what their platforms say of them.

    @name is an account on X, @name@server one on Mastodon; a domain such as name.bsky.social, or a DID, one on Bluesky.
    Links to profiles and posts work as well. Bluesky and Mastodon are asked without a key, X only where a token is set.
    An account that is listed already stays as it is; one that does not exist is not added, and the others are.

    Exits with 0 if all are listed; 2 or 65 if a handle cannot be used or does not exist; 69 if a platform did not
    answer and 77 if X refuses the token, with the accounts added all the same.

    Examples:

      tweetbench watch @acme acme.bsky.social @acme@mastodon.social --company Acme

      tweetbench watch https://bsky.app/profile/acme.com --own

      tweetbench watch $(cat rivals.txt)
    """
    settings, now = load_settings(), utc_now()
    registry_rows(settings, now=now)  # refuses a file that cannot be added to before X is asked, which costs money
    accounts, errors = _recognised(handles)
    errors += _look_up(settings, accounts, now=now)
    missing = [account for account in accounts if account.known("status") == "not_found"]
    errors += [_not_found(account) for account in missing]
    accounts = [account for account in accounts if account not in missing]
    lines = [_line(account, company, is_own=own) for account in accounts]
    for account, is_added in zip(accounts, add_accounts(settings, lines, now=now) if lines else [], strict=True):
        account.is_added = is_added
    if json_output:
        refused = [dict(error.lines()) for error in errors]
        say_json({"accounts": [_as_json(account, now=now) for account in accounts], "refused": refused})
    else:
        _show(settings, accounts, now=now)
        for error in errors:
            say_error(error)
    if errors:
        raise typer.Exit(int(errors[0].exit_code))


def _recognised(handles: Iterable[str]) -> tuple[list[_Account], list[TweetbenchError]]:
    """Accounts that the words name, each once, and an error for each word that names none."""
    accounts: dict[tuple[str, str], _Account] = {}
    errors = []
    for asked in handles:
        try:
            platform, handle = recognise_account(asked)
        except ValueError as error:
            step = "write it so that the platform is clear, and repeat; the other accounts are not affected"
            errors.append(TweetbenchError(str(error), next_step=step, exit_code=Exit.USAGE))
            continue
        accounts.setdefault((platform, handle.casefold()), _Account(asked, platform, handle))
    return list(accounts.values()), errors


def _look_up(settings: Settings, accounts: Sequence[_Account], *, now: datetime) -> list[TweetbenchError]:
    """Ask each platform for its accounts; what went wrong with a platform as a whole."""
    errors = []
    by_platform = {source.PLATFORM: source for source in sources.API_SOURCES}
    for platform in dict.fromkeys(account.platform for account in accounts):
        asked = [account for account in accounts if account.platform == platform]
        source, name = by_platform.get(platform), PLATFORM_WORDS[platform]
        why = f"no source reads {name} yet; ingest tables of its followers"
        rows: Mapping[str, Row] = {}
        try:
            if source and source.is_configured(settings):
                run = ApiRun(f"watch-{now:%Y%m%dT%H%M%S}", now, time.sleep, time.monotonic)
                rows = source.look_up(settings, open_lake(settings), [each.handle for each in asked], run)
            elif source:
                why = f"{name} needs a token to be read: {source.SETUP}; files need none"
        except TweetbenchError as error:
            why = error.what
            errors.append(error)
        for account in asked:
            account.shown = rows.get(account.handle, {})
            account.note = _note(account.shown) if account.shown else why
        silent = [account for account in asked if account.known("status") == "unknown"]
        if silent:
            errors.append(_unanswered(name, silent))
    return errors


def _note(row: Row) -> str:
    """What is to know of an account beyond its figures, its status first where it is not active."""
    status, detail = row["status"], row.get("status_detail") or ""
    if status in {"active", "unknown"}:
        return str(detail)
    return f"{status} ({detail})" if detail else str(status)


def _line(account: _Account, company: str, *, is_own: bool) -> dict[str, str]:
    did = account.handle if DID.fullmatch(account.handle) else ""
    return {
        "platform": account.platform,
        "handle": account.known("handle") or ("" if did else account.handle),
        "account_id": account.known("account_id") or did,
        "name": " ".join(str(account.known("name") or "").split()),
        "company": " ".join(company.split()),
        "is_own": "true" if is_own else "false",
    }


def _posts_per_week(account: _Account, *, now: datetime) -> float | None:
    """Posts a week since the account was made; None where either is not reported."""
    created, posts = account.known("created_at"), account.known("post_count")
    if created is None or posts is None or created >= now:
        return None
    weeks = (now - created).total_seconds() / 86_400 / DAYS_OF_A_WEEK
    return float(posts / max(weeks, 1.0))


def _style(account: _Account) -> str | None:
    return ratio_style(account.known("follower_count"), account.known("following_count"))


def _show(settings: Settings, accounts: Sequence[_Account], *, now: datetime) -> None:
    if not accounts:
        return
    rows = []
    for account in accounts:
        created, posts, style = account.known("created_at"), _posts_per_week(account, now=now), _style(account)
        rows.append(
            (
                PLATFORM_WORDS[account.platform],
                account.known("handle") or account.handle,
                account.known("name"),
                account.known("follower_count"),
                account.known("following_count"),
                label(style) if style else None,
                None if posts is None else f"{posts:.1f}",
                f"{created:%Y-%m-%d}" if created else None,
                "added" if account.is_added else "already listed",
            )
        )
    say_table("Accounts", COLUMNS, rows)
    for account in accounts:
        if account.note:
            say(f"{account.handle}: {account.note}")
    say(f"\n{settings.accounts_file}: industry, company size and customer focus can be filled in there")
    say("next: tweetbench plan   (requests, minutes and US dollars of the next run), then: tweetbench run")


def _as_json(account: _Account, *, now: datetime) -> dict[str, Any]:
    names = ("account_id", "name", "status", "follower_count", "following_count", "post_count", "created_at")
    return {
        "asked": account.asked,
        "platform": account.platform,
        "handle": account.known("handle") or account.handle,
        **{name: account.known(name) for name in names},
        "ratio_style": _style(account),
        "posts_per_week": _posts_per_week(account, now=now),
        "note": account.note,
        "is_added": account.is_added,
    }


def _not_found(account: _Account) -> TweetbenchError:
    name = PLATFORM_WORDS[account.platform]
    return TweetbenchError(
        f"{account.asked} does not exist on {name}",
        where=name,
        why=str(account.known("status_detail") or ""),
        next_step="copy the handle from the address of the profile page; it was not added",
    )


def _unanswered(platform: str, silent: Sequence[_Account]) -> TweetbenchError:
    names = ", ".join(account.handle for account in silent[:3])
    more = f" and {len(silent) - 3} more" if len(silent) > 3 else ""
    return TweetbenchError(
        f"nothing could be read of {names}{more}",
        where=platform,
        why=silent[0].note,
        next_step="they were added all the same; the next run asks again: tweetbench run",
        exit_code=Exit.UNAVAILABLE,
    )
