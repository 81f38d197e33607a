"""Whose export is this? The handle from links, from the user, or from the registry; another's file is refused."""

from collections import Counter
from collections.abc import Iterable

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.files.cell_values import parse_handle
from pipeline.sources.files.handles import normalise_handle
from pipeline.sources.files.protocol import Request


def export_account(
    link_handles: Iterable[str],
    request: Request,
    *,
    file_name: str,
    name_hint: str | None = None,
    silence: str = "this kind of export has no links",
    platform: str = "x",
) -> tuple[str, str]:
    """Handle of the account that an export belongs to, and where that is known from.

    Args:
        link_handles: handles in the file's links to its posts; the most frequent counts.
        request: the handle that the user named, and the handles that the registry marks as own.
        file_name: shown in messages.
        name_hint: handle that the platform itself wrote into the file's name.
        silence: why the file itself does not say whose it is.
        platform: whose export it is.

    Raises:
        TweetbenchError: the file is another account's, nothing tells whose it is, or --account is no handle.
    """
    link_handles = list(link_handles)
    given, own = _given_handle(request, file_name, platform), request.own_on(platform)
    counted = Counter(handle.casefold() for handle in link_handles)
    spelled = {handle.casefold(): handle for handle in link_handles}
    linked = spelled[counted.most_common(1)[0][0]] if counted else None
    if linked and given and linked.casefold() != given.casefold():
        raise TweetbenchError(
            f"the posts in this file belong to @{linked}, not to @{given}",
            where=file_name,
            why="an export of another account would be counted as yours",
            next_step=f"if you mean that account, run: tweetbench ingest FILE --account {linked}",
        )
    platform_name = {"linkedin": "LinkedIn"}.get(platform, "X")
    if given:
        unlisted = own and given.casefold() not in own
        return given, "given with --account" + ("; accounts.csv does not list it as your own" if unlisted else "")
    found, origin = (linked, "from its links") if linked else (name_hint, f"from the file name {platform_name} gave it")
    if found and own and found.casefold() not in own:
        raise TweetbenchError(
            f"the file belongs to @{found}, which accounts.csv does not list as your own",
            where=file_name,
            why="exports show what only the owner sees; another account's would be counted as yours",
            next_step=f"set is_own for @{found} in accounts.csv, or run: tweetbench ingest FILE --account {found}",
        )
    if found:
        return found, origin
    if len(own) == 1:
        return next(iter(own)), "the only own account in accounts.csv"
    of_platform = "" if platform == "x" else f" on {platform_name}"
    raise TweetbenchError(
        "nothing in this file says which account it belongs to",
        where=file_name,
        why=f"{silence}, and accounts.csv does not name exactly one own account{of_platform}",
        next_step="run: tweetbench ingest FILE --account HANDLE",
    )


def _given_handle(request: Request, file_name: str, platform: str) -> str | None:
    try:
        if not request.account:
            return None
        return parse_handle(request.account) if platform == "x" else normalise_handle(request.account, platform)
    except ValueError as error:
        raise TweetbenchError(
            f"--account: {error}",
            where=file_name,
            next_step="run: tweetbench ingest FILE --account HANDLE",
            exit_code=Exit.USAGE,
        ) from error
