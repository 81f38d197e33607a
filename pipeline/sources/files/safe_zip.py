"""What a ZIP may hold before anything of it is unpacked: names, members, sizes, ratio. For archives and workbooks.

Knows nothing about what the members mean.
"""

import re
import stat
import zipfile
from dataclasses import dataclass

from pipeline.errors import TweetbenchError

MEBIBYTE = 2**20
# JSON text of posts shrinks 10 to 20 times; what shrinks 200 times is padding.
_SMALL_ENOUGH = MEBIBYTE
_DRIVE = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True)
class Limits:
    """What an archive may hold; sizes in bytes when unpacked, and only members that are read count."""

    ratio: float = 200
    member_bytes: int = 1024 * MEBIBYTE
    total_bytes: int = 4096 * MEBIBYTE
    member_count: int = 1_000_000


def check_archive(archive: zipfile.ZipFile, shown_name: str, limits: Limits) -> None:
    """Refuse an archive with names or entries that no platform's export has.

    Raises:
        TweetbenchError: a name that leads out of the archive, a link, a repeated name, a password, too many members.
    """
    infos = archive.infolist()
    if len(infos) > limits.member_count:
        raise _refused(f"{len(infos):,} members; at most {limits.member_count:,} are accepted", shown_name)
    seen: set[str] = set()
    for info in infos:
        parts = info.filename.replace("\\", "/").split("/")
        shown = repr(info.filename[:80])
        if not parts[0] or _DRIVE.match(info.filename):
            raise _refused(f"the member {shown} has an absolute name", shown_name)
        if ".." in parts:
            raise _refused(f"the member {shown} has a name that leads out of the archive", shown_name)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise _refused(f"the member {shown} is a link to another file", shown_name)
        if info.filename in seen:
            raise _refused(f"two members are called {shown}", shown_name)
        if info.flag_bits & 0x1:
            raise TweetbenchError(
                "the archive is protected with a password",
                where=shown_name,
                why=f"the member {shown} is encrypted",
                next_step="download the archive from the platform again; its own archives have no password",
            )
        seen.add(info.filename)


def check_sizes(members: list[zipfile.ZipInfo], shown_name: str, limits: Limits) -> None:
    """Refuse members that would unpack to far more than they should; nothing is unpacked for it.

    Raises:
        TweetbenchError: a member or all together are too large, or a member shrinks too well to be what it says.
    """
    for info in members:
        if info.file_size > limits.member_bytes:
            raise _refused(f"{info.filename} unpacks to {info.file_size:,} bytes", shown_name)
        if info.file_size > _SMALL_ENOUGH and info.file_size > limits.ratio * max(info.compress_size, 1):
            ratio = info.file_size / max(info.compress_size, 1)
            raise _refused(f"{info.filename} unpacks to {ratio:,.0f} times its size (a ZIP bomb)", shown_name)
    total = sum(info.file_size for info in members)
    if total > limits.total_bytes:
        raise _refused(f"its data files unpack to {total:,} bytes together", shown_name)


def _refused(what: str, shown_name: str) -> TweetbenchError:
    return TweetbenchError(
        "the archive is refused",
        where=shown_name,
        why=what,
        next_step="export or download it again and ingest it as it came; do not repack it",
    )
