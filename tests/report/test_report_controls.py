"""Filters, sorting and searching in the page, the brief and the page of a survey, in a real browser and on paper."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.publish.reader import KeptVersion, kept_versions
from pipeline.report.brief import build_brief
from pipeline.report.catalogue import GERMAN
from pipeline.report.sections import SECTIONS
from pipeline.report.survey_page import file_name
from pipeline.settings import PROJECT_DIR, Settings
from tests.conftest import NOW
from tests.report.conftest import report_folder
from tests.report.rendered import page_of
from tests.report.stand import publish_rows, settings_for
from tests.report.test_report_browser import OPEN_ALL, SETTLED, opened
from tests.report.world import world
from tests.report.world_names import Rows

AXE = PROJECT_DIR / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .filter(each => ['serious', 'critical'].includes(each.impact))
    .map(each => [each.id, each.nodes.slice(0, 3).map(node => node.html.slice(0, 120))])"""


SHOWN = ("playbook", "forecast", "experiments", "timing", "ratios", "posting", "survey")


def two_of_each() -> Rows:
    """The made-up world with a second survey, a second own account, and more rows than the page shows by itself."""
    rows = world()
    rows["accounts"] = [{**row, "is_own": row["is_own"] or place == 4} for place, row in enumerate(rows["accounts"])]
    rows["playbook"] = rows["playbook"] + [
        {**row, "account_key": rows["accounts"][4]["account_key"]} for row in rows["playbook"]
    ]
    again = {"follower_forecast": "account_key", "growth_timing": "segment", "post_factors": "segment",
             "experiments": "account_key", "experiment_weeks": "account_key"}  # fmt: skip
    for name, column in again.items():
        names = {"experiment_id": "second_plan"} if name.startswith("experiment") else {}
        own = [{**row, column: rows["accounts"][4]["account_key"], **names} for row in rows[name]
               if row[column] == rows["accounts"][0]["account_key"]]  # fmt: skip
        rows[name] = [*rows[name], *own]
    second = [{**row, "survey_id": "second"} for row in rows["survey_segments"]]
    many = [{**second[0], "question_id": f"q{number}", "question": f"Question {number}?"} for number in range(250)]
    rows["survey_segments"] = [*rows["survey_segments"], *second, *many]
    return rows


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("controls")
    settings = settings_for(folder / "data", is_demo=True)
    publish_rows(settings, two_of_each(), now=NOW)
    some = [section for section in SECTIONS if section.name in SHOWN]
    (folder / "de").mkdir()
    english, german = (page_of(settings, each, sections=some) for each in ("en", GERMAN))
    (folder / "index.html").write_text(english, encoding="utf-8")
    (folder / "de" / "index.html").write_text(german, encoding="utf-8")
    return folder


def rows_shown(page: Any, name: str) -> list[str]:
    found: list[str] = page.evaluate(
        f"() => [...document.querySelectorAll('table[data-name={name}] tbody tr')].filter(r => !r.hidden)"
        ".map(r => r.textContent)"
    )
    return found


def test_a_filter_leaves_the_drawings_sentences_and_rows_of_one_survey(browser: Any, page_file: Path) -> None:
    with opened(browser, page_file) as page:
        page.evaluate(OPEN_ALL)
        titles = "() => [...document.querySelectorAll('#survey h4, #survey summary')].filter(e => e.offsetParent)"
        both = page.evaluate(f"{titles}.map(e => e.textContent).join(' ')")
        assert "Survey second" in both
        page.get_by_label("Survey", exact=True).select_option("second")
        page.wait_for_function(SETTLED)
        left = page.evaluate(f"{titles}.map(e => e.textContent).join(' ')")
        assert "Survey second" in left
        assert "Survey s1" not in left
        assert all("second" in row for row in rows_shown(page, "survey_answers"))
        assert len(rows_shown(page, "survey_answers")) > 200, "rows that no table shows yet are found as well"
        assert page.locator("#filter-state").text_content() == "Showing only second."
        page.get_by_label("Survey", exact=True).select_option("")
        assert page.evaluate(f"{titles}.map(e => e.textContent).join(' ')") == both


def test_a_filter_leaves_one_account_of_several(browser: Any, page_file: Path) -> None:
    with opened(browser, page_file) as page:
        page.evaluate(OPEN_ALL)
        assert page.locator(".cards").count() == 2
        page.get_by_label("Account", exact=True).select_option("account_4")
        shown = "() => [...document.querySelectorAll('.cards')].filter(e => !e.hidden).map(e => e.textContent)"
        (left,) = page.evaluate(shown)
        assert "account_4" in left
        assert [row[:9] for row in rows_shown(page, "ratio_map")] == ["account_4"]


