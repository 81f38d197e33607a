"""Small surveys in the shape in which the dbt models deliver them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.analysis.survey.survey_input import Tables

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
NO_MARGINS = pa.schema(
    [(name, pa.string()) for name in ("survey_id", "segment_dimension", "segment")]
    + [("population_share", pa.float64())]
)


def thresholds() -> pa.Table:
    """The project's thresholds."""
    lines = [line.split(",")[:2] for line in (SEEDS / "thresholds.csv").read_text(encoding="utf-8").splitlines()[1:]]
    return pa.table({"name": [name for name, _ in lines], "value": [float(value) for _, value in lines]})


def make_tables(
    dimensions: Mapping[str, Sequence[str | None]],
    questions: Mapping[str, tuple[str, Sequence[Any]]],
    weights: Sequence[float] | None = None,
    margins: Sequence[Mapping[str, Any]] = (),
) -> Tables:
    """Tables of one survey `s`. `questions`: id -> (type, answers); None: not answered; multi: tuples of options."""
    n = len(next(iter(dimensions.values())))
    weight = list(weights) if weights is not None else [1.0] * n
    members = [_member(at, "all", "all", weight[at]) for at in range(n)]
    for name, levels in dimensions.items():
        members += [_member(at, name, level, weight[at]) for at, level in enumerate(levels) if level is not None]
    answers, options = [], []
    for question_id, (kind, given) in questions.items():
        texts = sorted({str(text) for answer in given if answer is not None for text in _chosen(kind, answer)})
        role = (
            "initiatives"
            if kind == "multi"
            else next((role for role in ("effectiveness", "importance") if question_id.endswith(role)), None)
        )
        same = {"survey_id": "s", "question_id": question_id, "question_type": kind, "question_role": role}
        names: list[str | None] = [None] if kind == "number" else list(texts)
        for number, text in enumerate(names):
            is_none = text is not None and text.lower().startswith("none")
            options.append({**same, "option": text, "option_number": number, "is_none_option": is_none})
        for at, answer in enumerate(given):
            if answer is not None:
                chosen = [] if kind == "number" else sorted(texts.index(str(text)) for text in _chosen(kind, answer))
                value = float(answer) if kind in ("number", "scale") else None
                answers.append(
                    {
                        "survey_id": "s",
                        "question_id": question_id,
                        "respondent_number": at,
                        "option_numbers": chosen,
                        "value": value,
                    }
                )
    texts_of = {"survey_id": pa.string(), "question_id": pa.string(), "respondent_number": pa.int32()}
    schema = pa.schema({**texts_of, "option_numbers": pa.list_(pa.int32()), "value": pa.float64()})
    return (
        pa.Table.from_pylist(members),
        pa.Table.from_pylist(answers, schema=schema),
        pa.Table.from_pylist(options),
        pa.Table.from_pylist(list(margins), schema=NO_MARGINS),
    )


def make_survey(seed: int, n: int = 300) -> Tables:
    """A survey with a crossed pair of dimensions, a multi-select question, a single choice and two scales."""
    rng = np.random.default_rng(seed)
    size = rng.choice(["1-9", "10-49", "50+"], n, p=[0.6, 0.3, 0.1])
    focus = [
        None if gap else text for gap, text in zip(rng.random(n) < 0.05, rng.choice(["b2b", "b2c"], n), strict=True)
    ]
    ticks = rng.random((n, 4)) < rng.uniform(0.02, 0.6, 4)
    channels = [tuple(f"c{at}" for at in np.flatnonzero(row)) or ("None of these",) for row in ticks]
    scale = rng.choice([1, 2, 3, 4, 5], (2, n), p=[0.04, 0.1, 0.36, 0.3, 0.2])
    metric = [
        None if gap else text for gap, text in zip(rng.random(n) < 0.1, rng.choice(["x", "y", "z"], n), strict=True)
    ]
    questions = {
        "channels": ("multi", channels),
        "metric": ("single", metric),
        "importance": ("scale", scale[0].tolist()),
        "effectiveness": ("scale", scale[1].tolist()),
    }
    return make_tables({"company_size": size.tolist(), "customer_focus": focus}, questions)


def make_gappy_survey(seed: int, n: int) -> Tables:
    """A survey in which some gave no segment and others left out single questions, with a number among these."""
    rng = np.random.default_rng(seed)
    gap = rng.choice([0.01, 0.03, 0.1])

    def leave_out(values: Sequence[Any], share: float) -> list[Any]:
        return [None if out else value for value, out in zip(values, rng.random(n) < share, strict=True)]

    count = rng.integers(2, 6)
    size = rng.choice([f"s{at}" for at in range(count)], n, p=rng.dirichlet(np.full(count, 1.5)))
    ticks = rng.random((n, 4)) < rng.uniform(0.02, 0.6, 4)
    channels = [tuple(f"c{at}" for at in np.flatnonzero(row)) or ("None of these",) for row in ticks]
    scale = rng.choice([1, 2, 3, 4, 5], (2, n), p=[0.04, 0.1, 0.36, 0.3, 0.2])
    questions = {
        "channels": ("multi", leave_out(channels, gap)),
        "metric": ("single", leave_out(rng.choice(["x", "y", "z"], n), gap)),
        "importance": ("scale", leave_out(scale[0].tolist(), gap)),
        "effectiveness": ("scale", leave_out(scale[1].tolist(), gap / 2)),
        "hours": ("number", leave_out(rng.integers(0, 40, n).tolist(), gap)),
    }
    focus = rng.choice(["b2b", "b2c", "both"], n, p=[0.5, 0.45, 0.05])
    return make_tables(
        {"company_size": leave_out(size, gap / 3), "customer_focus": leave_out(focus, gap / 2)}, questions
    )


def _member(at: int, dimension: str, segment: str, weight: float) -> dict[str, Any]:
    return {
        "survey_id": "s",
        "respondent_number": at,
        "segment_dimension": dimension,
        "segment": segment,
        "weight": weight,
    }


def _chosen(kind: str, answer: Any) -> tuple[Any, ...]:
    return tuple(answer) if kind == "multi" else () if kind == "number" else (answer,)
