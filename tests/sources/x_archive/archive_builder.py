"""Small synthetic X archives for tests."""

import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.sources.files.protocol import InputFile, Reading, Request

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REQUEST = Request(now=NOW)
ACCOUNT = {
    "email": "owner@example.com",
    "phoneNumber": "+15550100",
    "username": "acme",
    "accountId": "42",
    "createdAt": "2009-05-01T10:00:00.000Z",
    "accountDisplayName": "Acme Ltd",
}


def tweet(post_id: str = "1050118621198921728", **fields: Any) -> dict[str, Any]:
    entities: dict[str, list[Any]] = {"hashtags": [], "urls": [], "user_mentions": []}
    return {
        "id_str": post_id,
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        "full_text": "hello",
        "favorite_count": "3",
        "retweet_count": "1",
        "retweeted": False,
        "entities": entities,
        **fields,
    }


def script(name: str, value: object) -> str:
    return f"window.YTD.{name}.part0 = {json.dumps(value)}"


def manifest(*names: str, count: str = "1", **info: Any) -> str:
    files = [{"fileName": f"data/{name}", "globalName": "YTD.tweets.part0", "count": count} for name in names]
    archive_info = {"generationDate": "2022-11-18T20:04:05.000Z", **info}
    return (
        f"window.__THAR_CONFIG = {json.dumps({'archiveInfo': archive_info, 'dataTypes': {'tweets': {'files': files}}})}"
    )


def archive(folder: Path, members: Mapping[str, str | bytes] | None = None, *tweets: dict[str, Any]) -> InputFile:
    parts: dict[str, str | bytes] = {"data/account.js": script("account", [{"account": ACCOUNT}])}
    if tweets:
        parts["data/tweets.js"] = script("tweets", [{"tweet": each} for each in tweets])
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for name, content in {**parts, **(members or {})}.items():
            zip_file.writestr(name, content)
    return InputFile(path, "archive.zip", "0" * 64)


def problems(reading: Reading) -> list[str]:
    return [row["problem"] for row in reading.tables["issues"]]
