"""What may not be stored is taken out of the rows of every kind of file, in one place."""

import json
from pathlib import Path

import pytest

from pipeline.errors import TweetbenchError
from pipeline.ingest.inbox import ingest_inbox
from pipeline.lake import Lake
from pipeline.reading.privacy_check import without_personal_data
from pipeline.reading.recognition import do_task
from pipeline.schemas import TABLES
from pipeline.schemas.row_streams import RowStream
from pipeline.settings import Settings
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.personal_data import mask_within
from pipeline.sources.files.protocol import FileMapping, Reading, Request
from tests.conftest import NOW

CANARIES = ("jane.canary", "5550199", "Rob Canary", "jim@", "Canaryowner", "192.0.2.77")
REGISTRY = (
    "platform,handle,account_id,name,industry,company_size,customer_focus,is_own,since,notes,contact_person,region\n"
    'x,shop,7001234,Shop 24,jim@canary.example,10-49,b2b,false,2026-01-05,"ask jane.canary@example.org +49 170 5550199,'
    ' founded 2019-03-04",Rob Canaryperson,north\n'
    "x,jim@canary.example,,Other,Tools,,,,,,,call 192.0.2.77\n"
)
PROFILES = (
    "platform,account_id,handle,captured_at,follower_count,following_count,description,owner,remark\n"
    "x,7,brand,2026-11-01,100,10,Write to hello@brand.example,Ann Canaryowner,mail jane.canary@example.org\n"
)


def read(tmp_path: Path, text: str) -> dict[str, list[dict[str, object]]]:
    path = tmp_path / "table.csv"
    path.write_text(text)
    _, reading = do_task("read", open_input(path, 1), Request(NOW))
    return dict(reading.tables)


@pytest.mark.parametrize("text", [REGISTRY, PROFILES])
def test_g32_no_canary_of_a_registry_or_of_a_table_of_profiles_is_in_any_row(tmp_path: Path, text: str) -> None:
    assert any(canary in text for canary in CANARIES)
    tables = read(tmp_path, text)
    assert [canary for canary in CANARIES if canary in json.dumps(tables, default=str)] == []


def test_g32_notes_keep_the_words_about_the_business_and_issues_say_what_is_left_out(tmp_path: Path) -> None:
    tables = read(tmp_path, REGISTRY)
    row = tables["account_registry"][0]
    assert row["notes"] == "ask (hidden: e-mail address) (hidden: phone number), founded 2019-03-04"
    assert (row["name"], row["company_size"], row["handle"]) == ("Shop 24", "10-49", "shop")
    payload = json.loads(str(row["payload"]))
    assert (payload["region"], payload["account_id"], payload["since"]) == ("north", "7001234", "2026-01-05")
    assert "contact_person" not in payload
    said = {issue["problem"]: issue["detail"] for issue in tables["issues"]}
    assert said["personal_column_dropped"].endswith("about people: contact_person")
    # The address of a machine stood alone in a column that nobody reads: its reader left that cell out already.
    assert "e-mail address, phone number" in said["personal_data_masked"]
    assert "192.0.2" not in str(row["payload"])


def test_g32_public_texts_of_an_account_and_ids_stay_as_they_are(tmp_path: Path) -> None:
    tables = read(
        tmp_path, PROFILES.replace(",owner,remark", "").replace(",Ann Canaryowner,mail jane.canary@example.org", "")
    )
    (row,) = tables["accounts"]
    assert row["description"] == "Write to hello@brand.example"
    assert json.loads(str(row["payload"]))["description"] == "Write to hello@brand.example"
    assert tables.get("issues", []) == []


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("since 2019-03-04 12:30", "since 2019-03-04 12:30"),
        ("id 1990000000000000001", "id 1990000000000000001"),
        ("about 12,345,678 followers, 10 000 000 views", "about 12,345,678 followers, 10 000 000 views"),
        ("tel. (030) 1234567 or 555-123-4567", "tel. (hidden: phone number) or (hidden: phone number)"),
        ("ａ＠ｂｃ.de", "(hidden: e-mail address)"),
        ("call 2001:db8::8a2e:370:7334", "(hidden: IP address)"),
    ],
)
def test_g32_only_what_looks_like_an_address_or_a_number_is_masked(text: str, clean: str) -> None:
    assert mask_within(text)[0] == clean


def test_columns_that_nobody_reads_lose_what_seems_personal_and_keep_ids_counts_and_notes(tmp_path: Path) -> None:
    text = (
        "platform,handle,captured_at,follower_count,Contact,Phone,Other id,Brand,Latitude\n"
        "mastodon,acme@social.example,2026-11-01,2345678901,Ann,5550199,2025550143,Ann@b.example shop,52.5\n"
    )
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(TweetbenchError) as refused:
        do_task("read", open_input(path, 1), Request(NOW))
    assert refused.value.what == "the table has follower counts, and the column 'Phone' is one of a list of persons"
    assert refused.value.next_step.endswith("tweetbench ingest FILE --as profile_snapshots")
    _, reading = do_task("read", open_input(path, 1), Request(NOW), "profile_snapshots")
    (row,) = reading.tables["accounts"]
    assert (row["handle"], row["follower_count"]) == ("acme@social.example", 2_345_678_901)
    assert json.loads(str(row["payload"])) == {
        "platform": "mastodon",
        "handle": "acme@social.example",
        "captured_at": "2026-11-01",
        "follower_count": "2345678901",
        "Other id": "2025550143",
        "Brand": "(hidden: e-mail address) shop",
    }


