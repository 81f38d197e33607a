"""The report in a real browser: opened from disk, without network, in every light and width, by mouse and keyboard."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import Settings
from tests.report.conftest import report_folder

SETTLED = """() => [...document.querySelectorAll('.plot')].every(
    plot => !plot.getClientRects().length || ['drawn', 'failed'].includes(plot.dataset.state))"""
MARKS = """() => [...document.querySelectorAll('.plot')].map(plot => ({
    name: plot.dataset.chart, state: plot.dataset.state,
    marks: plot.querySelectorAll('svg .mark-symbol path, svg .mark-rect path, svg .mark-line path, svg .mark-area path,'
        + ' svg .mark-rule line').length}))"""
OPEN_ALL = "() => document.querySelectorAll('details').forEach(details => details.open = true)"
# Contrast of every text against the ground behind it, by WCAG 2.2.
CONTRASTS = """() => {
    const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const light = text => { const [r, g, b] = text.match(/[\\d.]+/g).map(Number);
        return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
    const ground = element => { for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if (colour !== 'rgba(0, 0, 0, 0)' && colour !== 'transparent') return colour; } return 'rgb(255, 255, 255)'; };
    const found = [];
    for (const element of document.querySelectorAll('h1,h2,h3,h4,p,a,li,td,th,caption,summary,dt,dd,code,.plot text')) {
        if (!element.textContent.trim() || !element.getClientRects().length) continue;
        const style = getComputedStyle(element);
        if (element.tagName === 'text' && style.strokeWidth !== '1px' && style.stroke !== 'none') continue;
        const own = element.tagName === 'text' ? style.fill : style.color;
        const [high, low] = [light(own), light(ground(element))].sort((a, b) => b - a);
        const ratio = (high + 0.05) / (low + 0.05);
        if (ratio < 4.5) found.push([element.tagName, element.textContent.slice(0, 30), own, ratio]);
    }
    return found; }"""


@contextmanager
def opened(browser: Any, folder: Path, *, width: int = 1280, scheme: str = "light") -> Iterator[Any]:
    """The page in a context that is cut off from every network; fails on any message, dialog or request."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, reduced_motion="reduce"
    )
    context.set_default_timeout(180_000)  # a machine that does much else at once is slow, not wrong
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(f"dialog {dialog.message}"), dialog.dismiss()))  # type: ignore[func-returns-value]
    page.on("request", lambda request: request.url.startswith("file:") or said.append(request.url))  # type: ignore[func-returns-value]
    page.goto((folder / "index.html").as_uri())
    page.wait_for_function(SETTLED)
    try:
        yield page
        assert said == []
    finally:
        context.close()


def keep_picture(page: Any, path: Path) -> None:
    # Height is bounded: a browser cannot draw pages of any length at once.
    height = min(12_000, page.evaluate("() => document.body.scrollHeight"))
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    page.screenshot(path=str(path))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_chart_draws_and_every_text_can_be_read(
    browser: Any, filled: Settings, pictures: Path, scheme: str
) -> None:
    with opened(browser, report_folder(filled), scheme=scheme) as page:
        page.evaluate(OPEN_ALL)
        page.wait_for_function(SETTLED)
        drawn = page.evaluate(MARKS)
        assert len(drawn) > 40
        assert [plot for plot in drawn if plot["state"] != "drawn" or plot["marks"] == 0] == []
        assert page.evaluate(CONTRASTS) == []
        keep_picture(page, pictures / f"report-{scheme}.png")


