"""Design-based estimates from surveys: shares by segment, tests, raking, means, models, and what may be shown.

The parts: `respondent_columns` (reading), `design` (variance), `shares`, `association`, `residuals`, `raking`, `means`,
`logistic`, `suppression`. From them `crosstabs`, `segment_means`, `contrasts`, `models` and `published` compute
the marts. All are pure functions on pyarrow tables.
"""

from pipeline.analysis.survey.association import association_test
from pipeline.analysis.survey.raking import Raking, rake
from pipeline.analysis.survey.residuals import adjusted_residuals
from pipeline.analysis.survey.shares import response_shares, segment_shares

AS_IF = (
    "Respondents were not drawn at random: intervals and tests are computed as if they had been, and say nothing about "
    "who did not take part."
)

__all__ = ["AS_IF", "Raking", "adjusted_residuals", "association_test", "rake", "response_shares", "segment_shares"]
