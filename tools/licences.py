"""Licences of everything that is installed to run tweetbench, from the packages' own metadata, as docs/licences.md.

`python -m tools.licences` writes the file, `--check` fails where it is stale. What may be used is decided by the
test that reads the same list.
"""

import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata

from pipeline.settings import PROJECT_DIR

LOCK = PROJECT_DIR / "requirements.lock"
DOCUMENT = PROJECT_DIR / "docs" / "licences.md"
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)
# Whole texts are in some packages' licence field; a name is shorter.
LONGEST_NAME = 80
HEAD = """# Licences of the packages that tweetbench runs on

Made from the metadata of the installed packages by `python -m tools.licences`; a test fails where it is stale.
Packages that the lock holds for other systems only have no licence here: only an installed package can tell it.

| package | version | licence |
|---|---|---|
"""


@dataclass(frozen=True)
class Licence:
    """One locked package. `licence` is what its metadata say; None where it is not installed on this system."""

    name: str
    version: str
    licence: str | None


def locked_licences() -> list[Licence]:
    """Every package of the run-time lock with its licence, by name."""
    pins = {(match["name"].lower(), match["version"]) for match in _PIN.finditer(LOCK.read_text(encoding="utf-8"))}
    return [Licence(name, version, _licence(name)) for name, version in sorted(pins)]


def document() -> str:
    """The text of docs/licences.md."""
    rows = [f"| {each.name} | {each.version} | {each.licence or 'other systems only'} |" for each in locked_licences()]
    return HEAD + "\n".join(rows) + "\n"


def _licence(name: str) -> str | None:
    try:
        fields = metadata(name)
    except PackageNotFoundError:
        return None
    classified = [
        text.rpartition(" :: ")[2] for text in (fields.get_all("Classifier") or []) if text.startswith("License ::")
    ]
    expression = _field(fields, "License-Expression")
    free = " ".join(_field(fields, "License").split())
    # A whole text opens with its name.
    names = [expression] if expression else classified or [free if len(free) <= LONGEST_NAME else _first_line(fields)]
    return " / ".join(text.replace("|", "/") for text in names if text) or "not stated"


def _first_line(fields: PackageMetadata) -> str:
    return _field(fields, "License").strip().splitlines()[0].strip()[:LONGEST_NAME]


def _field(fields: PackageMetadata, name: str) -> str:
    return str((fields.get_all(name) or [""])[0])


def main() -> int:
    """Write the document, or with --check say whether it is current; returns the exit code."""
    text = document()
    if "--check" in sys.argv[1:]:
        return 0 if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == text else 1
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
