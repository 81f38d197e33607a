"""Timelines: which rows a request means, and opaque tokens that lead from one page to the next.

A token stands for a place in the timeline (an id), so new posts above it do not shift what it leads to.
"""

import base64
import binascii
import zlib

import numpy as np

from pipeline.simulate.parameters import NUMBER, BadParameterError, check_value, read_integer
from pipeline.simulate.responses import Call
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import Integers

FROM_THE_TOP = 2**63 - 1
TIMELINE_CAP = 3_200


def encode_token(account_id: str, below_id: int) -> str:
    """Token for the posts of an account with ids below one."""
    plain = f"{account_id}:{below_id}"
    text = f"{plain}:{zlib.crc32(plain.encode()):08x}"
    return base64.b32encode(text.encode()).decode().rstrip("=").lower()


def decode_token(token: str, account_id: str, *, name: str = "pagination_token", message: str = "") -> int:
    """Id below which the page begins.

    Raises:
        BadParameterError: not a token of this account.
    """
    try:
        text = base64.b32decode(token.upper() + "=" * (-len(token) % 8)).decode()
        owner, below, check = text.rsplit(":", 2)
        if owner == account_id and int(check, 16) == zlib.crc32(f"{owner}:{below}".encode()):
            return int(below)
    except (binascii.Error, ValueError, UnicodeDecodeError):
        pass
    raise BadParameterError(name, message or f"The `{name}` query parameter value [{token}] is not valid")


def select_rows(world: World, account: int, call: Call) -> tuple[Integers, bool]:
    """Rows of one page, newest first, and whether more follow.

    Beyond the cap there is nothing, and no error.

    Raises:
        BadParameterError: a bound or token that does not parse.
    """
    params, rows = call.params, world.visible_rows(account, call.now)[:TIMELINE_CAP]
    keep, ids = np.ones(len(rows), bool), world.posts.post_id[rows]
    for name, compare in (("since_id", np.greater), ("until_id", np.less)):
        if text := params.get(name):
            keep &= compare(ids, min(int(check_value(name, text, NUMBER)), FROM_THE_TOP))
    if token := params.get("pagination_token"):
        keep &= ids < decode_token(token, call.path_id)
    size = read_integer(params, "max_results", 5, 100, 10)
    chosen = rows[keep]
    return chosen[:size], len(chosen) > size
