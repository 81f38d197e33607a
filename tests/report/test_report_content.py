"""The files of a report: every figure from SQL that runs, texts that stay texts, figures that match the marts."""

import csv
import html
import json
import re
from pathlib import Path

import altair as alt
import pytest

from pipeline.publish.reader import open_published
from pipeline.report import building, pictures
from pipeline.report.at_publish import report_problems, report_writer
from pipeline.report.cells import TRIGGERS
from pipeline.report.charts.ratio_map import ratio_map
from pipeline.report.charts.theme import DARK, LIGHT
from pipeline.report.definitions import STYLES, glossary, label, thresholds
from pipeline.report.findings import find
from pipeline.report.run_figures import query_figure, rows_of
from pipeline.report.sections import SECTIONS, all_figures
from pipeline.report.sections.people import LINE, MINUTES
from pipeline.report.writing import FORMS
from pipeline.settings import PROJECT_DIR, Settings
from tests.conftest import NOW
from tests.report.conftest import report_folder
from tests.report.stand import publish_rows, settings_for
from tests.report.world import world
from tests.report.world_names import FORMULA

FIGURES = {figure.name: figure for figure in all_figures()}
PLATFORM_FIGURES = ("audience_platforms", "platform_differences", "platform_migration", "survey_platforms")


@pytest.mark.parametrize("name", FIGURES)
def test_the_sql_that_is_shown_runs_and_its_columns_are_labelled(filled: Settings, name: str) -> None:
    figure = FIGURES[name]
    with open_published(filled) as connection:
        rows = rows_of(connection, figure.sql)
    assert rows, f"{name}: the made-up world has no rows for it"
    assert set(figure.columns) <= set(rows[0])
    assert set(figure.columns.values()) <= set(FORMS)
    assert all(figure.label(column) for column in figure.columns)


@pytest.mark.parametrize("name", FIGURES)
def test_every_chart_keeps_to_the_schema_of_vega_lite(filled: Settings, name: str) -> None:
    with open_published(filled) as connection:
        answer = query_figure(connection, FIGURES[name])
    assert answer.problem == ""
    for drawing in answer.drawings:
        assert drawing.alt.endswith(".")
        for panel in drawing.panels:
            spec = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", **panel.spec}
            alt.Chart.from_dict(spec, validate=True)


