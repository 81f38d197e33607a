"""The report as `publish` calls it. Imports no charting library before a version is actually written."""

from pathlib import Path

from pipeline.publish import WriteReport
from pipeline.settings import Settings


def report_writer(settings: Settings) -> WriteReport:
    """What `publish` calls to add the report to a version."""

    def write_report(file: Path, folder: Path) -> tuple[str, ...]:
        # The charting libraries cost half a second to import; only a run that publishes pays for them.
        from pipeline.report.building import build_or_explain

        return build_or_explain(file, folder, settings=settings).problems

    return write_report
