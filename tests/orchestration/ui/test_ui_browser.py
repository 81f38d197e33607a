"""What a person does in the UI, in a real browser: materialise, look, switch the sensor on, drop files; and what a
foreign page tries. Screenshots are kept in .pytest_cache/screenshots/ui.
"""

import contextlib
import re
import shutil
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from pipeline.simulate.responses import Response
from pipeline.simulate.wire import listen
from tests.command import Tweetbench
from tests.orchestration.ui.stand import Ui, survey_export

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# A loaded machine with two cores draws a page in half a minute.
expect.set_options(timeout=45_000)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed (Debian: apt-get install chromium)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, ui: Ui) -> Iterator[Page]:
    shown = browser.new_page(viewport={"width": 1400, "height": 1000}, base_url=ui.address)
    shown.set_default_timeout(45_000)
    yield shown
    shown.close()


def wait_for_success(page: Page, ui: Ui, before: set[str]) -> str:
    """The id of the run that is new since then, once it has ended well."""
    for _ in range(240):
        new = [run["runId"] for run in ui.runs() if run["runId"] not in before]
        if new:
            assert ui.wait_for_run(new[-1], seconds=240) == "SUCCESS", ui.failures(new[-1])
            return str(new[-1])
        page.wait_for_timeout(500)
    raise AssertionError("no run was started")


def test_a_person_materialises_everything_sees_it_green_and_opens_an_asset(page: Page, ui: Ui, pictures: Path) -> None:
    page.goto("/asset-groups")
    page.get_by_role("button", name="Materialize all").click()
    run_id = wait_for_success(page, ui, set())
    page.goto(f"/runs/{run_id}")
    expect(page.get_by_text("Success").first).to_be_visible()
    expect(page.get_by_text("STEP_OUTPUT").first).to_be_visible()  # the log comes over the websocket
    page.screenshot(path=pictures / "run.png")
    page.goto("/assets/marts/ratio_styles")
    expect(page.get_by_text("Latest materialization")).to_be_visible()
    expect(page.get_by_text("One row per account with its present style")).to_be_visible()
    expect(page.get_by_text("followers_per_following").first).to_be_visible()
    page.screenshot(path=pictures / "asset.png", full_page=True)
    plot = page.get_by_role("row").filter(has=page.get_by_text("plot", exact=True))
    plot.get_by_text("[Show Markdown]").click()
    picture = page.locator("img[alt^='Followers and accounts followed']")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 400
    page.screenshot(path=pictures / "plot.png")
    page.goto("/assets/marts/ratio_styles?view=checks")
    expect(page.get_by_text("Checks (", exact=False).first).to_be_visible()
    expect(page.get_by_text("Succeeded").first).to_be_visible()
    expect(page.get_by_text("blocking", exact=False).first).to_be_visible()
    page.screenshot(path=pictures / "checks.png")
    page.goto("/asset-groups")
    page.wait_for_timeout(3000)
    page.screenshot(path=pictures / "lineage.png")


def switch_the_sensor_on(page: Page) -> None:
    """Turn the switch of inbox_files; as a person does, look again where the page has not taken the click."""
    for patience_ms in (10_000, 20_000, 40_000):
        page.goto("/automation")
        expect(page.get_by_text("inbox_files")).to_be_visible()
        switch = page.locator("label[class*=formatSwitch]").last  # in the order of names: daily_refresh, inbox_files
        expect(switch).to_be_visible()
        if switch.locator("input").is_checked():
            return
        switch.click()
        with contextlib.suppress(AssertionError):
            expect(switch.locator("input")).to_be_checked(timeout=patience_ms)
            return
    raise AssertionError("the switch stays off")


