"""What may not be stored is taken out of the rows of every kind of file, in one place."""

import json
from pathlib import Path

import pytest

from pipeline.sources.opening import open_input
from pipeline.sources.personal_data import mask_within
from pipeline.sources.protocol import Request
from pipeline.sources.recognition import do_task
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