@pytest.mark.parametrize("name", ["follower_forecast", "experiment_results", "growth_timing", "post_factors"])
def test_a_filter_leaves_the_sentences_drawings_and_rows_of_one_account(
    browser: Any, page_file: Path, name: str
) -> None:
    with opened(browser, page_file) as page:
        page.evaluate(OPEN_ALL)
        page.get_by_label("Account", exact=True).select_option("account_4")
        shown = (
            f"() => [...document.querySelectorAll('#{name} .words, #{name} .panel-title')].filter(e => e.offsetParent)"
        )
        left = page.evaluate(f"{shown}.map(e => e.textContent)")
        assert any("account_4" in text for text in left)
        # What says something of both at once stays.
        assert [text for text in left if "account_0" in text and "account_4" not in text] == []
        assert {"account_0" in row for row in rows_shown(page, name)} == {False}
        page.get_by_label("Account", exact=True).select_option("")
        assert any("account_0" in text for text in page.evaluate(f"{shown}.map(e => e.textContent)"))


def test_tables_sort_and_search_by_keyboard_and_say_so(browser: Any, page_file: Path) -> None:
    with opened(browser, page_file) as page:
        details = page.locator("#ratio_map details.data")
        details.locator("summary").focus()
        page.keyboard.press("Enter")
        button = details.get_by_role("button", name="Followers", exact=True)
        button.focus()
        page.keyboard.press("Enter")
        counts = "() => [...document.querySelectorAll('#ratio_map tbody tr')].map(r => r.cells[1].textContent)"
        numbers = [int(text.replace(",", "")) for text in page.evaluate(counts)]
        assert numbers == sorted(numbers)
        assert details.locator("th[aria-sort=ascending]").count() == 1
        page.keyboard.press("Enter")
        numbers = [int(text.replace(",", "")) for text in page.evaluate(counts)]
        assert numbers == sorted(numbers, reverse=True)
        assert details.locator("[role=status]").text_content() == "Followers: sorted from high to low"
        details.get_by_label("Search this table").fill("ACCOUNT_17")
        assert [row[:10] for row in rows_shown(page, "ratio_map")] == ["account_17"]
        assert details.locator("[role=status]").text_content() == "1 of 40 rows"


def test_a_german_page_sorts_its_own_numbers(browser: Any, page_file: Path) -> None:
    with opened(browser, page_file / "de") as page:
        page.evaluate(OPEN_ALL)
        page.locator("#ratio_map").get_by_role("button", name="Verhältnis").click()
        ratios = page.evaluate(
            "() => [...document.querySelectorAll('#ratio_map tbody tr')].map(r => r.cells[3].textContent)"
        )
        numbers = [float(text.replace(".", "").replace(",", ".")) for text in ratios]
        assert numbers == sorted(numbers)
        assert "9,00" in ratios


@pytest.mark.parametrize("which", ["page", "brief", "survey"])
def test_axe_finds_no_serious_fault(
    browser: Any, page_file: Path, filled: Settings, which: str, tmp_path: Path
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed here: npm install --no-save axe-core")
    file = {
        "page": lambda: page_file / "index.html",
        "brief": lambda: build_brief(newest(filled).file, tmp_path, settings=filled),
        "survey": lambda: report_folder(filled) / "survey" / "s1.html",
    }[which]()
    context = browser.new_context(bypass_csp=True, offline=True, reduced_motion="reduce")
    context.set_default_timeout(180_000)
    page = context.new_page()
    page.goto(file.as_uri())
    if which == "page":
        page.wait_for_function(SETTLED)
        page.locator("#ratio_map details.data summary").click()
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    assert page.evaluate(SERIOUS) == []
    context.close()


def newest(settings: Settings) -> KeptVersion:
    return kept_versions(settings)[-1]


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page(?!s)", pdf))


@contextmanager
def quiet(browser: Any, file: Path) -> Iterator[Any]:
    """A page without a script: any message or request fails."""
    context = browser.new_context(offline=True)
    context.set_default_timeout(180_000)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: request.url.startswith("file:") or said.append(request.url))  # type: ignore[func-returns-value]
    page.goto(file.as_uri())
    yield page
    assert said == []
    context.close()


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_brief_is_one_sheet_that_names_rules_figures_and_steps(
    browser: Any, filled: Settings, tmp_path: Path, language: str
) -> None:
    settings = filled.model_copy(update={"language": language})
    with quiet(browser, build_brief(newest(filled).file, tmp_path, settings=settings)) as page:
        assert page.locator("script").count() == 0
        assert page.locator("tbody tr").count() == 4
        text = page.locator("main").inner_text()
        assert ("Follow fewer accounts" if language == "en" else "weniger Konten") in text
        assert ("96.0" if language == "en" else "96,0") in text
        assert pages_of(page.pdf(format="A4", prefer_css_page_size=True)) == 1


def test_the_page_of_a_survey_shows_published_figures_and_no_small_cell(browser: Any, filled: Settings) -> None:
    assert sorted(path.name for path in (report_folder(filled) / "survey").iterdir()) == ["s1.html"]
    with quiet(browser, report_folder(filled) / "survey" / "s1.html") as page:
        assert page.locator("script").count() == 0
        assert "Summary of the survey s1" in page.locator("h1").inner_text()
        assert page.locator("section").count() > 0
        assert page.get_by_text("Published for B2B: 75.0").count() == 1


def test_a_survey_is_a_file_of_its_folder_whatever_it_is_called() -> None:
    assert [file_name(name) for name in ("firms 2026", "../../etc", ".hidden", "Umfrage-ä")] == [
        "firms_2026", "_.._etc", "hidden", "Umfrage-ä",
    ]  # fmt: skip
