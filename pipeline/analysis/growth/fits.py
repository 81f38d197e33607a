"""One specification fitted on one set of accounts, as rows of the tidy table of estimates.

Never raises for data that cannot carry the model: the rows then say why instead of giving a figure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.accounts import AccountPanel, AccountWeeks, hold_panel
from pipeline.analysis.growth.contrasts import CONTRASTS, contrast_rows
from pipeline.analysis.growth.corrected import CorrectedFit, correct_fit
from pipeline.analysis.growth.design import build_design, correct_columns
from pipeline.analysis.growth.few_accounts import FEWEST_ACCOUNTS, few_rows
from pipeline.analysis.growth.shrinkage import FirstStep
from pipeline.analysis.growth.specifications import SILENCE_TERMS, Specification, count_quality, select_weeks
from pipeline.analysis.growth.tables import Row
from pipeline.analysis.growth.weeks import TIME, UNIT
from pipeline.analysis.panel import Estimate, InsufficientDataError, fit_panel
from pipeline.analysis.panel.blocks import Spool
from pipeline.analysis.panel.data import read_labels
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS, MANY_CLUSTERS
from pipeline.analysis.panel.poisson import PoissonFit, fit_poisson_panel

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
    panel: pa.Table | AccountPanel, specification: Specification, effort: Effort, first_step: FirstStep | None = None
) -> list[Row]:
    """One row per term and per comparison of quality with volume; counts stand on every row.

    With `first_step`, which must be attached to the panel, quality is cleared of chance, and errors, limits and
    p-values of linear models carry that. A panel in blocks, which has its first step, is read once.
    """
    panel = hold_panel(panel, first_step) if isinstance(panel, pa.Table) else panel
    chosen = _choose_weeks(panel, specification)
    facts: dict[str, object] = {
        "account_count": chosen.account_count,
        "week_count": len(chosen.days),
        "observation_count": chosen.row_count,
        "dropped_count": 0,
        "quality_bases": _name_bases(chosen.bases),
    }
    try:
        if chosen.usable_count and not chosen.quality_count:
            raise InsufficientDataError(
                "no account has a week with two posts whose response is known, which alone tell quality from chance"
            )
        if chosen.account_count < FEWEST_CLUSTERS:
            return _fit_few(chosen, specification, facts)
        if specification.offset:
            return _fit_counts(chosen, specification, facts)
        return _fit_linear(chosen, specification, effort.limited_to(chosen.account_count), facts)
    except InsufficientDataError as error:
        return _refuse(specification, facts, "insufficient_data", str(error))
    except ValueError as error:
        return _refuse(specification, facts, "not_testable", str(error))


@dataclass
class _Chosen:
    """Weeks that a specification may use, and their counts."""

    weeks: Spool[AccountWeeks]
    changes: tuple[Mapping[str, float], ...] | None  # of the first step
    days: set[object]
    bases: Counter[str]  # accounts by measure of quality
    account_count: int = 0
    row_count: int = 0
    # Of the whole panel.
    usable_count: int = 0
    quality_count: int = 0


def _choose_weeks(panel: AccountPanel, specification: Specification) -> _Chosen:
    found = _Chosen(Spool(), panel.changes, set(), Counter())
    for block in panel.blocks:
        usable, known = count_quality(block.table, specification)
        found.usable_count += usable
        found.quality_count += known
        weeks = select_weeks(block.table, specification)
        if not weeks.num_rows:
            continue
        found.weeks.append(replace(block, table=weeks))
        found.account_count += len(np.unique(read_labels(weeks, UNIT)[0]))
        found.row_count += weeks.num_rows
        found.days |= set(pc.unique(weeks[TIME]).to_pylist())
        pairs = weeks.group_by([UNIT, "quality_basis"]).aggregate([])
        found.bases.update(str(basis) for basis in pairs["quality_basis"].to_pylist())
    return found


def _fit_few(chosen: _Chosen, specification: Specification, facts: dict[str, object]) -> list[Row]:
    """Rows of fewer accounts than a test over accounts needs: each on its own weeks, then pooled."""
    if specification.offset or chosen.account_count < FEWEST_ACCOUNTS:
        # Only the reason is given, and it needs no week.
        return few_rows(pa.table({}), specification, facts)
    design = build_design(chosen.weeks, specification, chosen.changes)
    facts |= {"reliability": design.quality.reliability}
    weeks = _join(correct_columns(design))
    return few_rows(weeks, specification, facts, {"quality": design.quality.swing})


def _join(tables: Iterable[pa.Table]) -> pa.Table:
    """All rows at once, of few accounts."""
    return pa.concat_tables(tables).unify_dictionaries()


def _fit_linear(chosen: _Chosen, specification: Specification, effort: Effort, facts: dict[str, object]) -> list[Row]:
    design = build_design(chosen.weeks, specification, chosen.changes)
    needs_all = effort.gives_second_opinion or int(str(facts["account_count"])) < MANY_CLUSTERS
    fit = fit_panel(
        design.tables(),
        outcome=specification.outcome,
        regressors=design.terms,
        unit=UNIT,
        time=TIME,
        # Drawn once, after quality is corrected.
        wild_draws=0,
        seed=effort.seed,
        jackknife=needs_all,
    )
    facts |= {
        "account_count": fit.n_units,
        "week_count": design.week_count,
        "observation_count": fit.n_obs,
    }
    facts |= {
        "dropped_count": chosen.row_count - design.row_count,
        "within_r2": fit.within_r2,
        "reliability": design.quality.reliability,
    }
    if fit.status == "insufficient_data":
        return _refuse(specification, facts, fit.status, fit.status_reason)
    parts = {name: [t for t in terms if t in design.terms] for name, terms in specification.parts.items()}
    parts = {name: terms for name, terms in parts.items() if terms}
    draws = effort.wild_draws if needs_all else 0
    corrected = correct_fit(fit, design.quality, parts.values(), wild_draws=draws)
    contrasts = contrast_rows(corrected.in_swings, parts, wild_draws=draws)
    rows: list[Row] = [*_term_rows(corrected, parts, effort), *contrasts]
    return [{**facts, **row} for row in [*rows, *_constant_rows(specification, rows)]]


def _fit_counts(chosen: _Chosen, specification: Specification, facts: dict[str, object]) -> list[Row]:
    design = build_design(chosen.weeks, specification, chosen.changes)
    counted = fit_poisson_panel(
        correct_columns(design),
        outcome=specification.outcome,
        regressors=design.terms,
        offset="offset",
        unit=UNIT,
        time=TIME,
    )
    facts |= {
        "account_count": counted.n_units,
        "week_count": design.week_count,
        "observation_count": counted.n_obs,
    }
    facts |= {"dropped_count": counted.n_dropped + chosen.row_count - design.row_count}
    facts |= {"reliability": design.quality.reliability}
    swings = dict.fromkeys(design.quality.terms, design.quality.swing)
    rows = _poisson_rows(counted, specification, swings)
    return [{**facts, **row} for row in [*rows, *_constant_rows(specification, rows)]]


def _constant_rows(specification: Specification, rows: Sequence[Row]) -> list[Row]:
    """Terms that were left out of the model."""
    reason = "it is the same in every week of the panel"
    known = {row["term"] for row in rows}
    missing = [term for term in specification.published if term not in known]
    return [{"term": term, "status": "not_testable", "status_reason": reason} for term in missing]


def _name_bases(bases: Mapping[str, int]) -> str:
    """The measures of quality behind the weeks, with how many accounts use each."""
    named = sorted((-count, basis) for basis, count in bases.items())
    return ", ".join(f"{basis} ({-count} account{'s' if count < -1 else ''})" for count, basis in named)


def _refuse(specification: Specification, facts: Row, status: str, reason: str) -> list[Row]:
    contrasts = () if specification.offset else CONTRASTS
    return [
        {**facts, "term": term, "within_r2": None, "status": status, "status_reason": reason}
        for term in (*specification.published, *contrasts)
    ]


def _term_rows(corrected: CorrectedFit, parts: Mapping[str, Sequence[str]], effort: Effort) -> list[Row]:
    """The sums of both weeks, then every term of the model."""
    fit, in_swings = corrected.fit, corrected.in_swings
    sums = {name: terms for name, terms in parts.items() if name not in fit.estimates}
    grouped = {term for terms in parts.values() for term in terms}
    # Sums enter as one, so that their share does not depend on how it is split between two weeks.
    groups = {**parts, **{term: [term] for term in fit.estimates if term not in grouped}}
    silent = [term for term in SILENCE_TERMS.values() if term in groups]
    groups = {name: terms for name, terms in groups.items() if name not in silent} | (
        {"silence": silent} if silent else {}
    )
    shares = fit.explained_group_shares(groups)
    draws = effort.share_draws
    limits = fit.explained_share_intervals(draws=draws, groups=groups) if draws else {}
    estimates: dict[str, tuple[Estimate, Estimate, float]] = {}
    for name, terms in sums.items():
        both = dict.fromkeys(terms, 1.0)
        estimates[name] = (fit.contrast(both), in_swings.contrast(both), corrected.swings[terms[0]])
    for term, estimate in fit.estimates.items():
        estimates[term] = (estimate, in_swings.estimates[term], corrected.swings[term])
    rows: list[Row] = []
    for term, (estimate, standardised, swing) in estimates.items():
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
                "standardised_estimate": standardised.estimate,
                "standardised_low": standardised.conf_low,
                "standardised_high": standardised.conf_high,
                "explained_share": shares.get(term),
                "explained_share_low": low,
                "explained_share_high": high,
                "status": estimate.status,
                "status_reason": estimate.status_reason,
            }
        )
    return rows


def _poisson_rows(fit: PoissonFit, specification: Specification, swings: Mapping[str, float]) -> list[Row]:
    rows: list[Row] = []
    sums = {name: terms for name, terms in specification.parts.items() if name not in specification.terms}
    known = {name: [term for term in terms if term in fit.estimates] for name, terms in sums.items()}
    both = {name: fit.add_up(terms) for name, terms in known.items() if terms}
    for term, estimate in (both | fit.estimates).items():
        is_tested = estimate.p_value is not None
        swing = swings.get(term, swings.get(known.get(term, [term])[0], estimate.within_sd))
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
