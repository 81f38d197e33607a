"""Which part of the accounts a process reads, where several read at once."""

import hashlib
from dataclasses import dataclass

from pipeline.settings import Settings


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`, from 1. Part 0 reads no account: it is the one that makes the warehouse."""

    number: int
    count: int

    @property
    def name(self) -> str:
        """As part of the name of a file."""
        return f"{self.number}-of-{self.count}"

    @property
    def is_reader(self) -> bool:
        """True where accounts are read, and nothing else is done."""
        return self.number > 0

    def holds(self, key: str) -> bool:
        """True for the keys of this part: each key is in one part, on every machine and in every year."""
        digest = hashlib.sha256(key.encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.number - 1


def shard_of(settings: Settings) -> Shard | None:
    """The part that the settings name; None for a process that does everything."""
    return Shard(*settings.shard_numbers) if settings.shard_numbers else None