def test_a_report_on_nothing_at_all_is_a_report(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data")
    done = publish_rows(settings, {}, now=NOW, write_report=report_writer(settings))
    assert done.report_problems == report_problems(settings) == ()
    page = (report_folder(settings) / "index.html").read_text(encoding="utf-8")
    shown = [1 if section.needs_first else len(section.figures) for section in SECTIONS]
    assert page.count('data-state="missing"') == sum(shown)
    assert "none of your companies has accounts on two of them" in page
    assert "Demo data" not in page


def test_nothing_set_aside_is_an_answer_once_there_are_data(sparse: Settings) -> None:
    with open_published(sparse) as connection:
        answer = query_figure(connection, FIGURES["issues"])
    assert (answer.missing, answer.words) == ("", ("Nothing was set aside: all data could be used.",))


def test_findings_state_figures_intervals_and_n(filled: Settings) -> None:
    with open_published(filled) as connection:
        found = {finding.topic: finding.sentence() for finding in find(connection)}
    gap = "\u00a0"
    # Plain text for a manager: what was measured, in points of growth, with what is usual. No "swing", no bare p.
    assert found["Growth"].startswith(
        "A good response matters more than more posts. Weeks with or just after posts that drew a better response "
        "than usual saw 0.40 points more follower growth; weeks with or just after more posts than usual 0.10 points "
        f"more. Usual growth is 0.60{gap}% a week. This is a pattern, not a cause"
    )
    # Limits of a difference of per cents are points, too.
    assert "95 % limits in points: 0.30 to 0.50 for the response" in found["Growth"]
    assert "for the difference; 31 accounts, 1,234 account-weeks" in found["Growth"]
    assert "(growth first, good posts after) found no clear sign of it" in found["Growth"]
    assert "measured by reactions per view in 30 accounts and clicks per link in 1 account" in found["Growth"]
    assert found["Who quits"] == (
        f"12.5{gap}% of new accounts that posted at least once had quit by day 7 (95 % interval 5.0 to 29.0{gap}%, "
        f"n = 30 watched from the start; 4 never posted; published claim 60.0{gap}%)."
    )
    assert found["Reading load"] == (
        "19 of 40 accounts follow more than 300 others, at least 20 minutes of reading a day; 19 would need more than "
        "an hour (assumes one post a day from each and 4 seconds per post; at half or twice that, 0 to 29 need more "
        "than an hour)."
    )
    assert found["Spam and cull"] == (
        "1 of 40 accounts watched long enough followed and unfollowed in repeated waves (1 more possible; a lower "
        "bound: slower or daily churn is not detected; clean-ups and events can look the same)."
    )
    assert found["Two styles?"] == (
        "We cannot yet tell whether there are two separate styles of following (39 accounts) (the zone between is 0.67 "
        "times as dense as the sparser style (95 % 0.31 to 1.40; p 0.200); about 130 accounts like these would settle "
        "it)."
    )
    assert f"25.0{gap}% of the matched contacts in crm are followers" in found["Contacts"]


def test_platforms_of_a_company_are_compared_in_plain_words_and_never_added_up(filled: Settings) -> None:
    gap = "\u00a0"
    with open_published(filled) as connection:
        answers = {name: query_figure(connection, FIGURES[name]) for name in PLATFORM_FIGURES}
        found = {finding.topic: finding.sentence() for finding in find(connection)}
    assert answers["audience_platforms"].words == (
        "Your audience grows faster on Bluesky than on X.",
        "A post draws more reactions per follower on Bluesky than on X.",
        "Followers: Bluesky 1,482, X 10,405 and Mastodon 487. They are not added up, because the same people may "
        "follow on several platforms.",
        "Insufficient data for Mastodon: growth: 5 of 8 weeks; enough about 2026-06-14.",
    )
    panels = answers["audience_platforms"].drawings[0].panels
    assert [panel.title for panel in panels] == ["Growth in a typical week", "Reactions per post and 1,000 followers"]
    assert answers["platform_differences"].words == (
        "Bluesky grows by 1.80 points a week more than X (1.20 to 2.50; 12 weeks).",
        "A post on Bluesky draws 3.2 times as many reactions per follower as on X (2.40 to 4.20; 12 weeks).",
    )
    assert answers["platform_migration"].words[0] == (
        "X, around the first post on Bluesky (2026-11-20): 0.30 points a week less than before (−0.50 to −0.10)."
    )
    assert answers["survey_platforms"].words == (
        f"LinkedIn: used by 40.0{gap}% (30.0 to 50.0{gap}%) of 120 in survey made_up; you have no account there.",
        f"Twitter: used by 40.0{gap}% (30.0 to 50.0{gap}%) of 120 in survey made_up; they say social media work "
        f"better for them, by 0.40 points on the scale (0.10 to 0.70); your own growth a week there: X 0.20{gap}%.",
        "Hidden to protect people: Bluesky.",
        "Who answered chose to, and users differ in other ways: context, neither a target nor an effect.",
    )
    assert found["Platforms"].startswith("Harbor Ltd grows faster on Bluesky than on X")


def test_the_leader_is_named_from_either_side_of_a_pair() -> None:
    """A ratio below one and a negative difference are turned round; limits that hold no difference name nobody."""
    read = FIGURES["platform_differences"].read
    row = {"company": "A", "platform": "bluesky", "other_platform": "x", "week_count": 8, "status": "ok"}
    behind = {**row, "measure": "weekly_growth_rate", "estimate": -0.01, "conf_low": -0.02, "conf_high": -0.005}
    fewer = {**row, "measure": "engagement_per_1000_followers", "estimate": 0.5, "conf_low": 0.25, "conf_high": 0.8}
    assert read([{**behind, "is_distinct": True}, {**fewer, "is_distinct": True}]) == [
        "X grows by 1.00 points a week more than Bluesky (0.50 to 2.00; 8 weeks).",
        "A post on X draws 2.0 times as many reactions per follower as on Bluesky (1.25 to 4.00; 8 weeks).",
    ]
    assert read([{**behind, "is_distinct": False}]) == ["No difference is larger than chance explains."]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (
            {"gap_class": "gap_shown", "accounts_needed": None},
            "There are two separate styles of following: fewer accounts lie between them than in either. "
            "The zone between is 0.30 times as dense as the sparser style (95 % 0.12 to 0.62; p 0.002, n = 149).",
        ),
        (
            {"gap_class": "no_gap_shown", "relative_gap_density": None, "relative_gap_density_high": None},
            "There is no gap between two styles of following: the zone between is more than half as dense as the "
            "sparser style. The zone between is denser than the sparser style (95 % at least 0.12; p 0.002, n = 149).",
        ),
        (
            {"gap_class": "cannot_tell_yet", "relative_gap_density_low": None, "accounts_needed": None},
            "We cannot yet tell whether there are two separate styles of following (149 accounts).",
        ),
    ],
)
def test_each_answer_about_two_styles_has_its_words(counts: dict[str, object], words: str) -> None:
    known = {"relative_gap_density": 0.3, "relative_gap_density_low": 0.12, "relative_gap_density_high": 0.62}
    row = {**known, "p_value": 0.002, "tested_count": 149, "accounts_needed": 200, "status": "ok", **counts}
    assert " ".join(FIGURES["ratio_distribution"].read([row])) == words


def test_the_line_of_the_reading_load_is_that_of_the_assumptions() -> None:
    with (PROJECT_DIR / "dbt_project" / "seeds" / "attention_assumptions.csv").open(encoding="utf-8") as file:
        seed = {row["name"]: float(row["value"]) for row in csv.DictReader(file)}
    assert seed["reading_line_accounts"] == LINE
    assert seed["reading_line_accounts"] * seed["posts_per_day"] * seed["seconds_per_post"] / 60 == MINUTES


