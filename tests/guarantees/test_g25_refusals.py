"""G25, G32: a kill in the middle of refusing a file or making the pseudonym key loses and reveals nothing."""

import os
from pathlib import Path

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.inbox import ingest_inbox
from pipeline.ingest import build_request
from pipeline.lake import Lake
from pipeline.pseudonyms import Pseudonyms
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
