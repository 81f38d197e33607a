"""How the published figures of a survey add up, and so which of them must be hidden together.

The search itself is in `suppression`; here is what segments, crossed segments, people without a segment, options and
means have to do with one another. Segments and bases are known (each respondent's segments are a mart of their own);
what is protected is what fewer than five people answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.analysis.survey.columns import BoolArray, FloatArray, IntArray
from pipeline.analysis.survey.sheet import EVERYBODY, Node, Question
from pipeline.analysis.survey.suppression import Figures, Limits, Relation, protect

SMALL_BASE, SMALL_CELL, COMPLEMENTARY = "small_base", "small_cell", "complementary"
# What hiding a figure loses, by rank. People without a segment have no row: only a difference from the rest is lost.
OF_NO_SEGMENT, CROSSED_MEAN, CROSSED_CELL, SEGMENT_MEAN, SEGMENT_CELL, EVERYBODYS_CELL, EVERYBODYS_MEAN = range(7)


@dataclass(frozen=True)
class Groups:
    """Groups of people: the nodes, then people without a segment. `sums` are (whole, parts); `is_known` says whose
    figures a reader has where they are not protected; `left_out` has, by dimension, the group of those without it."""

    members: tuple[IntArray, ...]
    ranks: tuple[tuple[int, int], ...]
    sums: tuple[tuple[int, tuple[int, ...]], ...]
    is_known: BoolArray
    left_out: dict[str, int]


@dataclass(frozen=True)
class Hidden:
    """What must not be shown of one question. `reasons` are nodes x options, `means` (mean position, mean ticks, shares
    in ticks) and `uppers` (share of the upper two fifths of a scale) by node; of `differences` from the rest the
    options, by dimension, and the dimensions whose means may not be compared."""

    reasons: tuple[tuple[str | None, ...], ...]
    means: BoolArray
    uppers: BoolArray
    differences: dict[str, BoolArray]
    mean_differences: frozenset[str]


def read_limits(thresholds: pa.Table) -> Limits:
    """Limits of suppression from the seed `thresholds` (name, value)."""
    return Limits.from_thresholds(
        dict(zip(thresholds.column("name").to_pylist(), thresholds.column("value").to_pylist(), strict=True))
    )


def find_groups(nodes: Sequence[Node], domains: Sequence[IntArray]) -> Groups:
    """The nodes with the rows of `domains`, and who of a node or of everybody is in none of its parts.

    Figures of the latter follow from a difference from the rest, which is published for one-way segments where there
    are two of them.
    """
    number = {(node.dimension, node.segment): at for at, node in enumerate(nodes)}
    members = list(domains)
    ranks = [_ranks(node) for node in nodes]
    is_known = [True] * len(nodes)
    children: dict[tuple[int, str], list[int]] = {}
    for at, node in enumerate(nodes):
        if node.dimension != EVERYBODY and len(domains[at]):
            for whole in node.parts or ((EVERYBODY, EVERYBODY),):
                children.setdefault((number[whole], node.dimension), []).append(at)
    sums: list[tuple[int, tuple[int, ...]]] = []
    left_out: dict[str, int] = {}
    # In which crossing, without which side: everybody without it is the sum of each segment without it.
    without: dict[tuple[str, str], list[int]] = {}
    for (parent, dimension), parts in children.items():
        rest = _others(members, parent, parts)
        if len(rest):
            members.append(rest)
            ranks.append((OF_NO_SEGMENT, OF_NO_SEGMENT))
            one_way = nodes[parent].dimension == EVERYBODY
            is_known.append(one_way and len(parts) > 1)
            if one_way:
                left_out[dimension] = len(members) - 1
            else:
                other = nodes[parts[0]].parts[nodes[parts[0]].parts[0][0] == nodes[parent].dimension][0]
                without.setdefault((dimension, other), []).append(len(members) - 1)
            parts = [*parts, len(members) - 1]
        sums.append((parent, tuple(parts)))
    neither: dict[str, int] = {}
    for (dimension, side), parts in without.items():
        if side in left_out:
            rest = _others(members, left_out[side], parts)
            if len(rest) and dimension not in neither:
                neither[dimension] = len(members)
                members.append(rest)
                ranks.append((OF_NO_SEGMENT, OF_NO_SEGMENT))
                is_known.append(False)
            parts = [*parts, neither[dimension]] if len(rest) else parts
            sums.append((left_out[side], tuple(parts)))
    return Groups(tuple(members), tuple(ranks), tuple(sums), np.array(is_known), left_out)


def hide_answers(question: Question, nodes: Sequence[Node], domains: Sequence[IntArray], limits: Limits) -> Hidden:
    """What of one question must not be shown: cells of small bases, of few people, and what would give these away.

    A cell is of few people if one to four chose the option, or did not choose it. Of a scale the mean position and the
    share of the upper two fifths are published too, of ticks their mean number: these are hidden before cells are.
    """
    groups = find_groups(nodes, domains)
    width, count = len(question.answers.options), len(groups.members)
    bases = np.array([len(rows) for rows in groups.members], dtype=np.float64)
    ticks = np.array([question.answers.selected[rows].sum(axis=0) for rows in groups.members], dtype=np.float64)
    totals = _totals(question)
    columns = width + len(totals)
    counts = np.column_stack([ticks, ticks @ totals.T])
    others = bases[:, None] - counts
    few = ((counts > 0) & (counts < limits.cell_from)) | ((others > 0) & (others < limits.cell_from))
    few[:, width : width + 1] = ((bases > 0) & (bases < limits.cell_from))[:, None]
    if width == 1 and question.question_type != "multi":
        few[:] = False  # whoever answered gave the only answer: the base says it
    is_node = np.arange(count) < len(nodes)
    small = (bases < limits.base_from) & is_node
    hidden = few | small[:, None] | ~groups.is_known[:, None]
    ranks = np.array([[cell] * width + [mean] * len(totals) for mean, cell in groups.ranks], dtype=np.float64)
    figures = Figures(
        counts.reshape(-1),
        np.repeat(bases, columns),
        few.reshape(-1),
        np.tile(np.arange(columns) < width, count),
        list(zip(ranks.reshape(-1).tolist(), counts.reshape(-1).tolist(), strict=True)),
        _relations(groups, question, totals),
    )
    closed = protect(figures, hidden.reshape(-1), limits.cell_from).reshape(count, columns)
    left_out, dimensions = groups.left_out, {node.dimension for node in nodes if not node.parts}
    of_totals = np.zeros((count, 2), dtype=np.bool_)
    of_totals[:, : len(totals)] = closed[:, width:]
    return Hidden(
        _reasons(closed[is_node, :width], few[is_node, :width], small[is_node]),
        of_totals[is_node, 0],
        of_totals[is_node, 1],
        # With a difference from the rest the whole dimension is known, and so everybody where nobody is left out.
        {name: closed[0, :width] | (name in left_out and closed[left_out[name], :width]) for name in dimensions},
        frozenset(name for name in dimensions if of_totals[[0, left_out.get(name, 0)], 0].any()),
    )


def hide_groups(
    nodes: Sequence[Node], domains: Sequence[IntArray], limits: Limits, *, least: int | None = None
) -> list[str | None]:
    """Why one figure of each node (a mean, say) must not be shown, or None: its base is smaller than `least` (default:
    the smallest base), or it would give away the figure of one to four people."""
    groups = find_groups(nodes, domains)
    bases = np.array([len(rows) for rows in groups.members], dtype=np.float64)
    few = (bases > 0) & (bases < limits.cell_from)
    small = (bases < (limits.base_from if least is None else least)) & (np.arange(len(bases)) < len(nodes))
    cost = [(float(rank), float(base)) for (_, rank), base in zip(groups.ranks, bases, strict=True)]
    relations = [([whole, *parts], [1.0] + [-1.0] * len(parts)) for whole, parts in groups.sums]
    figures = Figures(bases, np.full(len(bases), np.inf), few, np.ones(len(bases), dtype=np.bool_), cost, relations)
    hidden = protect(figures, small | few | ~groups.is_known, limits.cell_from)
    return [SMALL_BASE if small[at] else COMPLEMENTARY if hidden[at] else None for at in range(len(nodes))]


def _others(members: Sequence[IntArray], whole: int, parts: Sequence[int]) -> IntArray:
    """Rows of a group that are in none of its parts."""
    rows = members[whole]
    if sum(len(members[at]) for at in parts) == len(rows):
        return rows[:0]
    is_part = np.zeros(int(rows.max()) + 1, dtype=np.bool_)
    for at in parts:
        is_part[members[at]] = True
    return rows[~is_part[rows]]


def _ranks(node: Node) -> tuple[int, int]:
    if node.parts:
        return CROSSED_MEAN, CROSSED_CELL
    return (EVERYBODYS_MEAN, EVERYBODYS_CELL) if node.dimension == EVERYBODY else (SEGMENT_MEAN, SEGMENT_CELL)


def _totals(question: Question) -> FloatArray:
    """Factors of the options in the sums that are published beside the shares, one row each."""
    width = len(question.answers.options)
    if question.question_type == "multi":
        return np.where(question.is_none, 0.0, 1.0)[None, :]
    if question.question_type != "scale":
        return np.zeros((0, width))
    chosen = question.answers.selected & np.isfinite(question.values)[:, None]
    positions = [question.values[rows].max(initial=0.0) if rows.any() else 0.0 for rows in chosen.T]
    return np.array([positions, question.upper() @ question.answers.selected > 0], dtype=np.float64)


def _relations(groups: Groups, question: Question, totals: FloatArray) -> list[Relation]:
    width = len(question.answers.options)
    columns = width + len(totals)
    relations: list[Relation] = [
        ([at * columns + column for at in (whole, *parts)], [1.0] + [-1.0] * len(parts))
        for whole, parts in groups.sums
        for column in range(columns)
    ]
    for at in range(len(groups.members)):
        first = at * columns
        if len(groups.members[at]) and question.question_type != "multi":
            relations.append((list(range(first, first + width)), [1.0] * width))  # every answer is one of the options
        for number, factors in enumerate(totals):
            used = np.flatnonzero(factors)
            if len(groups.members[at]) and len(used):
                cells = [*(first + used).tolist(), first + width + number]
                relations.append((cells, [*factors[used].tolist(), -1.0]))
    return relations


def _reasons(cells: BoolArray, few: BoolArray, small: BoolArray) -> tuple[tuple[str | None, ...], ...]:
    """A small base can be seen. Which cells are of few people and which are hidden with them is not said: all are
    `small_cell`, as the sum of two that are known to be of one to four people could give away both."""
    word = SMALL_CELL if (few & ~small[:, None]).any() else COMPLEMENTARY
    return tuple(
        tuple((SMALL_BASE if is_small else word) if is_hidden else None for is_hidden in row)
        for row, is_small in zip(cells.tolist(), small.tolist(), strict=True)
    )
