"""Timelines: which rows a request means, and opaque tokens that lead from one page to the next.

A token stands for a place in the timeline (an id), so new posts above it do not shift what it leads to.
"""

import base64
import binascii
import zlib

import numpy as np

from pipeline.simulate.answers import Call, Options
from pipeline.simulate.calendar import Integers, to_milliseconds
from pipeline.simulate.parameters import NUMBER, BadParameterError, check_value, read_integer, read_time
from pipeline.simulate.posts import REPLY, REPOST, SELF_REPLY
from pipeline.simulate.world import World

FROM_THE_TOP = 2**63 - 1


def encode_token(account_id: str, below_id: int) -> str:
    """Token for the posts of an account with ids below one."""
    plain = f"{account_id}:{below_id}"
    text = f"{plain}:{zlib.crc32(plain.encode()):08x}"
    return base64.b32encode(text.encode()).decode().rstrip("=").lower()


def decode_token(token: str, account_id: str) -> int:
    """Id below which the page begins.

    Raises:
        BadParameterError: not a token of this account.
    """
    try:
        text = base64.b32decode(token.upper() + "=" * (-len(token) % 8)).decode()
        owner, below, check = text.split(":")
        if owner == account_id and int(check, 16) == zlib.crc32(f"{owner}:{below}".encode()):
            return int(below)
    except (binascii.Error, ValueError, UnicodeDecodeError):
        pass
    message = f"The `pagination_token` query parameter value [{token}] is not valid"
    raise BadParameterError("pagination_token", message)


def select_rows(world: World, account: int, call: Call, options: Options) -> tuple[Integers, bool]:
    """Rows of one page, newest first, and whether more follow.

    Ids take precedence over times. Beyond the cap there is nothing, and no error.

    Raises:
        BadParameterError: a bound or token that does not parse.
    """
    params, posts = call.params, world.posts
    excluded = set(filter(None, params.get("exclude", "").split(",")))
    if excluded - {"replies", "retweets"}:
        raise BadParameterError(
            "exclude", f"The `exclude` query parameter value [{params['exclude']}] is not one of [replies,retweets]"
        )
    rows = world.visible_rows(account, call.now)
    rows = rows[: options.timeline_cap_without_replies if "replies" in excluded else options.timeline_cap]
    keep = np.ones(len(rows), bool)
    ids, created, kind = posts.post_id[rows], posts.created_ms[rows], posts.kind[rows]
    for name, compare in (("since", np.greater), ("until", np.less)):
        if text := params.get(f"{name}_id"):
            keep &= compare(ids, min(int(check_value(f"{name}_id", text, NUMBER)), FROM_THE_TOP))
    start, end = read_time(params, "start_time"), read_time(params, "end_time")
    if start and "since_id" not in params:
        keep &= created >= to_milliseconds(start)
    if end and "until_id" not in params:
        keep &= created < to_milliseconds(end)
    if "replies" in excluded:
        keep &= (kind != REPLY) & (kind != SELF_REPLY)
    if "retweets" in excluded:
        keep &= kind != REPOST
    if token := params.get("pagination_token"):
        keep &= ids < decode_token(token, call.path_id)
    size = read_integer(params, "max_results", 5, 100, 10)
    chosen = rows[keep]
    return chosen[:size], len(chosen) > size
