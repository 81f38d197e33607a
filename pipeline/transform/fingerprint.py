"""What the marts are built from, as one hash: a run whose basis is already published has nothing to build."""

import hashlib
from pathlib import Path

from pipeline import __version__
from pipeline.lake import Lake
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.warehouse import loaded_files

DBT_DIR = PROJECT_DIR / "dbt_project"
READ_BY_DBT = ("*.sql", "*.py", "*.yml", "*.csv", "*.md")
BASIS_FILE = "built_from"


def dbt_fingerprint() -> str:
    """Hash over every file that dbt reads."""
    files = [path for pattern in READ_BY_DBT for path in sorted(DBT_DIR.rglob(pattern)) if "target" not in path.parts]
    return _digest(files, DBT_DIR)


def analysis_fingerprint() -> str:
    """Hash over the statistics that dbt's Python models call."""
    analysis = PROJECT_DIR / "pipeline" / "analysis"
    return _digest(sorted(analysis.rglob("*.py")), analysis)


def inputs_fingerprint(settings: Settings, lake: Lake) -> str:
    """Newest commit that is loaded, and a hash over everything that decides the marts: lake, SQL, thresholds,
    statistics, version, and being a demo.
    """
    loaded = loaded_files(settings)
    parts = (
        str(lake.last_sequence()),
        str(loaded),
        dbt_fingerprint(),
        analysis_fingerprint(),
        __version__,
        str(settings.is_demo),
    )
    return f"{loaded[-1]}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()}"


def published_sequence(settings: Settings) -> int | None:
    """The newest commit of the lake whose rows the published version holds; None where an earlier release made it."""
    path = settings.published_dir / "current" / BASIS_FILE
    sequence, _, digest = path.read_text(encoding="utf-8").partition("-") if path.exists() else ("", "", "")
    return int(sequence) if digest and sequence.isdecimal() else None


def is_published(settings: Settings, basis: str) -> bool:
    """True if the current published version was built from this basis."""
    path = settings.published_dir / "current" / BASIS_FILE
    return path.exists() and path.read_text(encoding="utf-8") == basis


def _digest(files: list[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
