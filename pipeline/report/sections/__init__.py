"""The sections of the report in reading order. A section holds SQL, sentences and shapes of a few figures; formats,
colours and page layout are elsewhere.
"""

from pipeline.report.figures import Figure, Section
from pipeline.report.sections.coverage import COVERAGE
from pipeline.report.sections.experiments import EXPERIMENTS
from pipeline.report.sections.forecast import FORECAST
from pipeline.report.sections.growth import GROWTH
from pipeline.report.sections.own import OWN
from pipeline.report.sections.people import PEOPLE
from pipeline.report.sections.platforms import PLATFORMS
from pipeline.report.sections.playbook import PLAYBOOK
from pipeline.report.sections.posting import POSTING
from pipeline.report.sections.ratios import RATIOS
from pipeline.report.sections.survey import SURVEY
from pipeline.report.sections.timing import TIMING

SECTIONS: tuple[Section, ...] = (
    PLAYBOOK,
    FORECAST,
    EXPERIMENTS,
    GROWTH,
    TIMING,
    RATIOS,
    OWN,
    PLATFORMS,
    POSTING,
    PEOPLE,
    SURVEY,
    COVERAGE,
)


def all_figures() -> list[Figure]:
    """Every figure, in the order of the report."""
    return [figure for section in SECTIONS for figure in section.figures]
