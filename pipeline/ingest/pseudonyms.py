"""Keyed hashes of personal identifiers. The key lies outside the lake; what is hashed is decided by the sources."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import SecretStr

from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.files import replace_text


@dataclass(frozen=True)
class Pseudonyms:
    """Turns identifiers into pseudonyms: 32 hexadecimal digits of HMAC-SHA-256.

    The key comes from the settings, else from its file, which is made on first use if it is to be kept: most files
    hold nobody's identity. With a second key the same person would be somebody else, so a data folder knows its own:
    by the file, or by a mark next to it where the settings hold the key.

    Raises:
        TweetbenchError: the key is not the one of the data folder, or its file is damaged (exit code 78).
    """

    key: SecretStr | None
    key_file: Path
    is_kept: bool

    def __call__(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32]

    @cached_property
    def _key(self) -> bytes:
        if self.key:
            return self._given(self.key.get_secret_value().encode())
        path = self.key_file
        if not path.exists() and mark_file(path).exists():
            raise another_key(path, "its key was in TWEETBENCH_HASH_KEY, which is not set here")
        if not path.exists() and not self.is_kept:
            return secrets.token_bytes(32)
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Whole or not at all: with an empty key, anybody who knows an address could compute its pseudonym.
            replace_text(path, secrets.token_hex(32))
        key = path.read_bytes().strip()
        if not re.fullmatch(rb"[0-9a-f]{64}", key):
            raise TweetbenchError(
                "the pseudonym key is damaged",
                where=str(path),
                why=f"its {len(key)} characters are not the 64 hexadecimal digits of a key",
                next_step="restore it from a backup; without one, remove it: respondents then count as new people",
                exit_code=Exit.CONFIGURATION,
            )
        return key

    def _given(self, key: bytes) -> bytes:
        mark = mark_file(self.key_file)
        if self.key_file.exists() and self.key_file.read_bytes().strip() != key:
            raise another_key(self.key_file, f"its key is in {self.key_file.name}, and TWEETBENCH_HASH_KEY is another")
        if not mark.exists():
            if self.is_kept:
                mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace_text(mark, key_mark(key))
        elif mark.read_text(encoding="utf-8").strip() != key_mark(key):
            raise another_key(self.key_file, "TWEETBENCH_HASH_KEY is not the key that was used for it before")
        return key


def mark_file(key_file: Path) -> Path:
    """Where the mark of a key lies that the settings hold."""
    return key_file.with_name(f"{key_file.name}_mark")


def key_mark(key: bytes) -> str:
    """What a key is recognised by, without telling it."""
    return hmac.new(key, b"which key is this", hashlib.sha256).hexdigest()[:32]


def another_key(key_file: Path, why: str) -> TweetbenchError:
    """The refusal to use a second key for one data folder."""
    return TweetbenchError(
        "this data folder has pseudonyms made with another key",
        where=str(key_file.parent),
        why=f"{why}; with two keys one person would count as two",
        next_step="run from the folder whose .env holds the key, or set TWEETBENCH_HASH_KEY to it; if it is lost, "
        f"remove {key_file.name} and {mark_file(key_file).name}: everybody then counts as new",
        exit_code=Exit.CONFIGURATION,
    )
