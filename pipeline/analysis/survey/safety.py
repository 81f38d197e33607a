"""How the published figures of a survey add up, and so which of them must be hidden together.

The search itself is in `suppression`; here is what segments, crossed segments, people without a segment, options and
means have to do with one another. Segments and bases are known (each respondent's segments are a mart of their own);
what is protected is what fewer than five people answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array

from pipeline.analysis.survey.respondent_columns import BoolArray, FloatArray, IntArray
from pipeline.analysis.survey.suppression import Figures, Limits, Relation, protect
from pipeline.analysis.survey.survey_input import EVERYBODY, Node, Question

SMALL_BASE, SMALL_CELL, COMPLEMENTARY = "small_base", "small_cell", "complementary"
# What hiding a figure loses, by rank. People without a segment have no row: only a difference from the rest is lost.
OF_NO_SEGMENT, CROSSED_MEAN, CROSSED_CELL, SEGMENT_MEAN, SEGMENT_CELL, EVERYBODYS_CELL, EVERYBODYS_MEAN = range(7)


@dataclass(frozen=True)
class Groups:
    """Groups of people: the nodes, then people without a segment. `members` is groups x people. `sums` are (whole,
    parts); `is_node` marks nodes; `left_out` has, by dimension, the group of those without it, and `segments` the
    groups of those with it."""

    members: csr_array
    is_node: BoolArray
    ranks: tuple[tuple[int, int], ...]
    sums: tuple[tuple[int, tuple[int, ...]], ...]
    left_out: dict[str, int]
    segments: dict[str, tuple[int, ...]]

    def count(self, people: BoolArray) -> FloatArray:
        """How many of `people` are in each group; by column, if there are several."""
        return np.asarray(self.members @ people.astype(np.float64), dtype=np.float64)

    def is_known(self, bases: FloatArray) -> BoolArray:
        """Whose figures a reader has where they are not protected: nodes, and who is left out of a dimension with two
        segments, as a difference from the rest gives the dimension's figure."""
        known = self.is_node.copy()
        for name, at in self.left_out.items():
            known[at] = (bases[list(self.segments[name])] > 0).sum() > 1
        return known

    def sums_of(self, bases: FloatArray) -> list[tuple[int, list[int]]]:
        """The sums of groups that have people."""
        sums = [(whole, [at for at in parts if bases[at] > 0]) for whole, parts in self.sums]
        return [(whole, parts) for whole, parts in sums if parts]


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


def find_groups(nodes: Sequence[Node], people_count: int) -> Groups:
    """The nodes, and who of a node or of everybody is in none of its parts.

    Figures of the latter follow from a difference from the rest, which is published for one-way segments where there
    are two of them.
    """
    number = {(node.dimension, node.segment): at for at, node in enumerate(nodes)}
    members = [node.rows for node in nodes]
    ranks = [_ranks(node) for node in nodes]
    children: dict[tuple[int, str], list[int]] = {}
    for at, node in enumerate(nodes):
        if node.dimension != EVERYBODY:
            for whole in node.parts or ((EVERYBODY, EVERYBODY),):
                children.setdefault((number[whole], node.dimension), []).append(at)
    sums: list[tuple[int, tuple[int, ...]]] = []
    left_out: dict[str, int] = {}
    segments: dict[str, tuple[int, ...]] = {}
    # In which crossing, without which side: everybody without it is the sum of each segment without it.
    without: dict[tuple[str, str], list[int]] = {}
    for (parent, dimension), parts in children.items():
        rest = _others(members, parent, parts)
        one_way = nodes[parent].dimension == EVERYBODY
        segments |= {dimension: tuple(parts)} if one_way else {}
        if len(rest):
            members.append(rest)
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
            parts = [*parts, neither[dimension]] if len(rest) else parts
            sums.append((left_out[side], tuple(parts)))
    ranks += [(OF_NO_SEGMENT, OF_NO_SEGMENT)] * (len(members) - len(nodes))
    ends = np.concatenate([[0], np.cumsum([len(rows) for rows in members])])
    matrix = csr_array((np.ones(ends[-1]), np.concatenate(members), ends), shape=(len(members), people_count))
    return Groups(matrix, np.arange(len(members)) < len(nodes), tuple(ranks), tuple(sums), left_out, segments)


