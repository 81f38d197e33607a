"""The main job on real exports and real surveys: what people would see in the published warehouse."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.command import Tweetbench

MAPPINGS = Path(__file__).resolve().parents[1] / "mappings"
SURVEYS = ("state_of_social_2018", "star_wars", "qualtrics", "qualtrics_legacy", "masculinity")


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Tweetbench:
    tweetbench = Tweetbench(tmp_path_factory.mktemp("real") / "data")
    for folder, names in (("surveys", SURVEYS), ("mappings", ("ropensci_followers",))):
        (tweetbench.data_dir / folder).mkdir(parents=True)
        for name in names:
            shutil.copy(MAPPINGS / f"{name}.yml", tweetbench.data_dir / folder)

    def files(*patterns: str) -> list[Path]:
        return [path for pattern in patterns for path in sorted(shared_data.glob(pattern))]

    exports = files("ropensci_tweets/*.csv", "psyteachr_analytics/*.csv", "x_content_export/*content*.csv")
    surveys = files("buffer_*/*.csv", "fivethirtyeight_surveys/*.csv", "qualtrics_export/*.csv")
    profiles = files("sp500_twitter_profiles/*profile_info*.csv")
    for arguments in (
        [*exports, *surveys],
        [*profiles, "--captured-at", "2022-11-15"],
        [*files("x_content_export/*overview*.csv"), "--account", "koe"],
    ):
        said = tweetbench("ingest", *arguments)
        assert said.code == 0, said.err
    said = tweetbench("run")
    assert said.code == 0, said.err
    return tweetbench


def test_ropensci_sums_are_those_of_the_sixty_exports(real: Tweetbench) -> None:
    (row,) = real.rows(
        "select count(*) as posts, sum(like_count)::bigint as likes, sum(repost_count)::bigint as reposts, "
        "sum(impression_count)::bigint as impressions from posts where account_key = 'x:@ropensci'"
    )
    assert row == {"posts": 1668, "likes": 22769, "reposts": 11371, "impressions": 9723067}


def test_ropensci_has_49_follower_levels_and_the_mistyped_date_is_an_issue(real: Tweetbench) -> None:
    (row,) = real.rows(
        "select count(*) as levels, min(follower_count) as low, max(follower_count) as high "
        "from account_days where account_key = 'x:@ropensci' and is_captured"
    )
    assert row == {"levels": 49, "low": 11700, "high": 33464}
    (issue,) = real.rows("from issues where problem = 'date_out_of_order'")
    assert issue["detail"].startswith("2021-01-03 stands after 2022-01-03 and before 2021-11-02")
    assert (
        real.rows("from account_days where account_key = 'x:@ropensci' and date = '2021-01-03' and is_captured") == []
    )


def test_the_month_without_an_export_is_a_gap_not_a_month_without_posts(real: Tweetbench) -> None:
    (row,) = real.rows("from coverage where source = 'twitter_analytics_by_tweet' and account_key = 'x:@ropensci'")
    assert row["missing_day_count"] == 31
    assert row["gap_note"] == "no posts for 2021-05-01 to 2021-05-31 (31 days)"
    weeks = real.rows(
        "select post_count from account_weeks where account_key = 'x:@ropensci' and week_start_date = '2021-05-10'"
    )
    assert [week["post_count"] for week in weeks] in ([], [None])


def test_psyteachr_has_every_post_and_every_day_of_the_year(real: Tweetbench) -> None:
    assert real.rows("select count(*) as n from posts where account_key = 'x:@lisadebruine'") == [{"n": 3087}]
    (row,) = real.rows("from coverage where source = 'twitter_analytics_by_day'")
    assert (row["captured_day_count"], row["missing_day_count"]) == (365, 0)
    (row,) = real.rows("from coverage where source = 'twitter_analytics_by_tweet' and account_key = 'x:@lisadebruine'")
    assert row["captured_post_share"] == pytest.approx(3087 / 3097)


def test_content_exports_of_both_dialects_carry_the_time_that_their_ids_hold(real: Tweetbench) -> None:
    rows = real.rows(
        "select account_key, count(*) as posts from posts "
        "where account_key in ('x:@tom_doerr', 'x:@hestysinvest') group by account_key order by account_key"
    )
    assert [row["posts"] for row in rows] == [241, 1780]
    wrong = real.rows(
        "select count(*) as n from posts where account_key in ('x:@tom_doerr', 'x:@hestysinvest') "
        "and epoch_ms(created_at) <> (post_id::ubigint >> 22)::bigint + 1288834974657"
    )
    assert wrong == [{"n": 0}]


def test_the_overview_export_gives_daily_follows_and_losses(real: Tweetbench) -> None:
    (row,) = real.rows(
        "select count(*) as days, sum(new_follow_count)::int as gained, sum(unfollow_count)::int as lost "
        "from account_days where account_key = 'x:@koe'"
    )
    assert row == {"days": 7, "gained": 13, "lost": 2}


def test_profile_tables_count_accounts_once_and_follow_nobody_is_mass_communication(real: Tweetbench) -> None:
    (row,) = real.rows(
        "select count(*) as accounts, count(distinct account_id) as ids from accounts where account_id is not null"
    )
    assert row["accounts"] == row["ids"]
    nobody = real.rows(
        "select distinct followers_per_following, ratio_style from ratio_styles "
        "where following_count = 0 and follower_count >= 100"
    )
    assert nobody == [{"followers_per_following": None, "ratio_style": "mass_communication"}]


def test_state_of_social_shares_are_the_published_ones(real: Tweetbench) -> None:
    rows = real.rows(
        "select option, share, base_count, share_low < share and share < share_high as is_inside from survey_segments "
        "where survey_id = 'state_of_social_2018' and segment_dimension = 'all' and question_id = 'channels'"
    )
    shares = {row["option"]: round(100 * row["share"], 1) for row in rows}
    assert {name: shares[name] for name in ("Facebook", "Twitter", "Instagram", "LinkedIn")} == {
        "Facebook": 96.1,
        "Twitter": 88.8,
        "Instagram": 70.2,
        "LinkedIn": 70.2,
    }
    assert {row["base_count"] for row in rows} == {1787}
    assert all(row["is_inside"] for row in rows)


def test_state_of_social_names_platforms_whose_shares_can_be_read_next_to_the_own_figures(real: Tweetbench) -> None:
    """Twitter and LinkedIn are found under four questions; Periscope, a service of Twitter's, is not the platform."""
    rows = real.rows(
        "select distinct platform, round(100 * share, 1) as share from survey_platforms "
        "where survey_id = 'state_of_social_2018' and segment_dimension = 'all' and question_id = 'channels'"
    )
    assert sorted((row["platform"], row["share"]) for row in rows) == [("linkedin", 70.2), ("x", 88.8)]
    named = real.rows("select distinct option from survey_platforms where survey_id = 'state_of_social_2018'")
    assert {row["option"] for row in named} == {"Twitter", "LinkedIn"}


