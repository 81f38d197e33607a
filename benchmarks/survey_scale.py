"""A survey of 50,000 respondents with 200 answer options and three dimensions: every estimate of the survey marts.

Invented answers with weights; the inputs are those of the dbt models, so reading them is measured too. Every estimate
is one process of its own, as peak memory is of a process.

    python benchmarks/survey_scale.py
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import run_process, write_result
from pipeline.analysis.survey import contrasts, models, question_tests, segment_means
from pipeline.analysis.survey import crosstabs as book

RESPONDENTS = 50_000
QUESTIONS = {"multi": (2, 50), "single": (8, 10), "scale": (4, 5)}  # questions and options of each: 200 options
SEGMENTS = {"company_size": 9, "industry": 14, "customer_focus": 3}
ESTIMATES = {
    "segments": book.estimate_segments,
    "tests": question_tests.estimate_tests,
    "means": segment_means.estimate_means,
    "what_works": contrasts.estimate_what_works,
    "models": models.estimate_models,
}
LIMITS_S, LIMITS_MIB = 120.0, 2048.0
THRESHOLDS = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds" / "thresholds.csv"


def main() -> None:
    """Measure every estimate, or run the one that is named."""
    if len(sys.argv) > 1:
        _estimate(sys.argv[1])
        return
    found = {}
    for name in ESTIMATES:
        measure, report = run_process([sys.executable, __file__, name])
        found[name] = {"wall_s": measure.wall_s, "cpu_s": measure.cpu_s, **report}
    result = {
        "respondents": RESPONDENTS,
        "options": sum(questions * options for questions, options in QUESTIONS.values()),
        "segments": SEGMENTS,
        "limit": {"segments_and_tests_wall_s": LIMITS_S, "peak_mib": LIMITS_MIB},
        "processes": found,
    }
    sys.stdout.write(f"{write_result('survey_scale', result)}\n{json.dumps(result, indent=2)}\n")


def _estimate(name: str) -> None:
    tables, thresholds = _survey(), _thresholds()
    started = time.monotonic()
    rows = ESTIMATES[name](tables, thresholds).num_rows
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    estimate_s = round(time.monotonic() - started, 2)
    sys.stdout.write(json.dumps({"estimate_s": estimate_s, "rows": rows, "peak_mib": peak}) + "\n")


def _survey() -> book.Tables:
    rng = np.random.default_rng(6)
    numbers = np.arange(RESPONDENTS, dtype=np.int32)
    weight = np.exp(rng.normal(0, 0.4, RESPONDENTS))
    members = [_members("all", np.full(RESPONDENTS, "all"), numbers, weight)]
    for dimension, count in SEGMENTS.items():
        levels = rng.choice(count, RESPONDENTS, p=rng.dirichlet(np.full(count, 3.0)))
        members.append(
            _members(dimension, np.array([f"{dimension} {at:02}" for at in range(count)])[levels], numbers, weight)
        )
    answers, options = [], []
    for kind, (question_count, option_count) in QUESTIONS.items():
        for question in range(question_count):
            question_id = f"{kind}_{question:02}" if kind != "scale" else f"topic_{question:02}_effectiveness"
            answers.append(_answers(rng, kind, question_id, option_count, numbers))
            options.append(_options(kind, question_id, option_count))
    margins = pa.schema([("survey_id", pa.string()), ("segment_dimension", pa.string()), ("segment", pa.string())])
    margins = margins.append(pa.field("population_share", pa.float64()))
    return pa.concat_tables(members), pa.concat_tables(answers), pa.concat_tables(options), margins.empty_table()


def _members(dimension: str, segments: np.ndarray, numbers: np.ndarray, weight: np.ndarray) -> pa.Table:
    same = {"survey_id": ["scale"] * len(numbers), "segment_dimension": [dimension] * len(numbers)}
    return pa.table({**same, "respondent_number": numbers, "segment": segments, "weight": weight})


def _answers(rng: np.random.Generator, kind: str, question_id: str, options: int, numbers: np.ndarray) -> pa.Table:
    answered = numbers[rng.random(len(numbers)) < 0.95]
    if kind == "multi":
        ticks = rng.random((len(answered), options)) < rng.beta(1, 4, options)
    else:
        ticks = rng.choice(options, len(answered), p=rng.dirichlet(np.ones(options)))[:, None] == np.arange(options)
    lengths = np.concatenate([[0], np.cumsum(ticks.sum(axis=1))]).astype(np.int32)
    chosen = pa.ListArray.from_arrays(pa.array(lengths), pa.array(np.nonzero(ticks)[1].astype(np.int32)))
    position = np.argmax(ticks, axis=1) + 1.0 if kind == "scale" else np.full(len(answered), np.nan)
    same = {"survey_id": ["scale"] * len(answered), "question_id": [question_id] * len(answered)}
    value = pa.array(position, from_pandas=True)
    return pa.table({**same, "respondent_number": answered, "option_numbers": chosen, "value": value})


def _options(kind: str, question_id: str, count: int) -> pa.Table:
    role = {"multi": "initiatives", "scale": "effectiveness"}.get(kind)
    same = {"survey_id": "scale", "question_id": question_id, "question_type": kind, "is_none_option": False}
    rows = [{**same, "question_role": role, "option": f"option {at:02}", "option_number": at} for at in range(count)]
    kinds = {name: pa.string() for name in ("survey_id", "question_id", "question_type", "question_role", "option")}
    return pa.Table.from_pylist(
        rows, schema=pa.schema({**kinds, "option_number": pa.int32(), "is_none_option": pa.bool_()})
    )


def _thresholds() -> pa.Table:
    lines = [line.split(",")[:2] for line in THRESHOLDS.read_text(encoding="utf-8").splitlines()[1:]]
    return pa.table({"name": [name for name, _ in lines], "value": [float(value) for _, value in lines]})


if __name__ == "__main__":
    main()