def test_tables_hold_all_rows_and_no_cell_is_a_formula(filled: Settings) -> None:
    folder = report_folder(filled)
    for path in sorted((folder / "tables").iterdir()):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for value in row.values():
                    assert not value.startswith(TRIGGERS) or re.fullmatch(r"-[\d.e-]+", value), (path.name, value)
                    assert not re.fullmatch(r"\d{15,}", value), "a spreadsheet program would round an id"
    with (folder / "tables" / "ratio_map.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40
    assert {row["handle"] for row in rows} >= {"'" + FORMULA, "'@cmd"}
    assert f"<td>&#39;{FORMULA[:5]}" in (folder / "index.html").read_text(encoding="utf-8")


def test_every_drawing_has_a_picture_in_both_formats_that_names_the_demo(filled: Settings) -> None:
    folder = report_folder(filled) / "charts"
    stems = {path.stem for path in folder.glob("*.svg")}
    assert stems == {path.stem for path in folder.glob("*.png")}
    drawn = {name for name in FIGURES if any(stem.split("-")[0] == name for stem in stems)}
    assert set(FIGURES) - drawn == {
        "top_posts",
        "survey_differences",
        "answer_readiness",
        "growth_segments",
        "growth_sensitivity",
        "export_totals",
        *PLATFORM_FIGURES[1:],
    }
    for path in folder.glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert "Demo data" in text, path.name
        assert "var(--" not in text, path.name
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in folder.glob("*.png"))


def test_the_version_and_its_report_are_read_only_and_need_no_network(filled: Settings) -> None:
    folder = report_folder(filled)
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()} == {0o444}
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in html.unescape(page)
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page.split("<script")[0])
    assert page.count("</script>") == 3


def test_a_report_that_fails_says_so_and_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(tmp_path / "data", is_demo=True)

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("the chart <engine> is gone")

    monkeypatch.setattr(building, "render_page", break_down)
    done = publish_rows(settings, world(), now=NOW, write_report=report_writer(settings))
    assert done.report_problems == ("the report could not be made: RuntimeError: the chart <engine> is gone",)
    assert report_problems(settings) == done.report_problems, "whoever ended the run reads it there"
    page = (report_folder(settings) / "index.html").read_text(encoding="utf-8")
    assert "the chart &lt;engine&gt; is gone" in page
    assert "Demo data" in page
    with open_published(settings) as connection:
        assert connection.execute("select count(*) from accounts").fetchone() == (40,)


def test_pictures_that_take_too_long_are_left_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(tmp_path / "data")
    monkeypatch.setattr(pictures, "LONGEST_SECONDS", 0)
    done = publish_rows(settings, world(), now=NOW, write_report=report_writer(settings))
    assert report_problems(settings) == done.report_problems
    assert len(done.report_problems) > 5
    assert all(problem.endswith(": no picture") for problem in done.report_problems)
    page = (report_folder(settings) / "index.html").read_text(encoding="utf-8")
    assert "could not be built" not in page
    assert all(f'id="{section.name}"' in page for section in SECTIONS[:3])


def test_one_faulty_figure_spares_the_others(filled: Settings) -> None:
    first = SECTIONS[0].figures[0]
    broken = type(first)(**{**vars(first), "sql": "select 1 / 'x' as nothing"})
    with open_published(filled) as connection:
        assert "its SQL fails" in query_figure(connection, broken).problem
        assert query_figure(connection, first).problem == ""


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_of_text_and_marks_reach_the_contrast_of_wcag(colours: dict[str, str]) -> None:
    texts = {(text, ground) for text in ("ink", "muted", "accent") for ground in ("ground", "raised")}
    for text, ground in texts | {("warning", "warning_ground"), ("warning", "ground")}:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for mark in ("accent", "second", "muted", *STYLES):
        assert contrast(colours[mark], colours["ground"]) >= 3, mark
    assert LIGHT.keys() == DARK.keys()


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_labels_and_definitions_name_the_numbers_of_the_seeds() -> None:
    numbers = {name: f"{value:,.0f}" for name, value in thresholds().items()}
    assert label("mid") == f"mid ({numbers['tier_mid_from']} to {numbers['tier_pro_above']})"
    defined = dict(glossary(section.name for section in SECTIONS))
    assert f"Fewer than {numbers['ratio_too_small_below']} followers and followed" in defined["Too small"]
    assert "follow 5,000 others, and beyond that about 1.1 times its follower count" in defined["Follow limit"]
    assert defined["Peers"].endswith(f"where these are fewer than {numbers['benchmark_peers_from']}.")
    assert not [text for text in defined.values() if "{" in text]


@pytest.mark.parametrize(("key", "is_drawn"), [("x:1", True), ("bluesky:did:plc:a", False)])
def test_the_follow_limit_of_x_is_drawn_for_accounts_of_x_alone(key: str, is_drawn: bool) -> None:
    counts = {"follower_count": 9_000, "following_count": 4_000, "followers_per_following": 2.25}
    row = {"account_key": key, "handle": "brand", "ratio_style": "transitional", "is_own": False, **counts}
    assert ("follow limit of X" in json.dumps(ratio_map([row]))) is is_drawn
