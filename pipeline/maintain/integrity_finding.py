"""One thing that an examination found. Who looks, and who repairs, is stated by the modules that use it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IntegrityFinding:
    """One thing that is not as it should be. Without `is_damage` it harms nothing and is only worth knowing."""

    kind: str
    where: str
    what: str
    why: str
    next_step: str
    is_damage: bool = True
