"""The headline findings of the published warehouse for the terminal, worded as in the report."""

from pipeline.publish.reader import open_published
from pipeline.report.findings import find
from pipeline.settings import Settings


def headline_findings(settings: Settings) -> list[str]:
    """Sentences for a person; none where nothing can be said yet."""
    with open_published(settings) as connection:
        return [finding.sentence() for finding in find(connection)]