def hide_answers(question: Question, groups: Groups, takes_part: BoolArray, limits: Limits) -> Hidden:
    """What of one question must not be shown: cells of small bases, of few people, and what would give these away.

    A cell is of few people if one to four chose the option, or did not choose it. Of a scale the mean position, its
    interval (which tells the mean square) and the share of the upper two fifths are published too, of ticks their mean
    number: these are hidden before cells are.
    """
    width, count, is_node = len(question.answers.options), len(groups.ranks), groups.is_node
    bases = groups.count(takes_part)
    ticks = groups.count(question.answers.selected & takes_part[:, None])
    totals = _totals(question)
    columns = width + len(totals)
    counts = np.column_stack([ticks, ticks @ totals.T])
    others = bases[:, None] - counts
    few = ((counts > 0) & (counts < limits.cell_from)) | ((others > 0) & (others < limits.cell_from))
    # Only the share of the upper two fifths is itself a number of people.
    few[:, width : width + (2 if len(totals) > 1 else 1)] = ((bases > 0) & (bases < limits.cell_from))[:, None]
    if width == 1 and question.question_type != "multi":
        few[:] = False  # whoever answered gave the only answer: the base says it
    small = (bases < limits.base_from) & is_node
    hidden = few | small[:, None] | ~groups.is_known(bases)[:, None]
    ranks = np.array([[cell] * width + [mean] * len(totals) for mean, cell in groups.ranks], dtype=np.float64)
    figures = Figures(
        counts.reshape(-1),
        np.repeat(bases, columns),
        few.reshape(-1),
        np.tile(np.arange(columns) < width, count),
        list(zip(ranks.reshape(-1).tolist(), counts.reshape(-1).tolist(), strict=True)),
        _relations(groups, bases, question, totals),
    )
    closed = protect(figures, hidden.reshape(-1), limits.cell_from).reshape(count, columns)
    left_out = groups.left_out
    means, uppers = np.zeros((2, count), dtype=np.bool_)
    means |= closed[:, width : width + 2].any(axis=1)
    uppers |= closed[:, width + 2 :].any(axis=1)
    return Hidden(
        _reasons(closed[is_node, :width], few[is_node, :width], small[is_node]),
        means[is_node],
        uppers[is_node],
        # With a difference from the rest the whole dimension is known, and so everybody where nobody is left out.
        {name: closed[0, :width] | (name in left_out and closed[left_out[name], :width]) for name in groups.segments},
        frozenset(name for name in groups.segments if means[[0, left_out.get(name, 0)]].any()),
    )


def hide_groups(
    groups: Groups, parts: Sequence[FloatArray], limits: Limits, small: BoolArray
) -> tuple[BoolArray, frozenset[str]]:
    """Of which nodes a figure (a mean, say) must not be shown: of `small` ones, and where it would give away a figure
    of one to four people of any of `parts` (people by group). And the dimensions in which a difference from the rest
    would do so."""
    hidden = np.concatenate([small, np.zeros(len(groups.ranks) - len(small), dtype=np.bool_)])
    telling: set[str] = set()
    for bases in parts:
        few = (bases > 0) & (bases < limits.cell_from)
        if few.any():
            cost = [(float(rank), float(base)) for (_, rank), base in zip(groups.ranks, bases, strict=True)]
            relations = [([whole, *each], [1.0] + [-1.0] * len(each)) for whole, each in groups.sums_of(bases)]
            everywhere, counted = np.full(len(bases), np.inf), np.ones(len(bases), dtype=np.bool_)
            figures = Figures(bases, everywhere, few, counted, cost, relations)
            closed = protect(figures, hidden | few | ~groups.is_known(bases), limits.cell_from)
            telling |= {name for name in groups.segments if closed[[0, groups.left_out.get(name, 0)]].any()}
            hidden |= closed & groups.is_node
    return hidden[groups.is_node], frozenset(telling)


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
    """Factors of the options in the sums that are published along with the shares, one row each."""
    width = len(question.answers.options)
    if question.question_type == "multi":
        return np.where(question.is_none, 0.0, 1.0)[None, :]
    if question.question_type != "scale":
        return np.zeros((0, width))
    chosen = question.answers.selected & np.isfinite(question.values)[:, None]
    positions = np.array([question.values[rows].max(initial=0.0) if rows.any() else 0.0 for rows in chosen.T])
    return np.array([positions, positions**2, question.upper() @ question.answers.selected > 0], dtype=np.float64)


def _relations(groups: Groups, bases: FloatArray, question: Question, totals: FloatArray) -> list[Relation]:
    width = len(question.answers.options)
    columns = width + len(totals)
    relations: list[Relation] = [
        ([at * columns + column for at in (whole, *parts)], [1.0] + [-1.0] * len(parts))
        for whole, parts in groups.sums_of(bases)
        for column in range(columns)
    ]
    for at in np.flatnonzero(bases).tolist():
        first = at * columns
        if question.question_type != "multi":
            relations.append((list(range(first, first + width)), [1.0] * width))  # every answer is one of the options
        for number, factors in enumerate(totals):
            used = np.flatnonzero(factors)
            if len(used):
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
