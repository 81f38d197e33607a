"""What a platform has said so far of stored posts and accounts that it was asked for."""

from dataclasses import dataclass, field

from pipeline.sources.api.source import Probe


@dataclass
class Asked:
    """Reasons by id of what is gone, ids of what is served, and how many ids were answered."""

    gone_posts: dict[str, str] = field(default_factory=dict)
    gone_accounts: dict[str, str] = field(default_factory=dict)
    served_posts: set[str] = field(default_factory=set)
    served_accounts: set[str] = field(default_factory=set)
    count: int = 0

    def as_probe(self, id_count: int, *, usd: float, partial_reason: str | None) -> Probe:
        """The result for `id_count` ids in all."""
        return Probe(
            self.gone_posts,
            self.gone_accounts,
            frozenset(self.served_posts),
            frozenset(self.served_accounts),
            self.count,
            id_count - self.count,
            usd,
            partial_reason,
        )
