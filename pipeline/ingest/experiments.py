"""Planned experiments in the lake: registered before they begin, never changed, only followed by further rows."""

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from pipeline.analysis.experiment import FEWEST_PAIRS, MOST_PAIRS, SCALES, draw_arms
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake

NAME, TABLE = "experiment", "experiment_events"
PLANNED, NOTED, STOPPED = "planned", "noted", "stopped"
WITH_LINK, WITHOUT_LINK = "with_link", "without_link"
MOST_WASHOUT_DAYS = 3


@dataclass(frozen=True)
class Account:
    """Whose experiment it is, as lake rows name accounts."""

    platform: str
    account_id: str | None
    handle: str | None


@dataclass(frozen=True)
class Plan:
    """One experiment as registered. Weeks run from Monday to Sunday, UTC."""

    experiment_id: str
    account: Account
    arms: tuple[str, str]
    outcome: str
    start_date: date
    pair_count: int
    washout_days: int
    wanted_effect: float | None
    seed: str

    @property
    def factor(self) -> str:
        """What is varied, as far as posts can show it: posts, links or other."""
        if all(arm.isdecimal() for arm in self.arms):
            return "posts"
        return "links" if set(self.arms) == {WITH_LINK, WITHOUT_LINK} else "other"

    @property
    def week_arms(self) -> tuple[str, ...]:
        """The arm of each week, a or b."""
        return draw_arms(self.seed, self.pair_count)

    @property
    def end_date(self) -> date:
        """Sunday of the last week."""
        return self.start_date + timedelta(days=14 * self.pair_count - 1)

    def arm_of(self, day: date) -> str | None:
        """What a day asks for; None outside of the experiment."""
        weeks, passed = self.week_arms, (day - self.start_date).days
        if not 0 <= passed < 7 * len(weeks):
            return None
        return self.arms[weeks[passed // 7] == "b"]


@dataclass(frozen=True)
class Registered:
    """A plan with what happened to it since."""

    plan: Plan
    registered_at: datetime
    stopped_at: datetime | None = None


def new_seed() -> str:
    """A seed that nobody chose."""
    return secrets.token_hex(8)


def registered(lake: Lake) -> dict[str, Registered]:
    """The newest plan of each experiment, by name.

    Raises:
        TweetbenchError: a file of the lake is damaged.
    """
    found: dict[str, Registered] = {}
    for row in lake.read(TABLE).to_pylist():
        name = row["experiment_id"]
        if row["event"] == PLANNED:
            found[name] = Registered(_plan(row), row["captured_at"])
        elif row["event"] == STOPPED and name in found:
            found[name] = replace(found[name], stopped_at=row["captured_at"])
    return found


def register(lake: Lake, plan: Plan, *, now: datetime, reason: str | None = None) -> None:
    """Register a plan; `reason` says why it replaces one that has begun, which marks its result.

    Raises:
        TweetbenchError: it cannot be carried out as it is, begins in the past, or replaces one that has begun and no
            reason was given.
    """
    _refuse_impossible(plan, now)
    known = registered(lake).get(plan.experiment_id)
    if known and (known.stopped_at or (known.plan.start_date <= now.date() and not reason)):
        what = "was stopped" if known.stopped_at else "has begun"
        raise TweetbenchError(
            f"the experiment {plan.experiment_id} {what}",
            why="a plan that is changed after its start proves less, so it is never changed in silence",
            next_step="plan a new one under another name"
            + ("" if known.stopped_at else ', or change this one with --amend "WHY", which marks its result'),
            exit_code=Exit.USAGE,
        )
    _commit(lake, _row(plan, PLANNED) | {"note": reason}, now)


def note(lake: Lake, experiment_id: str, words: str, *, day: date, now: datetime) -> None:
    """Keep what happened on a day, such as a campaign.

    Raises:
        TweetbenchError: no such experiment is planned.
    """
    plan = find(lake, experiment_id).plan
    _commit(lake, _address(plan, NOTED) | {"note": words, "noted_date": day}, now)


def stop(lake: Lake, experiment_id: str, words: str, *, now: datetime) -> None:
    """End an experiment before its last week; its result then carries no p.

    Raises:
        TweetbenchError: no such experiment is planned, or it is stopped already.
    """
    known = find(lake, experiment_id)
    if known.stopped_at:
        raise TweetbenchError(
            f"the experiment {experiment_id} was stopped on {known.stopped_at:%Y-%m-%d}",
            next_step=f"tweetbench experiment status {experiment_id}",
            exit_code=Exit.USAGE,
        )
    _commit(lake, _address(known.plan, STOPPED) | {"note": words}, now)


def find(lake: Lake, experiment_id: str) -> Registered:
    """One experiment by its name.

    Raises:
        TweetbenchError: there is none.
    """
    known = registered(lake)
    if experiment_id not in known:
        raise TweetbenchError(
            f"no experiment {experiment_id} is planned",
            why=f"planned are: {', '.join(sorted(known)) or 'none'}",
            next_step="tweetbench experiment plan --help",
            exit_code=Exit.USAGE,
        )
    return known[experiment_id]


def _refuse_impossible(plan: Plan, now: datetime) -> None:
    problem = None
    if plan.start_date.weekday() != 0 or plan.start_date <= now.date():
        problem = f"it must begin on a Monday to come, and {plan.start_date} is not one"
    elif not FEWEST_PAIRS <= plan.pair_count <= MOST_PAIRS:
        problem = f"it takes {2 * FEWEST_PAIRS} to {2 * MOST_PAIRS} weeks, and {2 * plan.pair_count} were asked for"
    elif plan.arms[0] == plan.arms[1] or not all(arm.strip() for arm in plan.arms):
        problem = "its two arms must differ"
    elif plan.outcome not in SCALES:
        problem = f"its outcome must be one of {', '.join(SCALES)}"
    elif not 0 <= plan.washout_days <= MOST_WASHOUT_DAYS:
        problem = f"it can leave out 0 to {MOST_WASHOUT_DAYS} days of each week"
    if problem:
        raise TweetbenchError(
            f"the experiment {plan.experiment_id} cannot be planned: {problem}",
            next_step="tweetbench experiment plan --help",
            exit_code=Exit.USAGE,
        )


def _commit(lake: Lake, row: dict[str, Any], now: datetime) -> None:
    run_id = f"{NAME}-{now:%Y%m%dT%H%M%S%f}"
    lake.commit({TABLE: [row | {"captured_at": now}]}, source=NAME, run_id=run_id, now=now)


def _address(plan: Plan, event: str) -> dict[str, Any]:
    account = {"platform": plan.account.platform, "account_id": plan.account.account_id, "handle": plan.account.handle}
    return account | {"experiment_id": plan.experiment_id, "event": event}


def _row(plan: Plan, event: str) -> dict[str, Any]:
    return _address(plan, event) | {
        "factor": plan.factor,
        "arm_a": plan.arms[0],
        "arm_b": plan.arms[1],
        "outcome": plan.outcome,
        "start_date": plan.start_date,
        "week_arms": list(plan.week_arms),
        "washout_day_count": plan.washout_days,
        "wanted_effect": plan.wanted_effect,
        "seed": plan.seed,
    }


def _plan(row: dict[str, Any]) -> Plan:
    return Plan(
        experiment_id=row["experiment_id"],
        account=Account(row["platform"], row["account_id"], row["handle"]),
        arms=(row["arm_a"], row["arm_b"]),
        outcome=row["outcome"],
        start_date=row["start_date"],
        pair_count=len(row["week_arms"]) // 2,
        washout_days=row["washout_day_count"],
        wanted_effect=row["wanted_effect"],
        seed=row["seed"],
    )
