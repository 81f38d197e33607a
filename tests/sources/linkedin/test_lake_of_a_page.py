"""Exports of a LinkedIn page in the lake: whose they are, and what of them is never written to disk."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TweetbenchError
from pipeline.ingest import build_request, ingest_file
from pipeline.lake import Lake
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.guarantees.stand import places_of
from tests.sources.linkedin.page_export import ADDRESS, DAYS, SOMEBODY, as_text, content, followers, post
from tests.sources.linkedin.resaved import as_csv, as_xlsx

LATER = NOW.replace(year=2026, month=12)
SMALL_TOWN, SMALL_FIRM = "Bad Canaryhausen", "Canaryhausen Widget Works"
AUDIENCE = {
    "Location": [["Location", "Total followers"], [SMALL_TOWN, 1], ["Ulm", 2]],
    "Company": [["Companies", "Total views"], [SMALL_FIRM, 1]],
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path / "data", settle_seconds=0)
    made.make_folders()
    made.accounts_file.write_text("platform,handle,name,is_own\nlinkedin,acme,Acme Tools,true\n")
    return made


def ingest(path: Path, settings: Settings, account: str | None = None) -> Any:
    """What was found in a file.

    Raises:
        TweetbenchError: it was refused.
    """
    request = build_request(settings, now=LATER, account=account)
    outcome = ingest_file(path, Lake(settings.lake_dir), settings, request, run_id="run-1")
    if outcome.error:
        raise outcome.error
    return outcome.found


def test_names_addresses_and_small_groups_never_reach_the_lake(settings: Settings, tmp_path: Path) -> None:
    sheets = content(*(post("Organic", 100 + number, number=number) for number in range(3)))
    rows = sheets["All posts"]
    rows[1][4] = "Author"  # a column that nobody knows is not kept because of that
    rows.append([f"ask {SOMEBODY}", ADDRESS])
    sheets["Metrics"].append([f"ask {SOMEBODY}", "1", ADDRESS])
    for row in sheets["Metrics"][1:]:
        row.append("Owner" if row[0] == "Date" else f"{SOMEBODY} <{ADDRESS}>")
    gains = {**followers(), **as_text(AUDIENCE)}
    assert ingest(as_xlsx(tmp_path / "a.xlsx", sheets), settings)["rows_by_table"]["posts"] == 3
    assert ingest(as_xlsx(tmp_path / "b.xlsx", gains), settings)["rows_by_table"]["account_daily"] == 30
    below = [row for rows in gains.values() for row in [*rows, []]]
    assert ingest(as_csv(tmp_path / "c.csv", below), settings)["rows_by_table"]["account_daily"] == 30
    with pytest.raises(TweetbenchError, match="this kind of file is not known"):
        ingest(as_xlsx(tmp_path / "d.xlsx", as_text(AUDIENCE)), settings)
    for words in (SOMEBODY, "Canary", ADDRESS, SMALL_TOWN, SMALL_FIRM):
        assert places_of(settings.data_dir, words) == [], words
    assert Lake(settings.lake_dir).read("account_daily").num_rows == 90


def test_the_export_of_another_page_is_refused_unless_it_is_named(settings: Settings, tmp_path: Path) -> None:
    path = as_xlsx(tmp_path / "rival-inc_followers_1774355119598.xlsx", followers())
    with pytest.raises(TweetbenchError, match=r"rival-inc, which .* does not list as your own") as refused:
        ingest(path, settings)
    assert "--account rival-inc" in str(refused.value.next_step)
    assert Lake(settings.lake_dir).read("account_daily").num_rows == 0
    assert ingest(path, settings, account="rival-inc")["account"] == "rival-inc"


def test_the_page_is_named_by_its_address_too(settings: Settings, tmp_path: Path) -> None:
    path = as_xlsx(tmp_path / "Book1.xlsx", followers())
    found = ingest(path, settings, account="https://www.linkedin.com/company/rival-inc/?viewAsMember=true")
    assert found["account"] == "rival-inc"
    with pytest.raises(TweetbenchError, match="profiles of people are not read"):
        ingest(path, settings, account="https://www.linkedin.com/in/jane-canary")


def test_totals_of_competitors_are_those_of_the_last_day_and_the_own_page_is_known_by_its_title(
    settings: Settings, tmp_path: Path
) -> None:
    header = ["Page", "Total Followers", "New Followers", "Total post engagements", "Total posts"]
    period = [f"{DAYS[0]:%m/%d/%Y}", f"{DAYS[-1]:%m/%d/%Y}"]
    pages = [["Rival Inc", "2,500", 9, 40, 3], ["Acme Tools", 1_088, 88, 30, 8], ["Silent Corp", "", 0, 0, 0]]
    ingest(as_xlsx(tmp_path / "Book1.xlsx", {"COMPETITORS": as_text({"": [period, header, *pages]})[""]}), settings)
    rows = Lake(settings.lake_dir).read("accounts").to_pylist()
    found = {row["handle"]: (row["follower_count"], str(row["captured_at"].date())) for row in rows}
    assert found == {"acme": (1_088, "2026-03-30"), "Rival Inc": (2_500, "2026-03-30")}
    (issue,) = Lake(settings.lake_dir).read("issues").to_pylist()
    assert (issue["problem"], "'Silent Corp'" in issue["detail"]) == ("no_follower_count", True)
