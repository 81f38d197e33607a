"""The headline findings as sentences, each with its n and its uncertainty, for the terminal and the report."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from pipeline.report.catalogue import say, say_reason
from pipeline.report.definitions import in_sentence, label
from pipeline.report.figures import Row
from pipeline.report.growth_words import (
    describe_measure,
    word_check,
    word_reliability,
    word_verdict,
    word_verdict_shortly,
)
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
from pipeline.report.run_figures import has_accounts, rows_of
from pipeline.report.sections.own_days import say_day
from pipeline.report.sections.people import LINE, MINUTES
from pipeline.report.two_styles import state_answer, state_density, state_need
from pipeline.report.writing import (
    GAP,
    start_sentence,
    write_count,
    write_growth,
    write_list,
    write_number_of,
    write_range,
    write_share,
)


@dataclass(frozen=True)
class Headline:
    """A sentence, how sure it is, and the figure of the report that holds its data."""

    topic: str
    summary_text: str
    uncertainty: str
    figure: str
    # What the brief says instead, in one breath.
    brief_text: str = ""
    brief_uncertainty: str = ""

    def sentence(self) -> str:
        """Both parts as one line for a terminal."""
        return f"{self.summary_text} ({self.uncertainty})." if self.uncertainty else f"{self.summary_text}."


def find(connection: duckdb.DuckDBPyConnection) -> list[Headline]:
    """Every finding that the published marts can carry; none for a mart that is missing or empty."""
    found = []
    for sql, word in WORDED if has_accounts(connection) else OF_SURVEYS:
        try:
            rows = rows_of(connection, sql)
        except (duckdb.CatalogException, duckdb.BinderException):
            continue  # a version from before this mart existed
        if rows and (finding := word(rows)):
            found.append(finding)
    return found


def _styles(rows: list[Row]) -> Headline:
    parts = [f"{write_share(row['account_share'])} {say('style.' + row['ratio_style'])}" for row in rows]
    limits = [
        f"{in_sentence(label(row['ratio_style']))} {write_range(row['share_low'], row['share_high'])}" for row in rows
    ]
    base = write_count(rows[0]["base_count"])
    return Headline(
        say("headline.styles.topic"),
        say("headline.styles.text", base=base, parts=write_list(parts)),
        say("headline.styles.sure", limits=", ".join(limits)),
        "style_shares",
    )


def _two_styles(rows: list[Row]) -> Headline:
    (row,) = rows
    sure = "; ".join(part for part in (state_density(row), state_need(row)) if part)
    return Headline(say("headline.two_styles.topic"), state_answer(row), sure, "ratio_distribution")


def _churn(rows: list[Row]) -> Headline | None:
    (row,) = rows
    if not row["tested"]:
        return None
    tested, flagged = write_number_of(row["tested"], "account"), write_count(row["flagged"])
    statement = say("headline.churn.text", flagged=flagged, tested=tested)
    sure = say("headline.churn.sure")
    if row["possible"]:
        sure = say("headline.churn.possible", possible=write_count(row["possible"]), sure=sure)
    return Headline(say("headline.churn.topic"), statement, sure, "churn_paths")


def _verdict(rows: list[Row]) -> Headline:
    row = rows[0]
    if row["verdict"] == "insufficient_data" or row["quality_effect"] is None or row["difference_low"] is None:
        statement = say("headline.growth.too_early")
        return Headline(
            say("headline.growth.topic"),
            statement,
            say_reason(row["readiness_reason"] or row["status_reason"] or ""),
            "answer_readiness",
        )
    limits = say(
        "headline.growth.limits",
        quality_effect_low=_points(row["quality_effect_low"], row["quality_effect_high"]),
        volume_effect_low=_points(row["volume_effect_low"], row["volume_effect_high"]),
        difference_low=_points(row["difference_low"], row["difference_high"]),
        accounts=write_number_of(row["account_count"], "account"),
        account_weeks=write_number_of(row["observation_count"], "account_week"),
    )
    caveats = [*describe_measure(row.get("quality_bases")), word_reliability(row)]
    sure = ". ".join([limits, start_sentence(word_check(row)), *(text for text in caveats if text)])
    brief_sure = say(
        "headline.growth.brief_sure",
        quality_effect=_points(row["quality_effect_low"], row["quality_effect_high"]),
        volume_effect=_points(row["volume_effect_low"], row["volume_effect_high"]),
        accounts=write_number_of(row["account_count"], "account"),
    )
    topic = say("headline.growth.topic")
    return Headline(topic, word_verdict(row), sure, "growth_effects", word_verdict_shortly(row), brief_sure)


def _points(low: float, high: float) -> str:
    """Limits of growth without their unit: a difference of per cents is in points."""
    return write_range(low, high, "growth").removesuffix(f"{GAP}%")


def _own(rows: list[Row]) -> Headline | None:
    row = rows[0]
    if row["percentile"] is None:
        return None
    statement = say(
        "headline.own.text",
        handle=row["handle"],
        value=write_growth(row["value"]),
        percentile=write_count(row["percentile"]),
        peer_count=write_count(row["peer_count"]),
    )
    limits = write_range(row["conf_low"], row["conf_high"], "growth")
    return Headline(
        say("headline.own.topic"),
        statement,
        say("headline.own.sure", peer_median=write_growth(row["peer_median"]), limits=limits),
        "own_among_peers",
    )


def _own_days(rows: list[Row]) -> Headline:
    same, *before = rows
    statement = say_day(same, before[0] if before else None).rstrip(".")
    return Headline(say("headline.own_days.topic"), statement, say("headline.own_days.sure"), "own_account_growth")


def _platforms(rows: list[Row]) -> Headline:
    row = rows[0]
    statement = say(
        "headline.platforms.text", company=row["company"], ahead=label(row["ahead"]), behind=label(row["behind"])
    )
    weeks = write_number_of(row["week_count"], "week")
    sure = say("headline.platforms.sure", low=_points(row["low"], row["high"]), weeks=weeks)
    return Headline(say("headline.platforms.topic"), statement, sure, "audience_platforms")


def _retention(rows: list[Row]) -> Headline:
    (row,) = rows
    statement = say("headline.retention.text", share=write_share(row["share"]))
    limits = write_range(row["share_low"], row["share_high"])
    claim = say("headline.retention.claim", claimed=write_share(row["claimed"])) if row["claimed"] is not None else ""
    silent = (
        say("headline.retention.silent", never_posted_count=write_count(row["never_posted_count"]))
        if row["never_posted_count"]
        else ""
    )
    count = write_count(row["account_count"])
    sure = say("headline.retention.sure", limits=limits, count=count, silent=silent, claim=claim)
    return Headline(say("headline.retention.topic"), statement, sure, "retention_claims")


def _load(rows: list[Row]) -> Headline:
    (row,) = rows
    statement = say(
        "headline.load.text",
        beyond=write_count(row["beyond"]),
        accounts=write_count(row["accounts"]),
        line=LINE,
        minutes=MINUTES,
        over_hour=write_count(row["over_hour"]),
    )
    sure = say(
        "headline.load.sure",
        over_hour_low=write_count(row["over_hour_low"]),
        over_hour_high=write_count(row["over_hour_high"]),
    )
    return Headline(say("headline.load.topic"), statement, sure, "reading_load")


def _contrast(rows: list[Row]) -> Headline | None:
    if len(rows) < 2:
        return None
    parts = [
        f"{label(row['segment'])} {write_share(row['share'])} "
        f"({write_range(row['share_low'], row['share_high'])}, n = {write_count(row['base_count'])})"
        for row in rows
    ]
    statement = say(
        "headline.survey.text", question=rows[0]["question"], option=rows[0]["option"], parts=", ".join(parts)
    )
    sure = say("headline.survey.sure")
    return Headline(say("headline.survey.topic"), statement, sure, "survey_answers")


def _activation(rows: list[Row]) -> Headline:
    (row,) = rows
    statement = say(
        "headline.contacts.text", activation_share=write_share(row["activation_share"]), list_id=row["list_id"]
    )
    counts = say(
        "headline.contacts.counts",
        follower_count=write_count(row["follower_count"]),
        matched_count=write_count(row["matched_count"]),
    )
    sure = say("headline.contacts.sure", limits=write_range(row["share_low"], row["share_high"]), counts=counts)
    return Headline(say("headline.contacts.topic"), statement, sure, "contact_activation")


OF_SURVEYS: tuple[tuple[str, Callable[[list[Row]], Headline | None]], ...] = ((CONTRAST, _contrast),)
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
