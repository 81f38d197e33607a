"""Whether a robots.txt lets us read a path, by RFC 9309: the longest pattern that fits decides. Pure."""

AGENT = "tweetbench"


def is_allowed(robots: str, path: str) -> bool:
    """True where the rules for us, or else those for everybody, let the path be read."""
    named, general = _rules(robots)
    rules = general if named is None else named
    fitting = [(len(pattern), allows) for allows, pattern in rules if _fits(pattern, path)]
    return max(fitting)[1] if fitting else True


def _rules(robots: str) -> tuple[list[tuple[bool, str]] | None, list[tuple[bool, str]]]:
    """Rules for our name, None where no group names us, and rules for everybody; each allows or not, with a pattern."""
    named: list[tuple[bool, str]] | None = None
    general: list[tuple[bool, str]] = []
    agents: set[str] = set()
    is_open = False  # whether the lines before this one named agents
    for line in robots.lstrip("\ufeff").splitlines():
        key, _, value = line.partition("#")[0].partition(":")
        key, value = key.strip().casefold(), value.strip()
        if key == "user-agent":
            agents = {value.partition("/")[0].casefold()} | (agents if is_open else set())
            is_open = True
            named = [] if AGENT in agents and named is None else named
        elif key in {"allow", "disallow"}:
            is_open = False
            rule = (key == "allow", value)
            if value and AGENT in agents and named is not None:
                named.append(rule)
            if value and "*" in agents:
                general.append(rule)
    return named, general


def _fits(pattern: str, path: str) -> bool:
    # Part by part, each at its first place: a pattern of many stars would keep an expression busy for hours.
    is_anchored, (start, *parts) = pattern.endswith("$"), pattern.removesuffix("$").split("*")
    end = parts.pop() if parts and is_anchored else ""
    place = len(start) if path.startswith(start) else -1
    for part in parts:
        found = path.find(part, place) if place >= 0 else -1
        place = found + len(part) if found >= 0 else -1
    if place < 0 or not is_anchored:
        return place >= 0
    has_stars = "*" in pattern
    return path.endswith(end) and len(path) - len(end) >= place if has_stars else path == start
