"""What the Superset dashboard shows: datasets over the marts, and one entry for each chart. No YAML and no ids."""

from dataclasses import dataclass, field
from typing import Any

VERSION_SQL = """
select
    case when is_demo then 'DEMO: all data is invented' else 'real data' end as what_this_is, version, published_at,
    code_version, run_id
from marts.published
"""
DOSE_SQL = """
select
    driver, bin_number || '. ' || bin as dose, mean_growth_rate, conf_low, conf_high, observation_count, account_count
from marts.growth_dose_response
where segment_dimension = 'all' and status = 'ok'
"""
EFFECTS_SQL = """
select segment_dimension, segment, 'quality' as driver, quality_effect as effect, quality_effect_low as effect_low,
    quality_effect_high as effect_high, account_count, observation_count, verdict, status, status_reason
from marts.growth_verdict
union all
select segment_dimension, segment, 'volume' as driver, volume_effect as effect, volume_effect_low as effect_low,
    volume_effect_high as effect_high, account_count, observation_count, verdict, status, status_reason
from marts.growth_verdict
"""


@dataclass(frozen=True)
class Dataset:
    """A mart, or a query over one: then its text columns and its numbers are named here."""

    name: str
    sql: str | None = None
    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A chart: what it says, from which dataset, which columns and figures, and how wide it is (of 12)."""

    title: str
    dataset: str
    kind: str
    columns: tuple[str, ...]
    figures: tuple[str, ...] = ()
    split_by: str | None = None
    where: str | None = None
    width: int = 6
    height: int = 50
    note: str = ""
    look: dict[str, Any] = field(default_factory=dict)


DATASETS = (
    Dataset(
        "this_version",
        VERSION_SQL,
        texts=("what_this_is", "published_at", "code_version", "run_id"),
        numbers=("version",),
    ),
    Dataset("ratio_styles"),
    Dataset("ratio_style_summary"),
    Dataset("survey_segments"),
    Dataset("account_retention"),
    Dataset("benchmark"),
    Dataset("coverage"),
    Dataset("company_platforms"),
    Dataset("company_platform_differences"),
    Dataset(
        "growth_effects",
        EFFECTS_SQL,
        texts=("segment_dimension", "segment", "driver", "verdict", "status", "status_reason"),
        numbers=("effect", "effect_low", "effect_high", "account_count", "observation_count"),
    ),
    Dataset(
        "dose_response",
        DOSE_SQL,
        texts=("driver", "dose"),
        numbers=("mean_growth_rate", "conf_low", "conf_high", "observation_count", "account_count"),
    ),
)
EFFECT_COLUMNS = ("segment_dimension", "segment", "driver", "effect", "effect_low", "effect_high", "account_count")
EFFECT_COLUMNS += ("observation_count", "verdict", "status_reason")
COMPANY_COLUMNS = ("company", "platform", "follower_count", "weekly_growth_rate", "growth_rate_low", "growth_rate_high")
COMPANY_COLUMNS += ("engagement_per_1000_followers", "per_1000_followers_low", "per_1000_followers_high")
COMPANY_COLUMNS += ("engagement_note", "status_reason")
PAIR_COLUMNS = ("company", "measure", "platform", "other_platform", "estimate", "conf_low", "conf_high", "is_distinct")
PAIR_COLUMNS += ("status_reason",)
PERCENT = {"y_axis_format": ".0%"}
CHARTS = (
    Chart(
        "Which version is shown",
        "this_version",
        "table",
        ("what_this_is", "version", "published_at", "code_version", "run_id"),
        width=12,
        height=26,
        look={"page_length": 0, "include_search": False},
    ),
    Chart(
        "Ratio styles by size tier",
        "ratio_style_summary",
        "bar",
        ("segment",),
        ("account_share",),
        split_by="ratio_style",
        where="segment_dimension = 'size_tier'",
        note="Share of the accounts with a readable style; limits and n are in the table next to it.",
        look={**PERCENT, "stack": "Stack"},
    ),
    Chart(
        "Ratio styles with intervals",
        "ratio_style_summary",
        "table",
        ("segment", "ratio_style", "account_count", "base_count", "account_share", "share_low", "share_high", "status"),
        where="segment_dimension in ('all', 'size_tier')",
    ),
    Chart(
        "Followers and followed accounts",
        "ratio_styles",
        "bubble",
        ("account_key",),
        ("following_count", "follower_count"),
        split_by="ratio_style",
        width=12,
        height=60,
        note="One bubble per account, both axes logarithmic; on the diagonal an account follows as many as follow it.",
    ),
    Chart(
        "What is linked to growth: quality or volume?",
        "growth_effects",
        "table",
        EFFECT_COLUMNS,
        width=12,
        height=60,
        note="Weekly log growth linked to one typical swing, with 95 % limits: an association, no experiment.",
    ),
    Chart(
        "How much is too much: posts a week",
        "dose_response",
        "line",
        ("dose",),
        ("mean_growth_rate", "conf_low", "conf_high"),
        where="driver = 'volume'",
        note="Mean weekly growth after weeks in the bin, with 95 % limits.",
        look={"y_axis_format": ".2%"},
    ),
    Chart(
        "Does quality pay: fifths of quality",
        "dose_response",
        "line",
        ("dose",),
        ("mean_growth_rate", "conf_low", "conf_high"),
        where="driver = 'quality'",
        note="Mean weekly growth after weeks in the fifth, with 95 % limits.",
        look={"y_axis_format": ".2%"},
    ),
    Chart(
        "Survey: shares by customer focus",
        "survey_segments",
        "bar",
        ("option",),
        ("share",),
        split_by="segment",
        where="segment_dimension = 'customer_focus' and not is_suppressed",
        note="Choose one question in the filter on the left; suppressed cells are left out.",
        height=70,
        look={**PERCENT, "orientation": "horizontal"},
    ),
    Chart(
        "Survey: shares with intervals",
        "survey_segments",
        "table",
        ("option", "segment", "share", "share_low", "share_high", "base_count", "is_suppressed"),
        where="segment_dimension in ('all', 'customer_focus')",
        height=70,
    ),
    Chart(
        "Who is still posting",
        "account_retention",
        "line",
        ("day",),
        ("survival_share", "conf_low", "conf_high"),
        where="segment_dimension = 'all'",
        note="Share of accounts still posting, by days since the first own post (Kaplan-Meier, 95 % limits).",
        look=PERCENT,
    ),
    Chart(
        "Own accounts against their peers",
        "benchmark",
        "table",
        ("account_key", "metric", "value", "peer_median", "percentile", "peer_count", "peer_group", "status_reason"),
        where="is_own",
    ),
    Chart(
        "Companies by platform",
        "company_platforms",
        "table",
        COMPANY_COLUMNS,
        where="platform_count > 1",
        width=12,
        note="One row per platform: followers are never added up over platforms.",
    ),
    Chart(
        "Platforms of a company compared",
        "company_platform_differences",
        "table",
        PAIR_COLUMNS,
        width=12,
        note="Growth as a difference, reactions as a ratio; limits hold for all pairs of a company together.",
    ),
    Chart(
        "Coverage and gaps",
        "coverage",
        "table",
        ("source", "account_key", "last_captured_at", "captured_day_count", "missing_day_count", "gap_note"),
        width=12,
    ),
)
