"""The report as `publish` calls it. Imports no charting library before a version is actually written."""

from pathlib import Path

from pipeline.publish import WriteReport
from pipeline.settings import Settings

PROBLEMS = "problems.txt"  # next to a page that is not whole


def report_problems(settings: Settings) -> tuple[str, ...]:
    """What the report of the published version lacks; mostly nothing."""
    file = settings.published_file.parent / "report" / PROBLEMS
    return tuple(file.read_text(encoding="utf-8").splitlines()) if file.is_file() else ()


def report_writer(settings: Settings) -> WriteReport:
    """What `publish` calls to add the report to a version."""

    def write_report(file: Path, folder: Path) -> tuple[str, ...]:
        # The charting libraries cost half a second to import; only a run that publishes pays for them.
        from pipeline.report.building import build_or_explain

        problems = build_or_explain(file, folder, settings=settings).problems
        if problems:
            (folder / PROBLEMS).write_text("\n".join(problems) + "\n", encoding="utf-8")
        return problems

    return write_report
