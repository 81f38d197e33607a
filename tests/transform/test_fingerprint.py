"""What a version was built from: any change of data, code or marking is noticed, and nothing else is."""

from pathlib import Path

import pytest

from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.transform import fingerprint as basis
from pipeline.transform.fingerprint import BASIS_FILE, inputs_fingerprint, is_published, published_sequence
from pipeline.warehouse import load_table
from tests.conftest import NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path / "data")
    made.make_folders()
    return made


def test_the_basis_follows_the_lake_the_code_and_the_demo_mark(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(settings.lake_dir)
    first = inputs_fingerprint(settings, lake)
    assert inputs_fingerprint(settings, lake) == first
    demo = settings.model_copy(update={"is_demo": True})
    row = {"platform": "x", "captured_at": NOW, "subject": "s", "problem": "p"}
    seen = {first, inputs_fingerprint(demo, lake)}
    lake.commit({"issues": [row]}, source="inbox", run_id="r", now=NOW)
    seen.add(inputs_fingerprint(settings, lake))
    monkeypatch.setattr(basis, "__version__", "next")
    seen.add(inputs_fingerprint(settings, lake))
    assert len(seen) == 4


def test_a_file_that_was_damaged_and_restored_changes_the_basis(settings: Settings) -> None:
    lake = Lake(settings.lake_dir)
    rows = {"issues": [{"platform": "x", "captured_at": NOW, "subject": "s", "problem": "p"}]}
    (file,) = lake.commit(rows, source="inbox", run_id="r", now=NOW).files
    path = settings.lake_dir / file.path
    good = path.read_bytes()
    path.write_bytes(b"damaged")
    assert load_table(settings, lake, "issues").damaged
    without = inputs_fingerprint(settings, lake)
    path.write_bytes(good)
    assert load_table(settings, lake, "issues").rows_added == 1
    assert inputs_fingerprint(settings, lake) != without


def test_only_the_current_version_counts(settings: Settings) -> None:
    assert not is_published(settings, "b")
    version = settings.published_dir / "versions" / "v1"
    version.mkdir(parents=True)
    (version / BASIS_FILE).write_text("b")
    (settings.published_dir / "current").symlink_to("versions/v1")
    assert is_published(settings, "b")
    assert not is_published(settings, "other")


def test_a_version_says_which_commit_is_the_newest_that_it_holds_though_another_came_while_it_was_built(
    settings: Settings,
) -> None:
    lake = Lake(settings.lake_dir)
    rows = {"issues": [{"platform": "x", "captured_at": NOW, "subject": "s", "problem": "p"}]}
    lake.commit(rows, source="inbox", run_id="r", now=NOW)
    load_table(settings, lake, "issues")
    lake.commit(rows, source="x_api", run_id="of-a-reader", now=NOW)
    built_from = inputs_fingerprint(settings, lake)
    assert published_sequence(settings) is None
    for text, sequence in ((built_from, 1), ("0a1b2c of a release before", None), ("12", None)):
        version = settings.published_dir / "current"
        version.mkdir(parents=True, exist_ok=True)
        (version / BASIS_FILE).write_text(text)
        assert published_sequence(settings) == sequence
    load_table(settings, lake, "issues")
    assert inputs_fingerprint(settings, lake).startswith("2-")
