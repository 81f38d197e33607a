"""The data behind the report: sources, days, gaps, and everything that could not be used."""

from pipeline.report.catalogue import say
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
        say("coverage.missing", account_days=write_number_of(missing, "account_day"))
        if missing
        else say("coverage.complete")
    )
    return [said, say("coverage.never_filled")]


def _draw_sources(rows: Rows) -> list[Drawing]:
    marked = [
        {
            "label": wrap(row["source"]),
            "first_day": row["first_day"],
            "last_day": row["last_day"],
            "label_text": say(
                "coverage.span",
                accounts=write_number_of(row["account_count"], "account"),
                days=write_number_of(row["missing_day_count"], "day"),
            ),
        }
        for row in rows
        if row["first_day"] is not None
    ]
    return [Drawing((Panel("", spans(marked)),), say("coverage.alt_sources"))] if marked else []


def _draw_days(rows: Rows) -> list[Drawing]:
    panels = [_days(say("coverage.read"), rows, "captured_count", "accent")]
    if any(row["gap_count"] for row in rows):
        panels.append(_days(say("coverage.gaps"), rows, "gap_count", "second"))
    return [Drawing(tuple(panels), say("coverage.alt_days"))]


def _days(title: str, rows: Rows, field: str, colour: str) -> Panel:
    return Panel(title, over_days(rows, field=field, colour=colour, title=say("chart.accounts"), height=150))


def _read_days(rows: Rows) -> list[str]:
    read, gaps = sum(row["captured_count"] for row in rows), sum(row["gap_count"] for row in rows)
    share = write_share(read / (read + gaps)) if read + gaps else NOT_REPORTED
    first, last = write_day(rows[0]["date"]), write_day(rows[-1]["date"])
    return [
        say(
            "coverage.days",
            share=share,
            first=first,
            last=last,
            account_days=write_number_of(read + gaps, "account_day"),
        )
    ]


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
        rest = say("coverage.unexplained", apart=apart) if apart else say("coverage.explained")
        said.append(say("coverage.totals", handle=handle, by_day=by_day, by_post=by_post, rest=rest))
    return said


def _draw_issues(rows: Rows) -> list[Drawing]:
    marked = [
        {"label": wrap(f"{row['problem']} ({row['source']})".replace("_", " "), 28), "issue_count": row["issue_count"]}
        for row in rows[:DRAWN_PROBLEMS]
    ]
    return [Drawing((Panel("", bars(marked, field="issue_count", colour="second")),), say("coverage.alt_issues"))]


COVERAGE = Section(
    "data",
    (
        Figure(
            "coverage_by_source",
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
                "source": "text",
                **common("account_count"),
                "first_day": "day",
                "last_day": "day",
                "captured_day_count": "count",
                "missing_day_count": "count",
                "lowest_post_share": "share",
                "account_with_gap_count": "count",
                "longest_gap_note": "text",
            },
            _read_sources,
            _draw_sources,
        ),
        Figure(
            "captured_days",
            """
select
    date, count(*) filter (where is_captured or coalesce(is_follower_count_derived, false)) as captured_count,
    count(*) filter (where not (is_captured or coalesce(is_follower_count_derived, false))) as gap_count
from marts.account_days
where account_key in (select account_key from marts.account_days where is_captured)
group by date
order by date
""",
            {"date": "day", "captured_count": "count", "gap_count": "count"},
            _read_days,
            _draw_days,
        ),
        Figure(
            "export_totals",
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
                "metric": "label",
                "first_date": "day",
                "last_date": "day",
                "post_count": "count",
                "day_total": "count",
                "post_total": "count",
                "difference_share": "share",
                "reason": "label",
            },
            _read_totals,
        ),
        Figure(
            "issues",
            """
select
    problem, source, sum(line_count)::bigint as issue_count, max(captured_at) as last_seen_at, min(subject) as example,
    min(next_step) as next_step
from marts.issues
group by problem, source
order by issue_count desc, problem, source
""",
            {
                "problem": "label",
                "source": "text",
                "issue_count": "count",
                "last_seen_at": "day",
                "example": "text",
                "next_step": "text",
            },
            lambda rows: [say("coverage.issues", issue_count=write_count(sum(row["issue_count"] for row in rows)))],
            _draw_issues,
            is_answered_by_none=True,
        ),
    ),
    needs_accounts=False,
)
