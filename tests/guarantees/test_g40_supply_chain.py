"""G40, I29-I33: the same bytes on every machine, nothing fetched at run time, licences known, known holes closed."""

import re
import tomllib
from collections import defaultdict
from importlib.metadata import Distribution, distributions

import pytest

from pipeline.settings import PROJECT_DIR
from tools import licences

LOCKS = ("requirements.lock", "requirements-dev.lock")
# The first version without a published hole that concerns how the package is used here.
SAFE_FROM = {
    "pyarrow": (14, 0, 1),  # CVE-2023-47248: code execution from a crafted file
    "dagster": (1, 10, 16),  # CVE-2025-51481: reading of files through the code server
    "dagster-webserver": (1, 5, 11),  # CVE-2023-51232: reading of files through /logs
    "dbt-core": (1, 8, 1),  # CVE-2024-36105 and CVE-2024-40637: open docs server, packages that override
    "jinja2": (3, 1, 6),  # CVE-2025-27516: leaving the sandbox
    "requests": (2, 32, 4),  # CVE-2024-47081: .netrc credentials sent to others
    "urllib3": (2, 5, 0),  # CVE-2025-50181 and -50182: redirects that were to be refused
    "sqlparse": (0, 5, 0),  # CVE-2024-4340: endless recursion
    "protobuf": (5, 29, 5),  # CVE-2025-4565: endless recursion
    "starlette": (0, 49, 1),  # CVE-2025-62727: slow Range headers
}
FORBIDDEN = re.compile(
    r"\b(A?GPL|GNU (Affero )?General Public|SSPL|BUSL|Business Source|Commons Clause)", re.IGNORECASE
)
# Licensed twice, the other licence being a permissive one.
DUAL = {"text-unidecode": "Artistic License"}


def requirements(name: str) -> list[str]:
    """The entries of a lock, each with its continuation lines."""
    text = (PROJECT_DIR / name).read_text(encoding="utf-8")
    return [block for block in re.split(r"\n(?=\S)", text.strip()) if not block.startswith("#")]


def pins(name: str) -> dict[str, set[str]]:
    """Locked versions by package; a lock for every Python may hold several, each with its marker."""
    found: dict[str, set[str]] = defaultdict(set)
    for entry in requirements(name):
        package, _, version = entry.split()[0].rstrip(";").partition("==")
        found[re.sub(r"[-_.]+", "-", package.split("[")[0]).lower()].add(version)
    return dict(found)


@pytest.mark.parametrize("lock", LOCKS)
def test_g40_every_locked_package_is_an_exact_version_with_hashes_from_an_index(lock: str) -> None:
    entries = requirements(lock)
    assert len(entries) > 100
    for entry in entries:
        assert re.match(r"^[a-z0-9._-]+(\[[a-z0-9,._-]+\])?==[^\s;]+", entry), entry.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]
        assert not re.search(r"://|git\+|file:| @ ", entry), entry.splitlines()[0]


def test_g40_locks_agree_where_both_name_a_package() -> None:
    run_time, everything = (pins(lock) for lock in LOCKS)
    assert {name: versions for name, versions in run_time.items() if everything.get(name) != versions} == {}


def test_g40_what_is_installed_is_what_is_locked_and_came_from_an_index() -> None:
    locked = pins("requirements-dev.lock")
    installed = {re.sub(r"[-_.]+", "-", found.name).lower(): found for found in distributions() if found.name}
    both = locked.keys() & installed.keys()
    assert {name: installed[name].version for name in both if installed[name].version not in locked[name]} == {}
    assert [name for name in both if _origin(installed[name])] == []


def _origin(found: Distribution) -> str | None:
    """Where a package came from if not from an index: a folder, an address, a repository."""
    return found.read_text("direct_url.json")


@pytest.mark.parametrize(("package", "version"), SAFE_FROM.items())
def test_g40_known_holes_are_closed_by_version(package: str, version: tuple[int, ...]) -> None:
    locked = pins(LOCKS[0])
    if package not in locked:
        pytest.skip(f"{package} is not part of the lock any more")
    for found in locked[package]:
        assert tuple(int(part) for part in re.findall(r"\d+", found)[:3]) >= version


def test_g40_the_build_needs_nothing_that_downloads() -> None:
    project = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text())
    assert project["build-system"]["requires"] == ["hatchling>=1.27"]
    # dbt 1.12 depends on a package whose build fetches a binary from elsewhere.
    assert [name for name in pins(LOCKS[0]) if "experimental-parser" in name] == []
    assert all(version.startswith("1.11.") for version in pins(LOCKS[0])["dbt-core"])


def test_g40_nothing_is_fetched_at_run_time() -> None:
    project = PROJECT_DIR / "dbt_project"
    assert not [name for name in ("packages.yml", "dependencies.yml") if (project / name).exists()]
    wrong = []
    for path in [*(PROJECT_DIR / "pipeline").rglob("*.py"), *project.rglob("*.sql"), *project.glob("*.yml")]:
        text = path.read_text(encoding="utf-8")
        if re.search(r"\bINSTALL\s+'?\w+'?\s*;|\.install_extension\(|\bpip install\b.*subprocess|dbt deps", text):
            wrong.append(path.name)
    assert wrong == []
    profile = (project / "profiles.yml").read_text()
    assert "autoinstall_known_extensions: false" in profile
    assert "allow_community_extensions: false" in profile


def test_g40_no_run_time_package_asks_for_more_than_attribution_or_its_own_changes() -> None:
    found = licences.locked_licences()
    assert len(found) > 100
    wrong = {
        each.name: each.licence
        for each in found
        if each.licence and FORBIDDEN.search(each.licence) and DUAL.get(each.name, "-") not in each.licence
    }
    assert wrong == {}
    assert [each.name for each in found if each.licence == "not stated"] == []


def test_g40_the_list_of_licences_is_current() -> None:
    assert licences.DOCUMENT.read_text(encoding="utf-8") == licences.document(), "run: python -m tools.licences"