def test_state_of_social_splits_by_size_industry_and_customer_focus(real: Tweetbench) -> None:
    rows = real.rows(
        "select segment_dimension, segment, max(base_count) as base from survey_segments "
        "where survey_id = 'state_of_social_2018' and question_id = 'channels' group by all"
    )
    bases = {(row["segment_dimension"], row["segment"].casefold()): row["base"] for row in rows}
    sizes = {segment: base for (dimension, segment), base in bases.items() if dimension == "company_size"}
    assert (len(sizes), sum(sizes.values())) == (9, 1775)
    assert round(100 * (sizes["just me"] + sizes["fewer than 10"]) / 1775, 1) == 48.9
    assert len([key for key in bases if key[0] == "industry"]) == 14
    assert {segment: base for (dimension, segment), base in bases.items() if dimension == "customer_focus"} == {
        "b2b": 570,
        "b2c": 435,
        "both": 749,
    }


def test_other_survey_tools_are_read_and_personal_data_never_reaches_the_disk(real: Tweetbench) -> None:
    rows = real.rows(
        "select survey_id, max(base_count) as base from survey_segments where segment_dimension = 'all' group by all"
    )
    assert {row["survey_id"]: row["base"] for row in rows}["star_wars"] == 1186
    secrets = ("130.92.34.66", "47.115097045898", "R_2YPOQ602ER1jkf1")
    stored = [path for path in real.data_dir.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(stored) > 100
    for path in stored:
        # Parquet pages are compressed: their values are read, everything else is searched as bytes.
        content = (
            str(pq.read_table(path).to_pydict()) if path.suffix == ".parquet" else path.read_bytes().decode("latin-1")
        )
        assert [secret for secret in secrets if secret in content] == [], path


def test_the_same_files_again_add_nothing(real: Tweetbench, shared_data: Path) -> None:
    before = sorted(real.data_dir.glob("lake/**/*.parquet"))
    said = real("ingest", *sorted((shared_data / "ropensci_tweets").glob("tweet_*.csv"))[:3])
    assert said.out.count("already in the lake, nothing added") == 3
    assert sorted(real.data_dir.glob("lake/**/*.parquet")) == before
