"""The headline findings as sentences, each with its n and its uncertainty, for the terminal and the report."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from pipeline.report.definitions import label
from pipeline.report.figures import Row
from pipeline.report.growth_words import describe_measure, word_check, word_reliability, word_verdict
from pipeline.report.headline_sql import (
    ACTIVATION,
    CHURN,
    CONTRAST,
    LOAD,
    OWN,
    OWN_DAYS,
    PLATFORMS,
    RETENTION,
    STYLES,
    TWO_STYLES,
    VERDICT,
)
from pipeline.report.run_figures import rows_of
from pipeline.report.sections.own_days import say_day
from pipeline.report.sections.people import LINE, MINUTES
from pipeline.report.two_styles import state_answer, state_density, state_need
from pipeline.report.writing import (
    GAP,
    write_count,
    write_growth,
    write_list,
    write_number_of,
    write_range,
    write_share,
)

STYLE_WORDS = {
    "mass_communication": "broadcast",
    "interpersonal": "follow about as many accounts as follow them",
    "transitional": "fall in between",
    "net_follower": "follow more accounts than follow them",
    "too_small": "are too small to classify",
}


@dataclass(frozen=True)
class Headline:
    """A sentence, how sure it is, and the figure of the report that holds its data."""

    topic: str
    summary_text: str
    uncertainty: str
    figure: str

    def sentence(self) -> str:
        """Both parts as one line for a terminal."""
        return f"{self.summary_text} ({self.uncertainty})." if self.uncertainty else f"{self.summary_text}."


def find(connection: duckdb.DuckDBPyConnection) -> list[Headline]:
    """Every finding that the published marts can carry; none for a mart that is missing or empty."""
    found = []
    for sql, word in WORDED:
        try:
            rows = rows_of(connection, sql)
        except (duckdb.CatalogException, duckdb.BinderException):
            continue  # a version from before this mart existed
        if rows and (finding := word(rows)):
            found.append(finding)
    return found


def _styles(rows: list[Row]) -> Headline:
    parts = [f"{write_share(row['account_share'])} {STYLE_WORDS[row['ratio_style']]}" for row in rows]
    limits = [f"{label(row['ratio_style']).lower()} {write_range(row['share_low'], row['share_high'])}" for row in rows]
    base = write_count(rows[0]["base_count"])
    return Headline(
        "Styles", f"Of {base} accounts, {write_list(parts)}", f"95 % intervals: {', '.join(limits)}", "style_shares"
    )


def _two_styles(rows: list[Row]) -> Headline:
    (row,) = rows
    sure = "; ".join(part for part in (state_density(row), state_need(row)) if part)
    return Headline("Two styles?", state_answer(row), sure, "ratio_distribution")


def _churn(rows: list[Row]) -> Headline | None:
    (row,) = rows
    if not row["tested"]:
        return None
    tested, flagged = write_number_of(row["tested"], "account"), write_count(row["flagged"])
    statement = f"{flagged} of {tested} watched long enough followed and unfollowed in repeated waves"
    sure = "a lower bound: slower or daily churn is not detected; clean-ups and events can look the same"
    if row["possible"]:
        sure = f"{write_count(row['possible'])} more possible; {sure}"
    return Headline("Spam and cull", statement, sure, "churn_paths")


def _verdict(rows: list[Row]) -> Headline:
    row = rows[0]
    if row["verdict"] == "insufficient_data" or row["quality_effect"] is None or row["difference_low"] is None:
        statement = "It is too early to say whether better posts or more posts win followers"
        return Headline("Growth", statement, row["readiness_reason"] or row["status_reason"] or "", "answer_readiness")
    limits = (
        f"95 % limits in points: {_points(row['quality_effect_low'], row['quality_effect_high'])} for the response, "
        f"{_points(row['volume_effect_low'], row['volume_effect_high'])} for the number of posts, "
        f"{_points(row['difference_low'], row['difference_high'])} for the difference; "
        f"{write_number_of(row['account_count'], 'account')}, "
        f"{write_number_of(row['observation_count'], 'account-week')}"
    )
    caveats = [*describe_measure(row.get("quality_bases")), word_reliability(row)]
    sure = ". ".join([f"{limits}; {word_check(row)}", *(text for text in caveats if text)])
    return Headline("Growth", word_verdict(row), sure, "growth_effects")


def _points(low: float, high: float) -> str:
    """Limits of growth without their unit: a difference of per cents is in points."""
    return write_range(low, high, "growth").removesuffix(f"{GAP}%")


def _own(rows: list[Row]) -> Headline | None:
    row = rows[0]
    if row["percentile"] is None:
        return None
    statement = (
        f"{row['handle']} grows by {write_growth(row['value'])} a week, faster than "
        f"{write_count(row['percentile'])} % of its {write_count(row['peer_count'])} peers"
    )
    limits = write_range(row["conf_low"], row["conf_high"], "growth")
    return Headline(
        "Own account", statement, f"peer median {write_growth(row['peer_median'])}, {limits}", "own_among_peers"
    )


def _own_days(rows: list[Row]) -> Headline:
    same, *before = rows
    statement = say_day(same, before[0] if before else None).rstrip(".")
    return Headline("Own days", statement, "one account, 95 % limits: a pattern over days", "own_account_growth")


def _platforms(rows: list[Row]) -> Headline:
    row = rows[0]
    statement = f"{row['company']} grows faster on {label(row['ahead'])} than on {label(row['behind'])}"
    weeks = write_number_of(row["week_count"], "week")
    sure = f"by {_points(row['low'], row['high'])} points a week, 95 % for all pairs of platforms, {weeks}"
    return Headline("Platforms", statement, sure, "audience_platforms")


def _retention(rows: list[Row]) -> Headline:
    (row,) = rows
    statement = f"{write_share(row['share'])} of new accounts that posted at least once had quit by day 7"
    limits = write_range(row["share_low"], row["share_high"])
    claim = f"; published claim {write_share(row['claimed'])}" if row["claimed"] is not None else ""
    silent = f"; {write_count(row['never_posted_count'])} never posted" if row["never_posted_count"] else ""
    count = write_count(row["account_count"])
    sure = f"95 % interval {limits}, n = {count} watched from the start{silent}{claim}"
    return Headline("Who quits", statement, sure, "retention_claims")


def _load(rows: list[Row]) -> Headline:
    (row,) = rows
    statement = (
        f"{write_count(row['beyond'])} of {write_count(row['accounts'])} accounts follow more than {LINE} others, "
        f"at least {MINUTES} minutes of reading a day; {write_count(row['over_hour'])} would need more than an hour"
    )
    sure = (
        "assumes one post a day from each and 4 seconds per post; at half or twice that, "
        f"{write_count(row['over_hour_low'])} to {write_count(row['over_hour_high'])} need more than an hour"
    )
    return Headline("Reading load", statement, sure, "reading_load")


def _contrast(rows: list[Row]) -> Headline | None:
    if len(rows) < 2:
        return None
    parts = [
        f"{label(row['segment'])} {write_share(row['share'])} "
        f"({write_range(row['share_low'], row['share_high'])}, n = {write_count(row['base_count'])})"
        for row in rows
    ]
    statement = f"“{rows[0]['question']}” {rows[0]['option']}: {', '.join(parts)}"
    sure = "the widest gap between segments among all answers: a lead to follow up, not a test"
    return Headline("Survey", statement, sure, "survey_answers")


def _activation(rows: list[Row]) -> Headline:
    (row,) = rows
    statement = f"{write_share(row['activation_share'])} of the matched contacts in {row['list_id']} are followers"
    counts = f"{write_count(row['follower_count'])} of {write_count(row['matched_count'])}"
    sure = f"95 % interval {write_range(row['share_low'], row['share_high'])}, {counts}"
    return Headline("Contacts", statement, sure, "contact_activation")


WORDED: tuple[tuple[str, Callable[[list[Row]], Headline | None]], ...] = (
    (VERDICT, _verdict),
    (STYLES, _styles),
    (TWO_STYLES, _two_styles),
    (CHURN, _churn),
    (OWN, _own),
    (OWN_DAYS, _own_days),
    (PLATFORMS, _platforms),
    (RETENTION, _retention),
    (LOAD, _load),
    (CONTRAST, _contrast),
    (ACTIVATION, _activation),
)
