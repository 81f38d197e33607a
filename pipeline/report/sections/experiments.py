"""Experiments of own accounts: what is due while one runs, and its effect once its weeks are over, never before."""

from datetime import timedelta

from pipeline.report.catalogue import say, say_if_known
from pipeline.report.charts.curves import schedule
from pipeline.report.charts.marks import dots_with_intervals, padded, wrap
from pipeline.report.charts.theme import paint
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.growth_words import LEVEL
from pipeline.report.sections.shared import as_dot, common, describe_gaps, interval, rows_with_estimates
from pipeline.report.writing import (
    write,
    write_count,
    write_day,
    write_number_of,
    write_p_value,
    write_range,
    write_share,
)

COLOURS = {"over": "muted", "now": "accent", "ahead": "band"}


def state_of(row: Row) -> str:
    """stopped, planned, running, unread (over, but not yet read to its end) or ended, on the day of the version."""
    if row["stopped_at"] is not None:
        return "stopped"
    if row["today"] < row["start_date"]:
        return "planned"
    if row["today"] <= row["end_date"]:
        return "running"
    return "ended" if row["weeks_over_count"] == row["week_count"] else "unread"


def open_experiments(rows: Rows) -> list[str]:
    """One sentence for each experiment: what is due, or what came of it."""
    return [
        _say_result(row)
        if state_of(row) in ("stopped", "ended")
        else " ".join(filter(None, (_say_state(row), _say_next(row))))
        for row in rows
    ]


