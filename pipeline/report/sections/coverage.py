"""The data behind the report: sources, days, gaps, and everything that could not be used."""

from pipeline.report.charts.bars import bars, spans
from pipeline.report.charts.curves import over_days
from pipeline.report.charts.marks import wrap
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Rows, Section
from pipeline.report.sections.shared import common
from pipeline.report.writing import NOT_REPORTED, write_count, write_day, write_list, write_number_of, write_share

DRAWN_PROBLEMS = 10
SHOWN = "impression_count"


def _read_sources(rows: Rows) -> list[str]:
    missing = sum(row["missing_day_count"] or 0 for row in rows)
    said = (
        f"{write_number_of(missing, 'account-day')} missing between first and last readings."
        if missing
        else "No account has a missing day between its first and last reading."
    )
    return [said, "Follower counts cannot be read for past days, so gaps stay and are never filled."]


def _draw_sources(rows: Rows) -> list[Drawing]:
    marked = [
        {
            "label": wrap(row["source"]),
            "first_day": row["first_day"],
            "last_day": row["last_day"],
            "label_text": f"{write_number_of(row['account_count'], 'account')}, "
            f"{write_number_of(row['missing_day_count'], 'day')} missing",
        }
        for row in rows
        if row["first_day"] is not None
    ]
    return [Drawing((Panel("", spans(marked)),), "First to last day covered by each source.")] if marked else []


def _draw_days(rows: Rows) -> list[Drawing]:
    panels = [_days("Accounts read on the day", rows, "captured_count", "accent")]
    if any(row["gap_count"] for row in rows):
        panels.append(_days("Accounts with a gap on the day", rows, "gap_count", "second"))
    return [Drawing(tuple(panels), "Accounts with and without a reading, by day.")]


def _days(title: str, rows: Rows, field: str, colour: str) -> Panel:
    return Panel(title, over_days(rows, field=field, colour=colour, title="Accounts", height=150))


def _read_days(rows: Rows) -> list[str]:
    read, gaps = sum(row["captured_count"] for row in rows), sum(row["gap_count"] for row in rows)
    share = write_share(read / (read + gaps)) if read + gaps else NOT_REPORTED
    period = f"from {write_day(rows[0]['date'])} to {write_day(rows[-1]['date'])}"
    return [f"{share} of {write_number_of(read + gaps, 'account-day')} {period} were read."]


def _read_totals(rows: Rows) -> list[str]:
    """One sentence per account: its impressions in both exports, and which figures nothing explains."""
    said = []
    for handle in dict.fromkeys(row["handle"] for row in rows):
        own = [row for row in rows if row["handle"] == handle]
        by_day, by_post = next(
            ((write_count(row["day_total"]), write_count(row["post_total"])) for row in own if row["metric"] == SHOWN),
            (NOT_REPORTED, NOT_REPORTED),
        )
        apart = write_list([label(row["metric"]) for row in own if row["reason"] == "unexplained"])
        rest = f"unexplained: {apart}" if apart else "nothing unexplained"
        said.append(f"{handle}: {by_day} impressions by day, {by_post} by post; {rest}.")
    return said


def _draw_issues(rows: Rows) -> list[Drawing]:
    marked = [
        {"label": wrap(f"{row['problem']} ({row['source']})".replace("_", " "), 28), "issue_count": row["issue_count"]}
        for row in rows[:DRAWN_PROBLEMS]
    ]
    return [Drawing((Panel("", bars(marked, field="issue_count", colour="second")),), "Issues by problem and source.")]


COVERAGE = Section(
    "data",
    "Data and gaps",
    "Which source covers which days, where the gaps are, and what could not be used.",
    (
        Figure(
            "coverage_by_source",
            "What does each source cover?",
            """
select
    source, count(*) as account_count, min(first_captured_at)::date as first_day,
    max(last_captured_at)::date as last_day, sum(captured_day_count)::bigint as captured_day_count,
    sum(missing_day_count)::bigint as missing_day_count,
    min(captured_post_share) as lowest_post_share,
    count(*) filter (where gap_note is not null) as account_with_gap_count,
    max_by(gap_note, missing_day_count) as longest_gap_note
from marts.coverage
group by source
order by source
""",
            {
                "source": ("Source", "text"),
                **common("account_count"),
                "first_day": ("First day", "day"),
                "last_day": ("Last day", "day"),
                "captured_day_count": ("Days read", "count"),
                "missing_day_count": ("Missing", "count"),
                "lowest_post_share": ("Posts captured, least", "share"),
                "account_with_gap_count": ("Accounts with gaps", "count"),
                "longest_gap_note": ("Longest gaps", "text"),
            },
            _read_sources,
            "Read some data first: tweetbench ingest FILE or tweetbench run.",
            _draw_sources,
        ),
        Figure(
            "captured_days",
            "Which days were read?",
            """
select
    date, count(*) filter (where is_captured or coalesce(is_follower_count_derived, false)) as captured_count,
    count(*) filter (where not (is_captured or coalesce(is_follower_count_derived, false))) as gap_count
from marts.account_days
where account_key in (select account_key from marts.account_days where is_captured)
group by date
order by date
""",
            {"date": ("Day", "day"), "captured_count": ("Read", "count"), "gap_count": ("Gaps", "count")},
            _read_days,
            "Read follower counts with tweetbench run, or from follower tables with tweetbench ingest FILE.",
            _draw_days,
            if_empty_on={
                "linkedin": "No follower total was read: ingest LinkedIn's table of competitors (Analytics, "
                "Competitors, Followers). With the net gains of the days it gives the total of each day."
            },
        ),
        Figure(
            "export_totals",
            "Do daily figures and posts add up?",
            """
select
    coalesce(accounts.account_label, totals.account_key) as handle, totals.metric, totals.first_date,
    totals.last_date, totals.post_count, totals.day_total, totals.post_total, totals.difference_share, totals.reason
from marts.reconciliation_exports as totals
left join marts.accounts using (account_key)
order by handle, metric
""",
            {
                **common("handle"),
                "metric": ("Figure", "label"),
                "first_date": ("From", "day"),
                "last_date": ("To", "day"),
                "post_count": ("Posts", "count"),
                "day_total": ("By day", "count"),
                "post_total": ("By post", "count"),
                "difference_share": ("Difference", "share"),
                "reason": ("Because", "label"),
            },
            _read_totals,
            "Needs the exports of an own account by day and by post, from X Analytics or LinkedIn.",
        ),
        Figure(
            "issues",
            "What could not be used?",
            """
select
    problem, source, sum(line_count)::bigint as issue_count, max(captured_at) as last_seen_at, min(subject) as example,
    min(next_step) as next_step
from marts.issues
group by problem, source
order by issue_count desc, problem, source
""",
            {
                "problem": ("Problem", "label"),
                "source": ("Source", "text"),
                "issue_count": ("Times", "count"),
                "last_seen_at": ("Last seen", "day"),
                "example": ("For example", "text"),
                "next_step": ("What to do", "text"),
            },
            lambda rows: [
                f"{write_count(sum(row['issue_count'] for row in rows))} items were set aside; none was lost."
            ],
            "Nothing was set aside: all data could be used.",
            _draw_issues,
        ),
    ),
)
