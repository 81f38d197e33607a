"""One specification fitted on one set of accounts, as rows of the tidy table of estimates.

Never raises for data that cannot carry the model: the rows then say why instead of giving a figure.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.contrasts import CONTRASTS, contrast_rows
from pipeline.analysis.growth.shrinkage import OFFSETS, FirstStep
from pipeline.analysis.growth.specifications import COMPARED, PLACEBO_TERM, Specification, select_weeks
from pipeline.analysis.growth.tables import Row
from pipeline.analysis.panel import InsufficientDataError, PanelFit, fit_panel
from pipeline.analysis.panel.data import read_labels
from pipeline.analysis.panel.generated import Parameter, carry_parameters
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS, MANY_CLUSTERS
from pipeline.analysis.panel.poisson import PoissonFit, fit_poisson_panel

UNIT, TIME = "account_key", "week_start_date"
# Percentile limits from 199 draws move by a few per cent of their width.
FEW_SHARE_DRAWS = 199


@dataclass(frozen=True)
class Effort:
    """How many random draws go into one fit."""

    wild_draws: int
    share_draws: int
    seed: int
    # Where CRV1 counts, the jackknife and the wild p are a second opinion that is given for the whole panel only.
    gives_second_opinion: bool = True
    # With more accounts a second opinion could only repeat the first, and few draws find a share's limits.
    thorough_up_to: int = 2_000

    def limited_to(self, accounts: int) -> "Effort":
        """The effort for so many accounts."""
        if accounts <= self.thorough_up_to:
            return self
        return replace(self, gives_second_opinion=False, share_draws=min(self.share_draws, FEW_SHARE_DRAWS))


def fit_rows(
    panel: pa.Table, specification: Specification, effort: Effort, first_step: FirstStep | None = None
) -> list[Row]:
    """One row per term and per comparison of quality with volume; counts stand on every row.

    With `first_step`, which must be attached to the panel, errors, limits and p-values of linear models carry the
    estimation of quality itself.
    """
    weeks = select_weeks(panel, specification)
    accounts = len(np.unique(read_labels(weeks, UNIT)[0]))
    facts: dict[str, object] = {
        "account_count": accounts,
        "week_count": pc.count_distinct(weeks[TIME]).as_py(),
        "observation_count": weeks.num_rows,
        "dropped_count": 0,
        "quality_bases": _name_bases(weeks),
    }
    if accounts < FEWEST_CLUSTERS:
        reason = f"{accounts} accounts with complete weeks; an estimate over accounts needs at least {FEWEST_CLUSTERS}"
        return _refuse(specification, facts, "insufficient_data", reason)
    effort = effort.limited_to(accounts)
    terms, constant = _split_constant(weeks, specification)
    model = weeks.select([UNIT, TIME, specification.outcome])
    for term in terms:
        model = model.append_column(term, weeks[specification.terms[term]])
    try:
        if specification.offset:
            model = model.append_column("offset", weeks[specification.offset])
            counted = fit_poisson_panel(
                model, outcome=specification.outcome, regressors=terms, offset="offset", unit=UNIT, time=TIME
            )
            facts |= {"account_count": counted.n_units, "week_count": counted.n_times}
            facts |= {"observation_count": counted.n_obs, "dropped_count": counted.n_dropped}
            return [{**facts, **row} for row in _poisson_rows(counted)]
        needs_all = effort.gives_second_opinion or accounts < MANY_CLUSTERS
        wild_draws = effort.wild_draws if needs_all else 0
        fit = fit_panel(
            model,
            outcome=specification.outcome,
            regressors=terms,
            unit=UNIT,
            time=TIME,
            # Drawn once, after the errors are complete.
            wild_draws=0 if first_step else wild_draws,
            seed=effort.seed,
            jackknife=needs_all,
        )
    except InsufficientDataError as error:
        return _refuse(specification, facts, "insufficient_data", str(error))
    except ValueError as error:
        return _refuse(specification, facts, "not_testable", str(error))
    if first_step:
        fit = _carry(weeks, model, fit, specification, first_step, wild_draws)
    facts |= {"account_count": fit.n_units, "week_count": fit.n_times, "observation_count": fit.n_obs}
    facts |= {"dropped_count": fit.n_dropped, "within_r2": fit.within_r2}
    if fit.status == "insufficient_data":
        return _refuse(specification, facts, fit.status, fit.status_reason)
    rows: list[Row] = [{**facts, **row} for row in [*_term_rows(fit, effort), *contrast_rows(fit)]]
    return rows + [
        {**facts, "term": term, "status": "not_testable", "status_reason": "it is the same in every week of the panel"}
        for term in constant
    ]


def _carry(
    weeks: pa.Table,
    model: pa.Table,
    fit: PanelFit,
    specification: Specification,
    first_step: FirstStep,
    wild_draws: int,
) -> PanelFit:
    """The fit with errors that carry the shrinkage of every quality column in it, and its wild p-values."""
    drawn = {term: column for term, column in specification.terms.items() if column in OFFSETS}
    parameters = []
    for number, changes in enumerate(first_step.changes):
        names = {term: f"{column} by parameter {number}" for term, column in drawn.items()}
        for term, name in names.items():
            model = model.append_column(name, first_step.differentiate(weeks, drawn[term], number))
        parameters.append(Parameter(names, changes))
    inference = carry_parameters(model, fit, parameters, outcome=specification.outcome, unit=UNIT, time=TIME)
    return fit.with_inference(replace(inference, wild_draws=wild_draws))


def _name_bases(weeks: pa.Table) -> str:
    """The measures of quality behind the weeks, with how many accounts use each."""
    pairs = weeks.group_by([UNIT, "quality_basis"]).aggregate([])
    counts = pairs.group_by("quality_basis").aggregate([("quality_basis", "count")]).to_pylist()
    named = sorted((-row["quality_basis_count"], str(row["quality_basis"])) for row in counts)
    return ", ".join(f"{basis} ({-count} account{'s' if count < -1 else ''})" for count, basis in named)


def _split_constant(weeks: pa.Table, specification: Specification) -> tuple[list[str], list[str]]:
    """Terms to fit, and controls that do not vary at all (nobody's following moved, say) and are left out."""
    constant = [
        term
        for term, column in specification.terms.items()
        if term not in (*COMPARED, PLACEBO_TERM) and np.ptp(weeks[column].to_numpy()) == 0
    ]
    return [term for term in specification.terms if term not in constant], constant


def _refuse(specification: Specification, facts: Row, status: str, reason: str) -> list[Row]:
    contrasts = () if specification.offset else CONTRASTS
    return [
        {**facts, "term": term, "within_r2": None, "status": status, "status_reason": reason}
        for term in (*specification.terms, *contrasts)
    ]


def _term_rows(fit: PanelFit, effort: Effort) -> list[Row]:
    shares = fit.explained_shares()
    limits = fit.explained_share_intervals(draws=effort.share_draws) if effort.share_draws else {}
    rows: list[Row] = []
    for term, estimate in fit.estimates.items():
        swing = estimate.within_sd or 0.0
        low, high = limits.get(term, (None, None))
        rows.append(
            {
                "term": term,
                "estimate": estimate.estimate,
                "standard_error": estimate.standard_error,
                "conf_low": estimate.conf_low,
                "conf_high": estimate.conf_high,
                "p_value": estimate.p_value,
                "p_value_one_sided": estimate.p_one_sided,
                "p_value_wild": estimate.p_wild,
                "se_crv1": estimate.se_crv1,
                "se_crv3": estimate.se_crv3,
                "method": estimate.method,
                "within_sd": swing,
                "standardised_estimate": estimate.standardised_estimate,
                "standardised_low": None if estimate.conf_low is None else estimate.conf_low * swing,
                "standardised_high": None if estimate.conf_high is None else estimate.conf_high * swing,
                "explained_share": shares[term],
                "explained_share_low": low,
                "explained_share_high": high,
                "status": estimate.status,
                "status_reason": estimate.status_reason,
            }
        )
    return rows


def _poisson_rows(fit: PoissonFit) -> list[Row]:
    rows: list[Row] = []
    for term, estimate in fit.estimates.items():
        is_tested, swing = estimate.p_value is not None, estimate.within_sd
        limits = (estimate.conf_low, estimate.conf_high)
        low, high = (None if limit is None else limit * swing for limit in limits)
        rows.append(
            {
                "term": term,
                "estimate": estimate.estimate if is_tested else None,
                "standard_error": estimate.standard_error if is_tested else None,
                "conf_low": limits[0],
                "conf_high": limits[1],
                "p_value": estimate.p_value,
                "method": fit.method,
                "within_sd": swing,
                "standardised_estimate": estimate.estimate * swing if is_tested else None,
                "standardised_low": low,
                "standardised_high": high,
                "status": "ok" if is_tested else "insufficient_data",
                "status_reason": "" if is_tested else f"{fit.n_units} accounts with counts are too few for a test",
            }
        )
    return rows
