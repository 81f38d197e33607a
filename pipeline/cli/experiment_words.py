"""What `tweetbench experiment` says of plans and results."""

from datetime import date, timedelta
from typing import Any

from pipeline.ingest.experiments import Plan, Registered
from pipeline.publish.past_weeks import OwnAccount


def facts(made: Plan, own: OwnAccount) -> dict[str, Any]:
    """A plan in labelled facts."""
    return {
        "account": f"{own.handle} on {own.platform}",
        "arm a": made.arms[0] + (" originals a week" if made.factor == "posts" else ""),
        "arm b": made.arms[1] + (" originals a week" if made.factor == "posts" else ""),
        "compared": f"{made.outcome}, without the first {made.washout_days} days of each week",
        "seed": made.seed,
    }


def calendar(made: Plan) -> list[dict[str, Any]]:
    """Each week with its days and what to do in it."""
    days = [made.start_date + timedelta(days=7 * week) for week in range(2 * made.pair_count)]
    return [
        {"week": number, "from": str(day), "to": str(day + timedelta(days=6)), "do": _do(made, day)}
        for number, day in enumerate(days, 1)
    ]


def _do(made: Plan, day: date) -> str:
    arm = made.arm_of(day)
    if arm is None:
        return "nothing yet" if day < made.start_date else "over"
    return f"{arm} originals" if made.factor == "posts" else arm.replace("_", " ")


def state(known: Registered, today: date) -> dict[str, Any]:
    """An experiment in labelled facts, with what this week asks for."""
    made = known.plan
    due = f"stopped on {known.stopped_at:%Y-%m-%d}" if known.stopped_at else _do(made, today)
    return {
        "experiment": made.experiment_id,
        "account": f"{made.account.handle or made.account.account_id} on {made.account.platform}",
        "from": str(made.start_date),
        "to": str(made.end_date),
        "this week": due,
    }


def words(row: dict[str, Any]) -> list[str]:
    """The result in sentences, with what weakens it."""
    lines = [f"{row['experiment_id']}: {row['arm_b']} against {row['arm_a']}, {row['start_date']} to {row['end_date']}"]
    is_share = row["outcome"] == "new_follows"

    def figure(value: float) -> str:
        return f"{value:+.0%}" if is_share else f"{value:+,.1f} a week"

    if row["status"] == "ok":
        low, high = figure(row["effect_low"]), figure(row["effect_high"])
        lines.append(f"  {row['outcome']}: {figure(row['effect'])} ({low} to {high}), p = {row['p_value']:.3f}")
        shown = "more than chance" if row["p_value"] <= 0.05 else "no more than chance"
        lines.append(f"  {row['pair_count']} pairs of weeks; the difference is {shown}")
    else:
        lines.append(f"  {row['status']}: {row['status_reason']}")
        if row["effect"] is not None:
            lines.append(f"  difference so far: {figure(row['effect'])} in {row['pair_count']} pairs of weeks")
    if row["weeks_not_kept_count"]:
        lines.append(
            f"  - not kept in {row['weeks_not_kept_count']} of {row['weeks_over_count']} weeks; they count as planned"
        )
    if row["plan_count"] > 1:
        lines.append(f"  - planned {row['plan_count']} times; each time another order was drawn")
    if row["is_changed_after_start"]:
        lines.append(f"  - CHANGED AFTER ITS START ({row['change_reason']}): what came of it may have shaped it")
    if row["stop_reason"]:
        lines.append(f"  - stopped: {row['stop_reason']}")
    return lines
