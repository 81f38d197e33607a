"""What goes with follower growth: quality against volume, how sure that is, and where more posts stop paying."""

from typing import Any

from pipeline.report.charts.marks import dots_with_intervals, padded
from pipeline.report.charts.theme import paint
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.growth_words import describe_measure, word_check, word_reliability, word_verdict
from pipeline.report.sections.growth_doses import DOSES
from pipeline.report.sections.growth_segments import SEGMENTS
from pipeline.report.sections.readiness import READINESS
from pipeline.report.sections.shared import as_dot, by_dimension, common, interval, lacking, segment_name, usable
from pipeline.report.sections.what_if import GOOD_WEEK
from pipeline.report.writing import write_number_of, write_range

DRIVERS = (("accent", "quality"), ("second", "volume"))
COLOURS = {driver: colour for colour, driver in DRIVERS}
FOLDED = {"industry", "platform"}


def _read_effects(rows: Rows) -> list[str]:
    said = []
    for row in usable(rows):
        if row["segment_dimension"] == "all" and row["quality_effect"] is not None:
            check = word_check(row)
            caveats = [*describe_measure(row.get("quality_bases")), word_reliability(row)]
            said += [f"{word_verdict(row)}.", f"{check[:1].upper()}{check[1:]}."]
            said += [f"{text}." for text in caveats if text]
    noisy = [row for row in usable(rows) if row["segment_dimension"] != "all" and word_reliability(row)]
    if noisy:
        least = min(noisy, key=lambda row: row["reliability"])
        said.append(
            f"In {write_number_of(len(noisy), 'segment')} weekly response is mostly chance, most of all in "
            f"{segment_name(least)} (reliability {least['reliability']:.2f} of 1)."
        )
    unlike = {row["verdict"] for row in usable(rows) if row["segment_dimension"] != "all"}
    if len(unlike) > 1:
        said.append(
            "Segments with different verdicts need not differ: a small one often cannot tell. Whether they differ is "
            "tested below."
        )
    return [*said, *lacking(rows)]


def _draw_effects(rows: Rows) -> list[Drawing]:
    kept = usable(rows)
    limits = ["quality_effect_low", "quality_effect_high", "volume_effect_low", "volume_effect_high"]
    domain = padded(kept, limits, include=[0])
    made = []
    for dimension, of_dimension in by_dimension(kept):
        if dimension == "all":
            rows_of_all = [_effect(row, driver, label(driver)) for row in of_dimension for _, driver in DRIVERS]
            panels = [Panel("", _effects(rows_of_all, domain))]
        else:
            panels = [
                Panel(
                    label(driver), _effects([_effect(row, driver, segment_name(row)) for row in of_dimension], domain)
                )
                for _, driver in DRIVERS
            ]
        alt = f"Weekly growth that goes with a typical swing of response and of posting, {label(dimension).lower()}."
        made.append(Drawing(tuple(panels), alt, title=label(dimension), folded=dimension in FOLDED))
    return made


def _effect(row: Row, driver: str, name: str) -> Row:
    return as_dot(name, row, f"{driver}_effect", "growth", colour=paint(COLOURS[driver]))


def _effects(marked: Rows, domain: list[float]) -> dict[str, Any]:
    return dots_with_intervals(marked, domain, zero=True)


def _draw_models(rows: Rows) -> list[Drawing]:
    domain = padded(usable(rows), ["standardised_low", "standardised_high"], include=[0])
    panels = []
    for colour, term in DRIVERS:
        marked = [
            as_dot(label(row["specification"]), row, "standardised_estimate", "growth", "standardised")
            for row in usable(rows)
            if row["term"] == term
        ]
        if marked:
            panels.append(Panel(label(term), dots_with_intervals(marked, domain, colour=colour, zero=True)))
    return [Drawing(tuple(panels), "The two effects under each variant of the model.")] if panels else []


def _read_models(rows: Rows) -> list[str]:
    main = [
        row
        for row in usable(rows)
        if row["specification"] == "same_and_previous_week" and row["explained_share"] is not None
    ]
    said = [
        f"{label(row['term'])} carries {100 * row['explained_share']:.1f} % "
        f"({write_range(row['explained_share_low'], row['explained_share_high'])}) of what the model explains, "
        f"which is {100 * row['within_r2']:.1f} % of the variation within accounts and weeks."
        for row in main
    ]
    return [*said, *lacking(rows, "specification")]


EFFECT_COLUMNS = {
    **common("segment_dimension", "segment"),
    **interval("quality_effect", "Response", "growth"),
    **interval("volume_effect", "Posts", "growth"),
    **interval("difference", "Difference", "growth"),
    "verdict": ("Verdict", "label"),
    "reliability": ("Reliability of weekly response", "decimal"),
    "placebo_p_value": ("Reverse order p", "p_value"),
    **common("account_count", "observation_count", "status_reason"),
}
NEEDS = "A first estimate needs three accounts, better ten, with about 15 unbroken weeks of followers and posts."
GROWTH = Section(
    "growth",
    "Better posts or more posts?",
    "How weekly follower growth goes with the response to posts and with their number, in the same week and the week "
    "before, within the same account. What moves all accounts in a week is taken out; what moves one account's posts "
    "and its growth at once, such as news or paid reach, is not. A pattern, not an experiment.",
    (
        Figure(
            "growth_effects",
            "What goes with more growth?",
            """
select
    verdicts.* exclude (status_reason),
    (
        select any_value(mean_growth_rate) from marts.growth_what_if where segment_dimension = 'all'
    ) as mean_growth_rate,
    case when verdicts.status = 'ok' then verdicts.status_reason
        else coalesce(nullif(readiness.status_reason, ''), verdicts.status_reason) end as status_reason
from marts.growth_verdict as verdicts
left join marts.answer_readiness as readiness
    on readiness.question = 'quality_against_volume' and readiness.segment_dimension = verdicts.segment_dimension
        and readiness.segment = verdicts.segment
order by verdicts.segment_dimension, verdicts.segment
""",
            EFFECT_COLUMNS,
            _read_effects,
            NEEDS,
            _draw_effects,
            note="Weekly log growth that goes with one typical swing within an account; bars are 95 % limits.",
        ),
        READINESS,
        SEGMENTS,
        DOSES,
        Figure(
            "growth_models",
            "Does the answer depend on the model?",
            """
select
    specification, term, standardised_estimate, standardised_low, standardised_high, p_value, explained_share,
    explained_share_low, explained_share_high, within_r2, account_count, observation_count, method, status,
    status_reason
from marts.growth_attribution
where segment_dimension = 'all' and term in ('quality', 'volume')
order by specification, term
""",
            {
                "specification": ("Model", "label"),
                "term": ("Driver", "label"),
                **interval("standardised_estimate", "Effect of a swing", "growth", "standardised"),
                **common("p_value"),
                "explained_share": ("Explains", "share"),
                **common("account_count", "observation_count"),
                "method": ("Errors", "text"),
                **common("status_reason"),
            },
            _read_models,
            "Needs at least 10 accounts with 12 complete weeks of followers and posts.",
            _draw_models,
        ),
        GOOD_WEEK,
    ),
)
