"""Which sums of a survey's cells a reader knows, and so which cells must be hidden with others.

The rules by which one cell is hidden, and the search itself, are in `suppression`; here is what segments, crossed
segments and options have to do with one another.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from pipeline.analysis.survey.columns import FloatArray
from pipeline.analysis.survey.sheet import EVERYBODY, Node, Question, Row
from pipeline.analysis.survey.suppression import Limits, Relation, protect

COMPLEMENTARY = "complementary"


def read_limits(thresholds: pa.Table) -> Limits:
    """Limits of suppression from the seed `thresholds` (name, value)."""
    return Limits.from_thresholds(
        dict(zip(thresholds.column("name").to_pylist(), thresholds.column("value").to_pylist(), strict=True))
    )


def cell_relations(
    nodes: Sequence[Node], bases: Sequence[int], options: int, sums: Sequence[FloatArray], floor: int
) -> Iterator[Relation]:
    """Weighted sums that a reader knows among cells numbered node x options + option.

    A dimension adds up to everybody, and crossed segments to each of their sides. `sums` are the factors by option of
    what else is known of every segment: its base or ticks (ones), a mean (scale positions). Who gave no segment is in
    none of the parts: with a single part and at least `floor` such people the sum says nothing; with several parts,
    differences from the rest give the dimension's own total.
    """
    number = {(node.dimension, node.segment): at for at, node in enumerate(nodes)}
    children: dict[tuple[int, str], list[int]] = {}
    for at, node in enumerate(nodes):
        if node.dimension == EVERYBODY or not bases[at]:
            continue
        for parent in node.parts or ((EVERYBODY, EVERYBODY),):
            children.setdefault((number[parent], node.dimension), []).append(at)
    for (parent_at, _), parts in children.items():
        if len(parts) == 1 and bases[parent_at] - bases[parts[0]] >= floor:
            continue
        for option in range(options):
            cells = [at * options + option for at in (parent_at, *parts)]
            yield cells, [1.0] + [-1.0] * len(parts)
    for factors in sums:
        used = [(option, factor) for option, factor in enumerate(factors.tolist()) if factor]
        for at in range(len(nodes)):
            if bases[at] and len(used) > 1:
                yield [at * options + option for option, _ in used], [factor for _, factor in used]


def known_sums(question: Question, *, is_paired: bool) -> list[FloatArray]:
    """Factors of the sums over a question's options that a reader knows in every segment.

    Single choices and scales add up to the base, ticks to base times mean ticks ("none of these" aside); of a scale the
    mean position is published too and, of a pair of importance and effectiveness,
    the share of the upper two fifths.
    """
    ones = np.ones(len(question.answers.options))
    if question.question_type == "multi":
        return [np.where(question.is_none, 0.0, ones)]
    if question.question_type != "scale":
        return [ones]
    chosen = question.answers.selected & np.isfinite(question.values)[:, None]
    positions = np.array([question.values[rows].max(initial=0.0) if rows.any() else 0.0 for rows in chosen.T])
    sums = [ones, positions]
    if is_paired:
        sums.append((question.upper() @ question.answers.selected > 0).astype(np.float64))
    return sums


def hide(
    rows: Sequence[Row],
    reasons: Sequence[str | None],
    relations: Sequence[Relation],
    nodes: Sequence[Node],
) -> list[str | None]:
    """Reason of every cell after complementary suppression; `rows` are node x options with `respondent_count`."""
    per_node = len(rows) // len(nodes) if nodes else 0
    # Crossed segments go first, then segments, everybody last; within these the smallest count.
    ranks = np.repeat([0 if node.parts else 2 if node.dimension == EVERYBODY else 1 for node in nodes], per_node)
    cost = [(float(rank), float(row["respondent_count"] or 0)) for rank, row in zip(ranks, rows, strict=True)]
    hidden = protect(np.array([reason is not None for reason in reasons]), cost, relations)
    return [reason or (COMPLEMENTARY if hidden[at] else None) for at, reason in enumerate(reasons)]
