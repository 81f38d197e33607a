"""The headline findings in words, each with its n and its uncertainty. The terminal and the report both say these."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from pipeline.report.asking import rows_of
from pipeline.report.definitions import label, thresholds
from pipeline.report.figures import Row
from pipeline.report.growth_words import describe_measure, word_check, word_reliability, word_verdict
from pipeline.report.headline_sql import (
    ACTIVATION,
    CHURN,
    CONTRAST,
    LOAD,
    OWN,
    RETENTION,
    STYLES,
    TWO_STYLES,
    VERDICT,
)
from pipeline.report.writing import (
    write_count,
    write_growth,
    write_list,
    write_number_of,
    write_p_value,
    write_range,
    write_share,
)

STYLE_WORDS = {
    "mass_communication": "broadcast",
    "interpersonal": "follow about as many as follow them",
    "transitional": "lie between",
    "net_follower": "follow more than follow them",
    "too_small": "are too small to tell",
}


@dataclass(frozen=True)
class Finding:
    """A sentence, how sure it is, and the figure of the report that holds its data."""

    topic: str
    statement: str
    uncertainty: str
    figure: str

    def sentence(self) -> str:
        """Both parts as one line for a terminal."""
        return f"{self.statement} ({self.uncertainty})." if self.uncertainty else f"{self.statement}."


def find(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
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


def _styles(rows: list[Row]) -> Finding:
    parts = [f"{write_share(row['account_share'])} {STYLE_WORDS[row['ratio_style']]}" for row in rows]
    limits = [f"{label(row['ratio_style']).lower()} {write_range(row['share_low'], row['share_high'])}" for row in rows]
    base = write_count(rows[0]["base_count"])
    return Finding(
        "Styles", f"Of {base} accounts, {write_list(parts)}", f"95 % intervals: {', '.join(limits)}", "style_shares"
    )


def _two_styles(rows: list[Row]) -> Finding | None:
    (row,) = rows
    if row["is_multimodal"] is None:
        return None
    count = write_count(row["account_count"])
    if row["is_multimodal"]:
        statement = f"There are two separate styles: few of {count} accounts lie between them"
    else:
        # A gap that is not found is not shown to be absent.
        statement = f"We cannot yet tell whether there are two separate styles ({count} accounts)"
    sure = f"test for a gap between the styles, p {write_p_value(row['p_value'])}"
    return Finding("Two styles?", statement, sure, "ratio_distribution")


def _churn(rows: list[Row]) -> Finding | None:
    (row,) = rows
    if not row["tested"]:
        return None
    statement = (
        f"In {write_count(row['flagged'])} of {write_count(row['tested'])} accounts the number of followed accounts "
        "rises and falls in repeated waves"
    )
    sure = "clean-ups and events can look the same, and slower or daily churn is not seen"
    return Finding("Spam and cull", statement, sure, "churn_paths")


def _verdict(rows: list[Row]) -> Finding:
    row = rows[0]
    if row["verdict"] == "insufficient_data" or row["quality_effect"] is None or row["difference_low"] is None:
        statement = "Whether better posts or more posts win followers cannot be said yet"
        return Finding("Growth", statement, row["readiness_reason"] or row["status_reason"] or "", "answer_readiness")
    limits = (
        f"95 % limits {write_range(row['quality_effect_low'], row['quality_effect_high'], 'growth')} for the response, "
        f"{write_range(row['volume_effect_low'], row['volume_effect_high'], 'growth')} for the number of posts, "
        f"{write_range(row['difference_low'], row['difference_high'], 'growth')} for the difference; "
        f"{write_number_of(row['account_count'], 'account')}, "
        f"{write_number_of(row['observation_count'], 'account-week')}"
    )
    caveats = [*describe_measure(row.get("quality_bases")), word_reliability(row)]
    sure = ". ".join([f"{limits}; {word_check(row)}", *(text for text in caveats if text)])
    return Finding("Growth", word_verdict(row), sure, "growth_effects")


def _own(rows: list[Row]) -> Finding | None:
    row = rows[0]
    if row["percentile"] is None:
        return None
    statement = (
        f"{row['handle']} grows by {write_growth(row['value'])} a week, faster than "
        f"{write_count(row['percentile'])} % of its {write_count(row['peer_count'])} peers"
    )
    limits = write_range(row["conf_low"], row["conf_high"], "growth")
    return Finding(
        "Own account", statement, f"median of the peers {write_growth(row['peer_median'])}, {limits}", "own_among_peers"
    )


def _retention(rows: list[Row]) -> Finding:
    (row,) = rows
    statement = f"{write_share(row['share'])} of new accounts had quit by day 7"
    limits = write_range(row["share_low"], row["share_high"])
    claim = f"; published claim {write_share(row['claimed'])}" if row["claimed"] is not None else ""
    count = write_count(row["account_count"])
    return Finding(
        "Who quits", statement, f"95 % interval {limits}, n = {count} watched from the start{claim}", "retention_claims"
    )


def _load(rows: list[Row]) -> Finding:
    (row,) = rows
    line = write_count(thresholds().get("reading_line_accounts", 300))
    statement = (
        f"{write_count(row['beyond'])} of {write_count(row['accounts'])} accounts follow over {line} others: at least "
        f"{write_number_of(row['least_minutes'], 'minute')} of reading a day; {write_count(row['over_an_hour'])} would "
        "need over an hour"
    )
    sure = "one post a day of each followed account and four seconds to read it are assumed; nobody was watched reading"
    return Finding("Reading load", statement, sure, "reading_load")


def _contrast(rows: list[Row]) -> Finding | None:
    if len(rows) < 2:
        return None
    parts = [
        f"{label(row['segment'])} {write_share(row['share'])} "
        f"({write_range(row['share_low'], row['share_high'])}, n = {write_count(row['base_count'])})"
        for row in rows
    ]
    statement = f"“{rows[0]['question']}” {rows[0]['option']}: {', '.join(parts)}"
    sure = "the widest gap between segments of all answers, so read it as a lead and not as a test"
    return Finding("Survey", statement, sure, "survey_answers")


def _activation(rows: list[Row]) -> Finding:
    (row,) = rows
    statement = f"{write_share(row['activation_share'])} of the matched contacts of {row['list_id']} follow"
    counts = f"{write_count(row['follower_count'])} of {write_count(row['matched_count'])}"
    sure = f"95 % interval {write_range(row['share_low'], row['share_high'])}, {counts}"
    return Finding("Contacts", statement, sure, "contact_activation")


WORDED: tuple[tuple[str, Callable[[list[Row]], Finding | None]], ...] = (
    (VERDICT, _verdict),
    (STYLES, _styles),
    (TWO_STYLES, _two_styles),
    (CHURN, _churn),
    (OWN, _own),
    (RETENTION, _retention),
    (LOAD, _load),
    (CONTRAST, _contrast),
    (ACTIVATION, _activation),
)
