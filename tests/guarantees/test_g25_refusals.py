"""G25, G32: a kill in the middle of refusing a file or making the pseudonym key loses and reveals nothing."""

import os
from pathlib import Path

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest import build_request
from pipeline.ingest.inbox import ingest_inbox
from pipeline.ingest.pseudonyms import Pseudonyms
from pipeline.lake import Lake
from tests.conftest import NOW
from tests.guarantees.flow import make_settings


class Killed(BaseException):
    """What a process that is killed looks like from inside: nothing catches it."""


def refuse(folder: Path) -> None:
    settings = make_settings(folder)
    for _ in ingest_inbox(Lake(settings.lake_dir), settings, build_request(settings, now=NOW), run_id="r"):
        pass


@pytest.mark.parametrize("number", range(1, 4))
def test_g25_a_refused_file_is_an_issue_once_and_has_its_note_wherever_the_run_was_killed(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(tmp_path / "data")
    (settings.inbox_dir / "useless.csv").write_text("no,table\nof,ours\n")
    renames, rename = [0], os.rename

    def killed_at_the_nth(*arguments: object) -> None:
        renames[0] += 1
        if renames[0] == number:
            raise Killed
        rename(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        for name in ("rename", "replace"):
            patched.setattr(os, name, killed_at_the_nth)
        with pytest.raises(Killed):
            refuse(settings.data_dir)
    refuse(settings.data_dir)
    names = sorted(path.name for path in settings.quarantine_dir.iterdir())
    assert names == ["20261122T120000-useless.csv", "20261122T120000-useless.csv.why.md"]
    assert Lake(settings.lake_dir).read("issues").column("problem").to_pylist() == ["file_refused"]


BROKEN = """kind: survey
title: Plans
segments:
  company_size: Company size
 questions:
  uses_x: {text: "Do you use X?", column: "Do you use X?"}
"""
SURVEY = "Response ID,Company size,Do you use X?\nr1,1-9,Yes\n"
SNAPSHOTS = "platform,account_id,handle,captured_at,follower_count,following_count\nx,5,a,2026-01-01,7,3\n"


def test_g25_a_mapping_that_is_no_yaml_refuses_only_files_that_may_need_it_and_names_its_line(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "data")
    (settings.surveys_dir / "plans.yml").write_text(BROKEN)
    for name, text in {"a.csv": SURVEY, "b.csv": SNAPSHOTS, "c.csv": "colour,size\nred,3\n"}.items():
        (settings.inbox_dir / name).write_text(text)
    request = build_request(settings, now=NOW)
    found = {each.file: each for each in ingest_inbox(Lake(settings.lake_dir), settings, request, run_id="r")}
    assert (found["b.csv"].status, found["b.csv"].source) == ("added", "profile_snapshots")
    for name in ("a.csv", "c.csv"):
        error = found[name].error
        assert error is not None
        assert error.where == f"{name}, mapping surveys/plans.yml, line 5"
        assert "not valid YAML" in error.why
        (note,) = settings.quarantine_dir.glob(f"*-{name}.why.md")
        assert "plans.yml, line 5" in note.read_text()
    (settings.surveys_dir / "plans.yml").write_text(BROKEN.replace(" questions", "questions"))
    assert build_request(settings, now=NOW).broken_mappings == ()


@pytest.mark.parametrize("torn", [b"", b"0123456789abcdef", b"x" * 64])
def test_g32_a_torn_pseudonym_key_is_refused_and_never_used(tmp_path: Path, torn: bytes) -> None:
    # Pseudonyms of an empty key can be computed by anybody who knows the address.
    file = tmp_path / ".hash_key"
    file.write_bytes(torn)
    with pytest.raises(TweetbenchError, match="pseudonym key") as caught:
        Pseudonyms(None, file, is_kept=True)("someone@example.test")
    assert caught.value.exit_code is Exit.CONFIGURATION
    assert "backup" in str(caught.value.next_step)


def test_g32_a_new_pseudonym_key_appears_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / ".hash_key"
    first = Pseudonyms(None, file, is_kept=True)("someone@example.test")
    assert (len(file.read_bytes()), file.stat().st_mode & 0o777) == (64, 0o600)
    assert Pseudonyms(None, file, is_kept=True)("someone@example.test") == first
    assert [path.name for path in tmp_path.iterdir()] == [".hash_key"]
