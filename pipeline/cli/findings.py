"""The headline findings of the published warehouse, in sentences with their n and their uncertainty."""

from collections.abc import Iterator

import duckdb

from pipeline.published import open_published
from pipeline.settings import Settings

STYLES = """
    select ratio_style, count(*) as accounts, sum(count(*)) over () as total
    from ratio_styles where ratio_style <> 'too_small' group by ratio_style order by accounts desc
"""
VERDICT = """
    select verdict, quality_effect, volume_effect, difference_low, difference_high, status_reason
    from growth_verdict where segment_dimension = 'all'
"""
# The option whose share differs most between two segments of customer focus, of all that are shown with an interval.
CONTRAST = """
    with shown as (
        from survey_segments where segment_dimension = 'customer_focus' and not is_suppressed
    ),
    widest as (
        select survey_id, question_id, option
        from shown
        group by survey_id, question_id, option
        order by max(share) - min(share) desc, survey_id, question_id, option
        limit 1
    )
    select question, option, segment, share, share_low, share_high, base_count
    from shown inner join widest using (survey_id, question_id, option)
    order by share desc
"""
VERDICTS = {
    "quality_larger": "better posts go with more growth than more posts do",
    "volume_larger": "more posts go with more growth than better posts do",
    "no_difference_shown": "no difference between quality and volume is shown",
    "reverse_causality_not_excluded": "quality and growth go together, but growth may come first",
    "insufficient_data": "the data cannot say whether quality or volume matters more",
}
STYLE_WORDS = {
    "mass_communication": "broadcast (5 and more followers for each account followed)",
    "interpersonal": "follow about as many as follow them",
    "transitional": "lie between",
    "net_follower": "follow more than follow them",
}


def headline_findings(settings: Settings) -> list[str]:
    """Sentences for a person; none where nothing can be said yet."""
    with open_published(settings) as connection:
        tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        findings = list(_styles(connection))
        if "growth_verdict" in tables:
            findings += _verdict(connection)
        return findings + list(_contrast(connection))


def _styles(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = connection.execute(STYLES).fetchall()
    if rows:
        parts = [f"{100 * count / total:.0f} % {STYLE_WORDS[style]}" for style, count, total in rows]
        yield f"Of {rows[0][2]} accounts, " + ", ".join(parts) + "."


def _verdict(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for verdict, quality, volume, low, high, reason in connection.execute(VERDICT).fetchall():
        sentence = f"Growth: {VERDICTS[verdict]}"
        if quality is None or low is None:
            yield f"{sentence} ({reason})."
        else:
            swings = (
                f"a typical swing of quality goes with {quality:.4f} of weekly log growth, one of volume {volume:.4f}"
            )
            yield f"{sentence}: {swings} (difference, 95 % interval {low:.4f} to {high:.4f})."


def _contrast(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    rows = connection.execute(CONTRAST).fetchall()
    if len(rows) > 1:
        question, option, *_ = rows[0]
        parts = [
            f"{segment} {100 * share:.0f} % ({100 * low:.0f} to {100 * high:.0f}, n = {base})"
            for _, _, segment, share, low, high, base in rows
        ]
        yield f"Survey, “{question}” {option}: " + ", ".join(parts) + "."