def _say_state(row: Row) -> str:
    return say(
        f"experiments.{state_of(row)}",
        **_names(row),
        start=write_day(row["start_date"]),
        end=write_day(row["end_date"]),
        number=write_count((row["today"] - row["start_date"]).days // 7 + 1),
        weeks=write_number_of(row["week_count"], "week"),
        due=name_arm(row, row["planned_next"] if state_of(row) == "planned" else row["planned_now"]),
    )


def _say_result(row: Row) -> str:
    """The effect with its limits and its exact p; the difference so far where it was stopped."""
    if row["effect"] is None:
        return say("experiments.no_effect", **_names(row))
    effect, form = row["effect"], _form(row)
    said = {
        **_names(row),
        "effect": _change(abs(effect), form),
        "way": say("experiments.more" if effect >= 0 else "experiments.fewer"),
        "outcome": say(f"experiments.outcome.{row['outcome']}"),
        "pairs": write_number_of(row["pair_count"], "pair"),
    }
    if row["status"] != "ok":
        return say("experiments.so_far", **said)
    limits = write_range(row["effect_low"], row["effect_high"], form)
    key = "experiments.effect" if row["p_value"] <= LEVEL else "experiments.unclear"
    return say(key, **said, limits=limits, p_value=write_p_value(row["p_value"]))


def _names(row: Row) -> dict[str, str]:
    arms = {name: name_arm(row, row[name]) for name in ("arm_a", "arm_b")}
    return {"name": _name(row), **arms}


def _name(row: Row) -> str:
    return say("experiments.named", name=row["experiment_id"], handle=row["handle"])


def name_arm(row: Row, arm: str | None) -> str:
    """What an arm asks for: a number of posts, with or without links, or the words of the user."""
    if arm is None:
        return ""
    if row["factor"] == "posts":
        return write_number_of(float(arm), "own_post")
    return (say_if_known(f"experiments.arm.{arm}") if row["factor"] == "links" else None) or arm


def _form(row: Row) -> str:
    """An effect on new follows is a share, on other outcomes follows a week."""
    return "share" if row["outcome"] == "new_follows" else "decimal"


def _change(value: float, form: str) -> str:
    return write_share(value) if form == "share" else write(value, form)


def read_experiments(rows: Rows) -> list[str]:
    """How the plans were kept, what marks a result, and what is still missing."""
    said = []
    for row in rows:
        state = state_of(row)
        name = {"name": _name(row)}
        if row["weeks_kept_count"] or row["weeks_not_kept_count"]:
            kept, judged = row["weeks_kept_count"] or 0, (row["weeks_kept_count"] or 0) + row["weeks_not_kept_count"]
            said.append(
                say("experiments.kept", **name, kept=write_count(kept), judged=write_number_of(judged, "week_over"))
            )
        if state in ("planned", "running"):
            said.append(say("experiments.no_peeking", **name, end=write_day(row["end_date"])))
        if state == "stopped":
            why = say("experiments.because", reason=row["stop_reason"]) if row["stop_reason"] else ""
            said.append(say("experiments.was_stopped", **name, day=write_day(row["stopped_at"]), why=why))
        if row["is_changed_after_start"]:
            why = say("experiments.because", reason=row["change_reason"]) if row["change_reason"] else ""
            said.append(say("experiments.changed", **name, why=why))
        if row["plan_count"] > 1:
            said.append(say("experiments.planned_again", **name, count=write_count(row["plan_count"])))
    if any(state_of(row) == "ended" and row["status"] == "ok" for row in rows):
        said.append(say("experiments.by_chance"))
    waiting = [row for row in rows if state_of(row) == "unread" or (state_of(row) == "ended" and row["status"] != "ok")]
    return said + describe_gaps([{**row, "handle": _name(row)} for row in waiting], "handle")


def _say_next(row: Row) -> str:
    """What the next week asks for, while the plan runs."""
    if row["planned_next"] is None or state_of(row) != "running":
        return ""
    monday = row["today"] + timedelta(days=7 - row["today"].weekday())
    return say("experiments.next", day=write_day(monday), due=name_arm(row, row["planned_next"]))


def draw_experiments(rows: Rows) -> list[Drawing]:
    """The effects of those that ended, shares and follows apart."""
    kept = [row for row in rows_with_estimates(rows) if row["effect"] is not None]
    made = []
    for form in ("share", "decimal"):
        of_form = [row for row in kept if _form(row) == form]
        if of_form:
            dots = [{**as_dot(row["experiment_id"], row, "effect", form), "colour": paint("accent")} for row in of_form]
            domain = padded(of_form, ["effect_low", "effect_high"], include=[0])
            labels = None if form == "share" else "datum.value"
            title = say(f"experiments.panel_{form}")
            panels = [
                Panel(title, dots_with_intervals(dots, domain, zero=True, label_expression=labels), _about(of_form))
            ]
            made.append(Drawing(tuple(panels), say("experiments.alt")))
    return made


def _about(rows: Rows) -> str:
    """The account, where all rows are of one."""
    handles = {row["handle"] for row in rows}
    return str(handles.pop()) if len(handles) == 1 else ""


def open_weeks(rows: Rows) -> list[str]:
    """How many weeks are over, in each plan."""
    return [
        say(
            "experiments.weeks",
            name=_name(weeks[0]),
            over=write_count(sum(row["week_end_date"] < row["last_date"] for row in weeks)),
            weeks=write_number_of(len(weeks), "week"),
        )
        for weeks in _by_plan(rows)
    ]


def _by_plan(rows: Rows) -> list[list[Row]]:
    names = dict.fromkeys(row["experiment_id"] for row in rows)
    return [[row for row in rows if row["experiment_id"] == name] for name in names]


def read_weeks(rows: Rows) -> list[str]:
    """Nothing more: whether weeks were kept is said with their experiment."""
    del rows
    return []


def draw_weeks(rows: Rows) -> list[Drawing]:
    """A strip of weeks for each plan; those after a stop are none of it."""
    panels = []
    for weeks in _by_plan(rows):
        kept = [row for row in weeks if not row["is_stopped"] or row["week_start_date"] <= row["last_date"]]
        # Arm a first, whichever week it came in.
        marked = [_week(row) for row in sorted(kept, key=lambda row: (row["arm"], row["week_start_date"]))]
        panels += [Panel(str(weeks[0]["experiment_id"]), schedule(marked), _about(weeks))] if marked else []
    key = tuple((colour, say(f"experiments.{state}_key")) for state, colour in COLOURS.items())
    return [Drawing(tuple(panels), say("experiments.alt_weeks"), key=key)] if panels else []


def _week(row: Row) -> Row:
    last, start, end = row["last_date"], row["week_start_date"], row["week_end_date"]
    state = "over" if end < last or row["is_stopped"] else "ahead" if start > last else "now"
    planned = name_arm(row, row["planned"])
    return {
        "label": wrap(planned),
        "from": start,
        "to": end + timedelta(days=1),
        "colour": paint(COLOURS[state]),
        "tooltip": say("experiments.week_tooltip", number=row["week_number"], start=write_day(start), planned=planned),
    }


EXPERIMENTS = Section(
    "experiments",
    (
        Figure(
            "experiment_results",
            """
with known as (
    select *, (select cast(published_at at time zone 'UTC' as date) from marts.published) as today
    from marts.experiments
)

select
    coalesce(accounts.account_label, experiments.account_key) as handle, experiments.experiment_id,
    experiments.factor, experiments.arm_a, experiments.arm_b, experiments.outcome, experiments.start_date,
    experiments.end_date, experiments.registered_at, experiments.plan_count, experiments.is_changed_after_start,
    experiments.change_reason, experiments.stopped_at, experiments.stop_reason, experiments.week_count,
    experiments.weeks_over_count, experiments.weeks_kept_count, experiments.weeks_not_kept_count,
    experiments.pair_count, experiments.mean_a, experiments.mean_b, experiments.effect, experiments.effect_low,
    experiments.effect_high, experiments.p_value,
    experiments.today,
    (
        select planned from marts.experiment_weeks as weeks
        where weeks.experiment_id = experiments.experiment_id
            and experiments.today between weeks.week_start_date and weeks.week_end_date
    ) as planned_now,
    (
        select min_by(planned, week_start_date) from marts.experiment_weeks as weeks
        where weeks.experiment_id = experiments.experiment_id and weeks.week_start_date > experiments.today
    ) as planned_next,
    experiments.status, experiments.status_reason
from known as experiments
left join marts.accounts using (account_key)
order by experiments.start_date desc, experiments.experiment_id
""",
            {
                "experiment_id": "text",
                **common("handle"),
                "arm_a": "text",
                "arm_b": "text",
                "outcome": "label",
                "start_date": "day",
                "end_date": "day",
                "registered_at": "day",
                "weeks_over_count": "count",
                "weeks_kept_count": "count",
                "weeks_not_kept_count": "count",
                "pair_count": "count",
                **interval("effect", "measure"),
                **common("p_value"),
                "is_changed_after_start": "text",
                "plan_count": "count",
                **common("status_reason"),
            },
            read_experiments,
            draw_experiments,
            open=open_experiments,
        ),
        Figure(
            "experiment_weeks",
            """
select
    coalesce(accounts.account_label, weeks.account_key) as handle, weeks.experiment_id, experiments.factor,
    weeks.week_number, weeks.week_start_date, weeks.week_end_date, weeks.arm, weeks.planned,
    weeks.original_post_count, weeks.link_post_count, weeks.is_kept,
    -- Follows by week before the end would be the result before the end.
    case when experiments.stopped_at is not null or experiments.weeks_over_count = experiments.week_count
        then weeks.follows_per_week end as follows_per_week,
    weeks.notes, experiments.stopped_at is not null as is_stopped,
    cast(
        coalesce(experiments.stopped_at, (select published_at from marts.published)) at time zone 'UTC' as date
    ) as last_date
from marts.experiment_weeks as weeks
inner join marts.experiments using (experiment_id)
left join marts.accounts on accounts.account_key = weeks.account_key
order by experiments.start_date desc, weeks.experiment_id, weeks.week_number
""",
            {
                "experiment_id": "text",
                **common("handle"),
                "week_number": "count",
                "week_start_date": "day",
                "week_end_date": "day",
                "planned": "text",
                "original_post_count": "count",
                "link_post_count": "count",
                "is_kept": "text",
                "follows_per_week": "decimal",
                "notes": "text",
            },
            read_weeks,
            draw_weeks,
            open=open_weeks,
        ),
    ),
    needs_first=True,
)
