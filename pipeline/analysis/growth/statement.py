"""The verdict in plain English, named after what was measured; the rules behind it are in `verdict`."""

from pipeline.analysis.growth.tables import Row

# Below this most of what a week's measured quality does is chance.
LOW_RELIABILITY = 0.3
_MEASURES = {
    "clicks_per_link_post": "clicks per link post",
    "engagement_per_impression": "reactions per impression",
    "engagement_per_post": "reactions per post",
}
_REACH = "engagement_per_post"
_VERDICTS = {
    "quality_larger": "Better posts are linked to faster growth than more posts are",
    "volume_larger": "More posts are linked to faster growth than better posts are",
    "no_difference_shown": "These data do not show which is linked to more growth, better posts or more posts",
    "reverse_causality_not_excluded": (
        "Growth and good weeks coincide, but the check cannot tell which comes first. That does not mean that posts "
        "have no effect"
    ),
    "insufficient_data": "There are too few data to compare better posts with more posts",
}
_REACH_VERDICTS = {
    "quality_larger": "Posts that draw more reactions are linked to faster growth than more posts are",
    "volume_larger": "More posts are linked to faster growth than posts that draw more reactions are",
    "no_difference_shown": (
        "These data do not show which is linked to more growth, posts that draw more reactions or more posts"
    ),
    "insufficient_data": "There are too few data to compare posts that draw more reactions with more posts",
}


def describe_verdict(figures: Row) -> str:
    """The verdict with its figures, the measure of quality, and what it does not exclude.

    `figures` is a row of growth_verdict. Weekly log growth is close enough to per cent to be called points.
    """
    verdict, bases = str(figures["verdict"]), _list_bases(str(figures["quality_bases"] or ""))
    # One account without impressions is enough for reach to be part of what is called quality.
    has_reach = _REACH in bases
    headline = (_REACH_VERDICTS if has_reach else {}).get(verdict, _VERDICTS[verdict])
    if verdict == "insufficient_data":
        return f"{headline}: {figures['status_reason']}."
    parts = [
        f"{headline}.",
        f"A typical good week by {_name_measures(bases)} is linked to {_effect(figures, 'quality')} points of growth "
        f"in that week and the next, a typical week with more posts to {_effect(figures, 'volume')}.",
        f"Based on {figures['account_count']} accounts and {figures['observation_count']} account-weeks.",
    ]
    reliability = figures.get("reliability")
    if isinstance(reliability, float) and reliability < LOW_RELIABILITY:
        parts.append(
            f"Weekly quality is mostly noise here (reliability {reliability:.2f}); the figures account for this."
        )
    if has_reach:
        parts.append(
            "More reactions per post may be better content or more reach; only impressions could separate them."
        )
    parts.append(
        "This is a pattern, not a cause: news, ads or reach that move posts and growth alike are not excluded."
    )
    return " ".join(parts)


def _list_bases(text: str) -> list[str]:
    """Names of the measures in `quality_bases`, which has the number of accounts behind each."""
    return [part.split(" ")[0] for part in text.split(", ") if part]


def _name_measures(bases: list[str]) -> str:
    names = [_MEASURES.get(basis, basis) for basis in bases]
    return " or ".join(names) if names else "quality"


def _effect(figures: Row, name: str) -> str:
    estimate, low, high = (_percent(figures.get(f"{name}_effect{end}")) for end in ("", "_low", "_high"))
    return f"{estimate} ({low} to {high})"


def _percent(value: object) -> str:
    return f"{100 * value:.2f}" if isinstance(value, float) else "unknown"
