"""`tweetbench experiment`: an experiment that one account can run by itself, registered before it begins."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from pipeline.cli.console import say, say_facts, say_json, say_table
from pipeline.cli.experiment_words import calendar, facts, state, words
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest import experiments as registry
from pipeline.ingest.experiments import Account, Plan
from pipeline.lake.opening import open_lake
from pipeline.publish.past_weeks import PastWeeks, find_account, read_past_weeks
from pipeline.publish.reader import open_published, published_rows
from pipeline.runtime.clock import utc_now
from pipeline.runtime.lease import hold_lease
from pipeline.settings import load_settings

experiment = typer.Typer(
    name="experiment",
    help="Plan, keep and analyse an experiment of one own account.",
    no_args_is_help=True,
)
EXAMPLE = "tweetbench experiment plan more_posts --posts 3,8"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_Name = Annotated[str, typer.Argument(help="Name of the experiment")]
_Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON")]


@experiment.command()
def plan(
    name: Annotated[str, typer.Argument(help="A name for it: small letters, digits, _ and -")],
    posts: Annotated[str | None, typer.Option(help="Originals a week in the two arms, as in 3,8")] = None,
    links: Annotated[bool, typer.Option("--links", help="Weeks without links against weeks with them")] = False,
    compare: Annotated[
        str | None, typer.Option(help="Two other arms in your words, as in tips,news; you see to it that they are kept")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Handle of the own account, if you have several")] = None,
    effect: Annotated[
        float, typer.Option(min=0.01, max=10, help="Smallest difference to notice: 0.25 is a quarter")
    ] = 0.25,
    weeks: Annotated[
        int | None, typer.Option(min=12, max=52, help="Weeks, an even number; default: what the effect takes")
    ] = None,
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A Monday to come; default: the next one")
    ] = None,
    washout: Annotated[
        int, typer.Option(min=0, max=3, help="First days of each week left out: last week's posts still work")
    ] = 2,
    seed: Annotated[str | None, typer.Option(help="From which the order is drawn; default: nobody chooses it")] = None,
    amend: Annotated[str | None, typer.Option(help="Why a plan that has begun is changed; marks its result")] = None,
    json_output: _Json = False,
) -> None:
    """Draw the order of the weeks, say how many it takes, and register the plan in the lake.

    Weeks come in pairs with both arms, in an order that chance decides; so trends and seasons meet both alike, and
    what differs is an effect. How many weeks it takes follows from how much the account's past weeks varied.

    Examples:

      tweetbench experiment plan more_posts --posts 3,8

      tweetbench experiment plan links --links --effect 0.5 --account @acme

      tweetbench experiment plan tone --compare tips,news --weeks 16 --start 2027-01-04
    """
    settings, now = load_settings(), utc_now()
    if not _NAME.fullmatch(name):
        raise _usage(f"{name} cannot be a name", "it takes small letters, digits, _ and -, 40 at most")
    arms = _arms(posts, compare, links=links)
    with open_published(settings) as connection:
        own = find_account(connection, account)
        past = read_past_weeks(connection, own.account_key, washout_days=washout)
    pairs, reckoning = _length(past, effect, weeks)
    made = Plan(
        experiment_id=name,
        account=Account(own.platform, own.account_id, own.handle),
        arms=arms,
        outcome=past.outcome,
        start_date=start.date() if start else _next_monday(now.date()),
        pair_count=pairs,
        washout_days=washout,
        wanted_effect=effect,
        seed=seed or registry.new_seed(),
    )
    with hold_lease(settings, purpose="experiment plan", now=now):
        registry.register(open_lake(settings), made, now=now, reason=amend)
    if json_output:
        say_json(facts(made, own) | {"reckoning": reckoning, "weeks": calendar(made)})
        return
    say(f"registered: {name}, {2 * pairs} weeks from {made.start_date} to {made.end_date}")
    say_facts(facts(made, own))
    for line in reckoning:
        say(f"  - {line}")
    say_table("weeks", ["week", "from", "to", "do"], [tuple(each.values()) for each in calendar(made)])
    say("\nkeep to the plan whatever the follows do, and run tweetbench as usual; the result comes after the last week")
    say(f"next: tweetbench experiment status {name}")


@experiment.command()
def status(
    name: Annotated[str | None, typer.Argument(help="One experiment; default: all")] = None, json_output: _Json = False
) -> None:
    """What is due this week, and how the plan was kept so far, as the newest published version knows it.

    Example:

      tweetbench experiment status
    """
    settings, now = load_settings(), utc_now()
    lake = open_lake(settings)
    known = {name: registry.find(lake, name)} if name else registry.registered(lake)
    found = [state(each, now.date()) for each in known.values()]
    weeks = {each: published_rows(settings, WEEKS, [each]) for each in known}
    if json_output:
        say_json([each | {"weeks": weeks[each["experiment"]]} for each in found])
        return
    if not found:
        say(f"no experiment is planned. Plan one with: {EXAMPLE}")
    for each in found:
        say_facts(each, indent="")
        if rows := weeks[each["experiment"]]:
            say_table("weeks", list(rows[0]), [tuple(row.values()) for row in rows])
        say()


@experiment.command()
def analyse(name: _Name, json_output: _Json = False) -> None:
    """The result, once the planned weeks are over; before that only what is missing.

    The figures are those of the mart `experiments` in the newest published version.

    Example:

      tweetbench experiment analyse more_posts
    """
    settings = load_settings()
    known = registry.find(open_lake(settings), name)
    rows = published_rows(settings, RESULT, [name])
    if not rows:
        raise TweetbenchError(
            f"no published version knows the experiment {name} yet",
            why=f"it was registered at {known.registered_at:%Y-%m-%d %H:%M} UTC",
            next_step="tweetbench run",
            exit_code=Exit.CONFIGURATION,
        )
    if json_output:
        say_json(rows[0])
        return
    for line in words(rows[0]):
        say(line)


@experiment.command()
def note(
    name: _Name,
    what: Annotated[str, typer.Argument(help="What happened, as in: trade fair")],
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day that it is about; default: today")
    ] = None,
) -> None:
    """Keep what happened on a day that could bear on the follows; it is shown next to the week.

    Example:

      tweetbench experiment note more_posts "trade fair in Hanover" --day 2026-12-09
    """
    settings, now = load_settings(), utc_now()
    with hold_lease(settings, purpose="experiment note", now=now):
        registry.note(open_lake(settings), name, what, day=day.date() if day else now.date(), now=now)
    say(f"noted on {name}; it shows after the next run")


@experiment.command()
def stop(name: _Name, because: Annotated[str, typer.Option(help="Why it cannot continue")]) -> None:
    """End an experiment before its last week. What is shown then is the difference so far, without limits or a p.

    Example:

      tweetbench experiment stop more_posts --because "the account moves to another team"
    """
    settings, now = load_settings(), utc_now()
    with hold_lease(settings, purpose="experiment stop", now=now):
        registry.stop(open_lake(settings), name, because, now=now)
    say(f"{name} is stopped; that stays with its result")


WEEKS = (
    'select week_number as week, week_start_date as "from", planned, original_post_count as originals, is_kept as kept,'
    " round(follows_per_week, 1) as follows, notes from experiment_weeks where experiment_id = ? and is_over order by 1"
)
RESULT = "select * from experiments where experiment_id = ?"


def _arms(posts: str | None, compare: str | None, *, links: bool) -> tuple[str, str]:
    if sum((posts is not None, compare is not None, links)) != 1:
        raise _usage("an experiment varies one thing", "give one of --posts A,B, --links and --compare A,B")
    if links:
        return registry.WITHOUT_LINK, registry.WITH_LINK
    parts = [part.strip() for part in str(posts or compare).split(",")]
    if len(parts) != 2 or (posts and not all(part.isdecimal() for part in parts)):
        raise _usage(f"{posts or compare} is not two arms", "two of them, with a comma, as in --posts 3,8")
    if compare and all(part.isdecimal() for part in parts):
        raise _usage(f"{compare} are numbers", f"for posts a week write --posts {compare}")
    if posts:
        parts = [str(int(part)) for part in parts]
    return parts[0], parts[1]


def _length(past: PastWeeks, effect: float, weeks: int | None) -> tuple[int, list[str]]:
    """Pairs of weeks, and how they were reckoned from the past."""
    from pipeline.analysis.experiment import FEWEST_PAST_DIFFERENCES, MOST_PAIRS, needed_pairs, visible_shift

    if weeks and weeks % 2:
        raise _usage(f"{weeks} weeks make no pairs", "an even number")
    shift, known = past.shift_of(effect), len(past.differences)
    said = f"{known} pairs of past weeks are known; a length needs {FEWEST_PAST_DIFFERENCES}"
    if known >= FEWEST_PAST_DIFFERENCES and not shift:
        said = f"the usual week brings {past.usual:g} {past.outcome}: a share of that is no difference"
    if known < FEWEST_PAST_DIFFERENCES or not (shift or weeks):
        if not weeks:
            raise _usage(said, "give --weeks yourself (12 at least), or wait until more weeks are read")
        return weeks // 2, [said]
    if not weeks and (needed := needed_pairs(past.differences, shift)):
        return needed, [f"{2 * needed} weeks notice a difference of {effect:.0%} four times out of five"]
    pairs = weeks // 2 if weeks else MOST_PAIRS
    visible = past.words_of(visible_shift(past.differences, pairs))
    seen = f"{2 * pairs} weeks notice a difference of {visible} four times out of five"
    if not weeks:
        raise _usage(
            f"a difference of {effect:.0%} cannot be distinguished from chance within a year",
            f"{seen}: give --weeks, or a larger --effect",
        )
    return pairs, [seen]


def _next_monday(today: date) -> date:
    return today + timedelta(days=7 - today.weekday())


def _usage(what: str, next_step: str) -> TweetbenchError:
    return TweetbenchError(what, next_step=next_step, exit_code=Exit.USAGE)
