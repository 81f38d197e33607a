"""X's exports about videos, recognised only to be refused by their name. No figure of them is read."""

from typing import NoReturn

from pipeline.errors import TweetbenchError
from pipeline.sources.analytics.exports import MOST_COLUMNS
from pipeline.sources.analytics.header import fold
from pipeline.sources.files.protocol import InputFile
from pipeline.sources.files.workbook import sheet_names

VIDEO = ("video", "vídeo", "vidéo", "видео", "動画", "비디오")
# Names that are in no other table; two of them are enough.
NAMES = {
    *("watch time (ms)", "average watch time (ms)", "completion rate", "video views", "video view rate", "watch time"),
    *("completed views", "video completions", "video completion rate", "minutes viewed", "total minutes watched"),
    *("video length", "video title", "video name", "average watch time", "media id", "playback complete"),
    *("video starts", "view rate", "unique viewers", "25% watched", "50% watched", "75% watched", "100% watched"),
}
OTHER = {"impressions", "tweet id", "post id"}
FEWEST_NAMES = 2
X_NAME = "video_activity_metrics_"


def is_video_export(file: InputFile) -> bool:
    """True for a title about videos alone in the first line, or names of columns that only such an export has."""
    if len(file.sheet.header) > MOST_COLUMNS:
        return False
    rows = [file.sheet.header, *(record.cells for record in file.sheet.records[:1])]
    first = [fold(name) for name in file.sheet.header]
    is_titled = any(word in first[0] for word in VIDEO) and not any(first[1:]) and len(first[0]) < 40
    named = any(len(NAMES & (folded := set(map(fold, row)))) >= FEWEST_NAMES and not OTHER & folded for row in rows)
    by_name = file.shown_name.startswith(X_NAME) and any(
        word in fold(cell) for row in rows for cell in row for word in VIDEO
    )
    return is_titled or named or by_name


def refuse_video_export(file: InputFile) -> NoReturn:
    """Refuse the file by its kind, with the sheets of a workbook.

    Raises:
        TweetbenchError: always.
    """
    sheets = sheet_names(file.path, file.shown_name) if file.is_workbook else ()
    named = f"; its sheets: {', '.join(name[:40] for name in sheets[:20])}" if sheets else ""
    raise TweetbenchError(
        f"this is X's video {'metrics' if sheets else 'overview'}, a kind of file that is not supported",
        where=file.shown_name,
        why=f"it counts views of videos and nothing about posts or followers{named}",
        next_step="export the account overview or the content from X, then run: tweetbench ingest FILE",
    )