def test_a_person_switches_the_sensor_on_and_it_runs_for_a_survey_and_for_a_broken_file(
    page: Page, ui: Ui, pictures: Path
) -> None:
    switch_the_sensor_on(page)
    page.screenshot(path=pictures / "automation.png")
    known = {run["runId"] for run in ui.runs()}
    (ui.data_dir / "inbox" / "survey.csv").write_text(survey_export())
    (ui.data_dir / "inbox" / "broken.csv").write_text("colour,size\nred,3\n")
    run_id = wait_for_success(page, ui, known)
    assert list((ui.data_dir / "inbox" / "done").glob("*survey.csv"))
    page.goto("/automation")
    page.get_by_text("inbox_files").click()
    expect(
        page.get_by_text("the inbox is empty, or its files are still being copied")
        .or_(page.get_by_text(re.compile("runs? requested")))
        .first
    ).to_be_visible()
    page.screenshot(path=pictures / "sensor.png")
    page.goto("/assets/lake/inbox/issues")
    expect(page.get_by_text("broken.csv was not loaded")).to_be_visible()
    expect(page.get_by_text("it begins with the columns colour, size")).to_be_visible()
    page.get_by_text("broken.csv was not loaded").scroll_into_view_if_needed()
    page.screenshot(path=pictures / "note.png")
    page.goto("/assets/lake/inbox/issues?view=checks")
    expect(page.get_by_text("no_refused_file_waits").first).to_be_visible()
    page.screenshot(path=pictures / "warning.png")
    tags = {tag["key"]: tag["value"] for run in ui.runs() if run["runId"] == run_id for tag in run["tags"]}
    assert tags["dagster/sensor_name"] == "inbox_files"
    (answers,) = Tweetbench(ui.data_dir).rows("select count(*) as rows from survey_segments where survey_id = 'plans'")
    assert answers["rows"] > 0


ATTACK = """<!doctype html><title>drive-by</title><h1>Holiday pictures</h1>
<img src="{ui}/graphql?query=mutation%7BsetNuxSeen%7D">
<form id="f" method="post" enctype="text/plain" target="quiet" action="{ui}/graphql?query=mutation%7BsetNuxSeen%7D">
<input name="a" value="b"></form><iframe name="quiet"></iframe><iframe id="framed" src="{ui}/"></iframe>
<script>
const body = JSON.stringify({{query: "mutation{{setNuxSeen}}"}});
window.heard = {{}};
document.getElementById("f").submit();
const tries = [
  fetch("{ui}/graphql", {{method: "POST", body}})
    .then(a => a.text()).then(t => heard.plain = t, e => heard.plain = "no"),
  fetch("{ui}/graphql", {{method: "POST", body, headers: {{"Content-Type": "application/json"}}}})
    .then(a => a.text()).then(t => heard.json = t, e => heard.json = "no"),
  fetch("{ui}/graphql", {{method: "POST", body, mode: "no-cors", headers: {{"Content-Type": "text/plain"}}}})
    .then(() => heard.blind = "sent", () => heard.blind = "no"),
  fetch("{ui}/graphql?query={{version}}").then(a => a.text()).then(t => heard.read = t, e => heard.read = "no"),
  new Promise(done => {{
    const channel = new WebSocket("{socket}/graphql", "graphql-ws");
    channel.onopen = () => {{ heard.channel = "open"; done(); }};
    channel.onerror = () => {{ heard.channel = "no"; done(); }};
  }}),
];
Promise.all(tries).then(() => heard.done = true);
</script>"""


def test_a_foreign_page_can_neither_change_nor_read_anything(browser: Browser, ui: Ui, pictures: Path) -> None:
    attack = ATTACK.format(ui=ui.address, socket=ui.address.replace("http", "ws")).encode()

    page = Response(200, raw=attack, content_type="text/html")
    shown = browser.new_page()
    statuses: dict[str, set[int]] = {}
    shown.on("response", lambda answer: statuses.setdefault(answer.url.split("?")[0], set()).add(answer.status))
    with listen(lambda *_: (page, None), date=formatdate) as address, contextlib.closing(shown):
        # The same machine under another name: to the browser this is another site.
        shown.goto(address.replace("127.0.0.1", "localhost"))
        shown.wait_for_function("window.heard && window.heard.done")
        heard = shown.evaluate("window.heard")
        shown.screenshot(path=pictures / "drive_by.png")
    assert {name: heard[name] for name in ("plain", "json", "read", "channel")} == dict.fromkeys(
        ("plain", "json", "read", "channel"), "no"
    )
    answered = statuses[f"{ui.address}/graphql"]
    assert answered, "the page's requests reached the guard"
    assert all(status >= 400 for status in answered), answered
    assert ui.ask("{shouldShowNux}") is not None