@pytest.mark.parametrize("which", ["filled", "sparse"])
def test_on_a_phone_nothing_is_wider_than_the_screen(
    browser: Any, which: str, pictures: Path, request: pytest.FixtureRequest
) -> None:
    with opened(browser, report_folder(request.getfixturevalue(which)), width=390) as page:
        page.evaluate(OPEN_ALL)
        page.wait_for_function(SETTLED)
        assert page.evaluate("() => document.documentElement.scrollWidth") == 390
        wide = page.evaluate(
            "() => [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll, pre, .plot, .hidden') && "
            "e.getBoundingClientRect().right > 390.5).map(e => e.className + e.tagName)"
        )
        assert wide == []
        clipped = page.evaluate(
            "() => [...document.querySelectorAll('.plot')].filter(p => p.querySelector('svg')"
            ".getBoundingClientRect().width > p.getBoundingClientRect().width + 1).map(p => p.dataset.chart)"
        )
        assert clipped == []
        keep_picture(page, pictures / f"report-phone-{which}.png")


def test_tables_and_sql_open_by_keyboard_and_the_skip_link_leads_to_the_findings(
    browser: Any, filled: Settings
) -> None:
    with opened(browser, report_folder(filled)) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("() => document.activeElement.id") == "findings"
        for summary in ("Table", "SQL"):
            details = page.locator(f"#style_shares details:has(summary:text-matches('^{summary}'))")
            assert details.evaluate("element => element.open") is False
            details.locator("summary").focus()
            page.keyboard.press("Enter")
            assert details.evaluate("element => element.open") is True
        assert page.locator("#style_shares tbody tr").count() == 4
        assert "from marts.ratio_style_summary" in page.locator("#style_shares code").inner_text()


def test_the_structure_speaks_to_a_screen_reader(browser: Any, filled: Settings) -> None:
    with opened(browser, report_folder(filled)) as page:
        levels = page.evaluate("() => [...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))")
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
        assert page.evaluate("() => document.documentElement.lang") == "en"
        unnamed = "() => [...document.querySelectorAll('.plot, section, article, nav, figure, .scroll, pre')]"
        named = "e.getAttribute('aria-label') || document.getElementById(e.getAttribute('aria-labelledby'))"
        assert page.evaluate(f"{unnamed}.filter(e => !({named})).length") == 0
        assert page.evaluate("() => [...document.querySelectorAll('table')].filter(t => !t.caption).length") == 0
        assert page.evaluate("() => [...document.querySelectorAll('th')].filter(t => t.scope !== 'col').length") == 0
        ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids))
        lost = "() => [...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.hash))"
        assert page.evaluate(f"{lost}.map(a => a.hash)") == []


def test_paper_shows_light_colours_the_demo_mark_and_no_controls(
    browser: Any, filled: Settings, pictures: Path
) -> None:
    with opened(browser, report_folder(filled), scheme="dark") as page:
        page.emulate_media(media="print")
        assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(253, 252, 250)"
        mark = page.evaluate("() => getComputedStyle(document.body, '::after').content")
        assert mark == '"DEMO DATA"'
        assert page.locator("nav").is_hidden()
        assert page.locator(".sources").first.is_hidden()
        assert page.evaluate(CONTRASTS) == []
        page.pdf(path=str(pictures / "report.pdf"), format="A4", print_background=True)


def test_text_from_the_data_stays_text(browser: Any, filled: Settings) -> None:
    with opened(browser, report_folder(filled)) as page:
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == 3
        assert "onerror=alert(1)" in page.locator("#ratio_map tbody").text_content()


def test_sparse_data_say_what_is_missing_and_what_to_do(browser: Any, sparse: Settings, pictures: Path) -> None:
    with opened(browser, report_folder(sparse)) as page:
        assert page.locator(".banner").count() == 0
        assert page.locator("#unanswered details").evaluate("element => element.open") is False
        assert "lonely" in page.locator("#ratio_map tbody").text_content()
        assert "at least 10 are needed" in page.locator("#growth_effects").inner_text()
        missing = page.locator("#contact_activation .empty").text_content()
        assert "no table marts.contact_activation" in missing
        assert "tweetbench ingest" in missing
        assert page.locator("#survey_answers .empty").count() == 1
        keep_picture(page, pictures / "report-sparse.png")
