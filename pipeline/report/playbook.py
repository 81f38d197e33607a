"""The four rules of 2009 on the user's own figures, as cards for the first page and the brief: what the figures say,
how sure that is, what peers do, what would change the reading, and the next step. The mart decides the reading.
"""

from dataclasses import dataclass

from pipeline.report.catalogue import say, say_if_known, say_reason
from pipeline.report.figures import Row, Rows
from pipeline.report.writing import (
    GAP,
    write_count,
    write_day,
    write_decimal,
    write_growth_points,
    write_number_of,
    write_range,
    write_share,
)

RULES = ("keep_going", "mass_communication", "use_contact_list", "quality_over_quantity")
FORMS = {
    "share_of_weeks": "share",
    "share_of_contacts": "share",
    "followers_per_following": "decimal",
    "weekly_log_growth": "growth",
}
CASES = {
    "keep_going": "week",
    "mass_communication": "week",
    "use_contact_list": "contact",
    "quality_over_quantity": "account_week",
}


@dataclass(frozen=True)
class Card:
    """One rule of one own account, as sentences."""

    account: str
    rule: str
    title: str
    # in_line, not_in_line or cannot_tell, and its words.
    reading: str
    reading_text: str
    says: str
    sure: str
    peers: str
    change: str
    next_step: str


def cards_of(rows: Rows) -> list[Card]:
    """A card for each row of the mart, accounts together, rules in the order of 2009."""
    return [_card(row) for row in rows]


def count_readings(cards: list[Card]) -> str:
    """One sentence on how many rules the figures are in line with."""
    counts = {name: sum(card.reading == name for card in cards) for name in ("in_line", "not_in_line", "cannot_tell")}
    return say("playbook.summary", **{name: write_count(count) for name, count in counts.items()})


def _card(row: Row) -> Card:
    rule, reading = str(row["rule"]), str(row["reading"])
    is_known = row["status"] == "ok"
    return Card(
        account=str(row["handle"]),
        rule=rule,
        title=say(f"rule.{rule}"),
        reading=reading,
        reading_text=say(f"reading.{reading}"),
        says=_says(row) if is_known else say("playbook.missing", reason=say_reason(str(row["status_reason"]))),
        sure=_sure(row) if is_known else _when(row),
        peers=_peers(row),
        change=say(f"playbook.{rule}.change", turning=_write(row, "turning_figure")),
        next_step=say(f"next_step.{row['next_step']}"),
    )


def _says(row: Row) -> str:
    rule = row["rule"]
    if row["figure"] is None:
        return say("playbook.mass_communication.nobody")
    if rule == "quality_over_quantity":
        points = write_growth_points(abs(row["figure"]))
        way = "more" if row["figure"] > 0 else "less"
        key = f"open_{way}" if row["reading"] == "cannot_tell" else way
        return say(f"playbook.quality_over_quantity.{key}", points=points)
    return say(f"playbook.{rule}.says", figure=_write(row, "figure"))


def _sure(row: Row) -> str:
    cases = write_number_of(row["case_count"], CASES[row["rule"]])
    limits = write_range(row["figure_low"], row["figure_high"], FORMS[row["figure_unit"]])
    if row["figure_low"] is None:
        return ""
    limits = limits.removesuffix(f"{GAP}%") if row["rule"] == "quality_over_quantity" else limits
    accounts = write_number_of(row["account_count"], "account")
    return say(f"playbook.{row['rule']}.sure", limits=limits, cases=cases, accounts=accounts)


def _when(row: Row) -> str:
    day = row["expected_answer_date"]
    return say("playbook.when", day=write_day(day)) if day else ""


def _peers(row: Row) -> str:
    if row["peer_figure"] is None:
        return say_if_known(f"playbook.{row['rule']}.no_peers") or say("playbook.no_peers")
    return say("playbook.peers", figure=_write(row, "peer_figure"), count=write_count(row["peer_count"]))


def _write(row: Row, column: str) -> str:
    value, form = row[column], FORMS[row["figure_unit"]]
    # A threshold is a round figure; all others have the digits of their limits, or they would lie outside them.
    return write_share(value) if form == "share" else write_decimal(value, 1 if column == "turning_figure" else 2)
