"""Where a company's audience is: its own accounts on several platforms, next to one another and never added up."""

from pipeline.report.catalogue import say, say_reason
from pipeline.report.charts.marks import dots_with_intervals, padded
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.sections.platform_comparisons import COMPARISONS, GROWTH, REACTIONS
from pipeline.report.sections.shared import as_dot, common, interval
from pipeline.report.writing import write, write_count, write_list, write_number_of


def _companies(rows: Rows) -> list[tuple[str, list[Row]]]:
    names = dict.fromkeys(str(row["company"]) for row in rows)
    return [(name, [row for row in rows if row["company"] == name]) for name in names]


def _read_platforms(rows: Rows) -> list[str]:
    """What is known first, then the sizes, then what is missing."""
    companies = _companies(rows)
    said = []
    for company, kept in companies:
        whose = f"{company}: " if len(companies) > 1 else ""
        said += [whose + _lead(kept, "grows_faster_than", GROWTH)]
        said += [whose + _lead(kept, "reacts_more_than", REACTIONS)]
        counts = [f"{label(row['platform'])} {write_count(row['follower_count'])}" for row in kept]
        said.append(say("platforms.followers", whose=whose, counts=write_list(counts)))
        said += [
            say("platforms.lacking", platform=label(row["platform"]), reason=say_reason(row["status_reason"]))
            for row in kept
            if row["status"] != "ok"
        ]
    return said


def _lead(rows: Rows, field: str, measure: str) -> str:
    found = [
        say(
            f"platforms.{field}",
            ahead=label(row["platform"]),
            behind=write_list(label(name) for name in row[field].split(", ")),
        )
        for row in rows
        if row[field]
    ]
    if found:
        return f"{'. '.join(found)}."
    known = [row for row in rows if row[measure] is not None]
    what = say("platforms.growth" if measure == GROWTH else "platforms.reactions")
    if len(known) < 2:
        return say("platforms.too_early", what=what)
    form = "growth" if measure == GROWTH else "decimal"
    values = write_list(f"{label(row['platform'])} {write(row[measure], form)}" for row in known)
    return say("platforms.none_ahead", what=what, values=values)


def _draw_platforms(rows: Rows) -> list[Drawing]:
    made = []
    for company, kept in _companies(rows):
        panels = [*_growth_panel(kept), *_reaction_panel(kept)]
        if panels:
            alt = say("platforms.alt", company=company)
            made.append(Drawing(tuple(panels), alt, title=company))
    return made


def _growth_panel(rows: Rows) -> list[Panel]:
    kept = [row for row in rows if row[GROWTH] is not None]
    if not kept:
        return []
    domain = padded(kept, ["growth_rate_low", "growth_rate_high"], include=[0])
    dots = [as_dot(_name(row, "week_count", "week"), row, GROWTH, "growth", "growth_rate") for row in kept]
    return [Panel(say("platforms.growth_panel"), dots_with_intervals(dots, domain, zero=True))]


def _reaction_panel(rows: Rows) -> list[Panel]:
    kept = [row for row in rows if row[REACTIONS] is not None]
    if not kept:
        return []
    domain = padded(kept, ["per_1000_followers_high"], include=[0])
    dots = [as_dot(_name(row, "post_count", "post"), row, REACTIONS, "decimal", "per_1000_followers") for row in kept]
    spec = dots_with_intervals(dots, domain, label_expression="datum.value")
    return [Panel(say("platforms.reactions_panel"), spec)]


def _name(row: Row, count: str, noun: str) -> str:
    return f"{label(row['platform'])} ({write_number_of(row[count], noun)})"


PLATFORMS = Section(
    "platforms",
    (
        Figure(
            "audience_platforms",
            """
with ahead as (
    select company, platform, other_platform, measure, comparison, conf_low, conf_high
    from marts.company_platform_differences
    where is_distinct
),

leads as (
    select
        company, measure,
        case when conf_low > (comparison = 'ratio')::int then platform else other_platform end as platform,
        case when conf_low > (comparison = 'ratio')::int then other_platform else platform end as behind
    from ahead
)

select
    platforms.company, platforms.platform, platforms.follower_count, platforms.follower_change,
    platforms.change_start_date, platforms.weekly_growth_rate, platforms.growth_rate_low, platforms.growth_rate_high,
    platforms.week_count, platforms.posts_per_week, platforms.engagement_per_1000_followers,
    platforms.per_1000_followers_low, platforms.per_1000_followers_high, platforms.post_count,
    (
        select string_agg(behind, ', ' order by behind) from leads
        where leads.company = platforms.company and leads.platform = platforms.platform
            and measure = 'weekly_growth_rate'
    ) as grows_faster_than,
    (
        select string_agg(behind, ', ' order by behind) from leads
        where leads.company = platforms.company and leads.platform = platforms.platform
            and measure = 'engagement_per_1000_followers'
    ) as reacts_more_than,
    platforms.engagement_note, platforms.status, platforms.status_reason
from marts.company_platforms as platforms
where platforms.is_own and platforms.platform_count > 1
order by platforms.company, platforms.weekly_growth_rate desc nulls last, platforms.platform
""",
            {
                "company": "text",
                "platform": "label",
                "follower_count": "count",
                "follower_change": "count",
                "change_start_date": "day",
                **interval("weekly_growth_rate", "growth", "growth_rate"),
                "week_count": "count",
                "posts_per_week": "decimal",
                **interval(REACTIONS, "decimal", "per_1000_followers"),
                "post_count": "count",
                "engagement_note": "reason",
                **common("status_reason"),
            },
            _read_platforms,
            _draw_platforms,
        ),
        *COMPARISONS,
    ),
    needs_first=True,
)