def test_a_column_that_is_read_is_kept_although_its_name_is_one_of_people(tmp_path: Path) -> None:
    mapping = FileMapping(
        "own",
        {"kind": "profile_snapshots", "columns": {"handle": "Owner", "captured_at": "Day", "follower_count": "Fans"}},
        "mappings/own.yml",
    )
    path = tmp_path / "table.csv"
    path.write_text("Owner,Day,Fans,Manager\nacme,2026-11-01,12,Rob\n")
    _, reading = do_task("read", open_input(path, 1), Request(NOW, mappings=(mapping,)))
    (row,) = reading.tables["accounts"]
    assert json.loads(str(row["payload"])) == {"Owner": "acme", "Day": "2026-11-01", "Fans": "12"}
    (issue,) = reading.tables["issues"]
    assert (issue["problem"], issue["detail"].endswith("about people: Manager")) == ("personal_column_dropped", True)


def test_records_of_an_issue_are_looked_at_however_deep_they_lie(tmp_path: Path) -> None:
    text = (
        "handle,captured_at,follower_count,Manager\n"
        "shop,2026-11-01,10,Rob\n"
        "shop_a,2026-11-01,many,Rob Canaryowner\n"
        "shop_b,2026-11-01,lots,Rob Canaryowner\n"
        "shop_c,2026-11-01,7,Rob Canaryowner,jane.canary@example.org\n"
    )
    tables = read(tmp_path, text)
    payloads = {str(issue["problem"]): str(issue["payload"]) for issue in tables["issues"]}
    assert json.loads(payloads["not_a_count"])["originals"] == [
        {"handle": name, "captured_at": "2026-11-01", "follower_count": count}
        for name, count in (("shop_a", "many"), ("shop_b", "lots"))
    ]
    assert [canary for canary in CANARIES if canary in json.dumps(tables, default=str)] == []


def test_an_issue_still_says_which_account_it_is_about(tmp_path: Path) -> None:
    registry = (
        "platform,handle,account_id,industry\nmastodon,acme@social.example,,Tools\nmastodon,acme@social.example,,Tools\n"
        "x,,2025550143,Tools\nx,,2025550143,Tools\n"
    )
    (issue,) = [row for row in read(tmp_path, registry)["issues"] if row["problem"] == "duplicate_account"]
    assert "@acme@social.example is already named in line 2" in str(issue["detail"])
    assert "account 2025550143 is already named in line 4" in str(issue["detail"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "table.csv",
            REGISTRY.splitlines()[0].replace("contact_person", "Ansprechpartnerin,Inhaber,correo")
            + "\nx,shop,jim@canary.example,,Tools,,jane.canary@a.example,call 192.0.2.77,jane.canary@b.example,,"
            + "Rob Canary,Ute Canaryowner,jane.canary@c.example,north\n",
        ),
        (
            "table.csv",
            "platform,account_id,handle,captured_at,follower_count,jane.canary@x.example,Verantwortlich\n"
            "x,7,jim@canary.example,2026-11-01,100,9,Rob Canary\n",
        ),
        (
            "Posts of jane.canary@example.org.csv",
            "Tweet id,Tweet permalink,Tweet text,time,impressions,engagements,Agency mail\n"
            "1990000000000000001,https://x.com/acme/status/1990000000000000001,hi,2026-10-01 10:00 +0000,"
            "jim@canary.example,2,jane.canary@example.org\n",
        ),
    ],
)
def test_g32_no_canary_where_nobody_expects_one(tmp_path: Path, name: str, text: str) -> None:
    """In cells that are no date, no count and no handle; in names of columns, in any language; in a file's name."""
    settings = Settings(_env_file=None, data_dir=tmp_path, settle_seconds=0)
    settings.make_folders()
    (settings.inbox_dir / name).write_text(text)
    lake = Lake(settings.lake_dir)
    (outcome,) = ingest_inbox(lake, settings, Request(NOW), run_id="run")
    assert outcome.status == "added"
    stored = [row for table in TABLES for row in lake.read(table).to_pylist()]
    manifest = [path.read_text() for path in settings.lake_dir.rglob("*.json")]
    assert [canary for canary in CANARIES if canary in json.dumps([stored, manifest], default=str)] == []


def test_counts_of_an_export_are_kept_whatever_their_column_is_called(tmp_path: Path) -> None:
    header = (
        "Tweet id,Tweet permalink,Tweet text,time,impressions,engagements,email tweet,Contact person,phone,dial phone\n"
    )
    link = "https://x.com/acme/status/1990000000000000001"
    line = f"1990000000000000001,{link},hi,2026-10-01 10:00 +0000,9,2,3,Rob,+49 170,-\n"
    (row,) = read(tmp_path, header + line)["posts"]
    payload = json.loads(str(row["payload"]))
    assert (payload["email tweet"], payload["dial phone"]) == ("3", "-")
    assert "Contact person" not in payload
    assert "phone" not in payload


def test_columns_with_counts_alone_cost_no_look_at_any_row(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Tweet id,email tweet,dial phone,phone\n1,3,-,7\n2,,1.5,\n")
    sheet = open_input(path, 1).sheet
    rows = RowStream(2, lambda: pytest.fail("a row was taken apart"))
    checked = without_personal_data(Reading({"posts": rows}, "any", 2), "table.csv", [sheet], Request(NOW))
    assert checked.tables["posts"] is rows
    path.write_text("Tweet id,email tweet,dial phone,phone\n1,3,-,7\n2,,1.5,Rob Canary\n")
    sheet = open_input(path, 1).sheet
    stream = RowStream(1, lambda: iter([{"post_id": "2", "payload": '{"phone": "Rob Canary", "email tweet": "3"}'}]))
    checked = without_personal_data(Reading({"posts": stream}, "any", 2), "table.csv", [sheet], Request(NOW))
    assert [row["payload"] for row in checked.tables["posts"]] == ['{"email tweet": "3"}']
