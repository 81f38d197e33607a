"""Keyed hashes of personal identifiers. The key lies outside the lake; what is hashed is decided by the sources."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import SecretStr

from pipeline.durable import replace_text
from pipeline.errors import Exit, TweetbenchError


@dataclass(frozen=True)
class Pseudonyms:
    """Turns identifiers into pseudonyms: 32 hexadecimal digits of HMAC-SHA-256.

    The key comes from the settings, else from its file, which is made on first use if it is to be kept: most files
    hold nobody's identity.
    """

    key: SecretStr | None
    key_file: Path
    is_kept: bool

    def __call__(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32]

    @cached_property
    def _key(self) -> bytes:
        if self.key:
            return self.key.get_secret_value().encode()
        path = self.key_file
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
                why=f"it has {len(key)} characters that are not the 64 hexadecimal digits of a key",
                next_step="restore it from a backup; without one, remove it: respondents then count as new people",
                exit_code=Exit.CONFIGURATION,
            )
        return key
