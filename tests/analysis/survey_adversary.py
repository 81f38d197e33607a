"""A reader who joins all survey marts: what they publish, and which figures of few people can be computed from it.

Independent of the product: unknown is the answer of every respondent; whatever is published is a linear function of
these unknowns, and a figure is disclosed if it lies in their span. Columns that are linear in the answers are counts
and shares (of cells, differences from the rest, denominators of benchmarks, importance and effectiveness), means of
positions, ticks and numbers, mean squares (which intervals of means give) and sums of positions over users and others.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.survey.contrasts import estimate_pairs, estimate_what_works
from pipeline.analysis.survey.crosstabs import estimate_segments
from pipeline.analysis.survey.published import estimate_linked
from pipeline.analysis.survey.segment_means import estimate_means
from pipeline.analysis.survey.survey_input import Question, Survey, Tables, read_surveys
from tests.analysis.survey_books import thresholds

Rows = list[dict[str, Any]]
Vector = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
SQL = PROJECT / "models" / "marts" / "survey"
MACROS = PROJECT / "macros" / "survey_suppression.sql"
LINK = ("survey_id", "question_id", "option", "benchmark_id", "denominator", "base_question_id", "base_option")
JOINED = ("survey_means", "survey_what_works", "survey_importance_effectiveness", "survey_benchmarks")


def publish(tables: Tables, links: Sequence[Mapping[str, str | None]] = ()) -> dict[str, Rows]:
    """Rows of the survey marts. Every segment has a published figure to be compared with."""
    limits = thresholds()
    linked = pa.Table.from_pylist([dict(link) for link in links], schema=pa.schema([(at, pa.string()) for at in LINK]))
    book = estimate_segments(tables, limits)
    figures = [
        {**dict.fromkeys(("base", "as_of", "source")), "base_count": 1, "published_share": 0.5, "segment": segment}
        | {name: link[name] for name in ("benchmark_id", "denominator")}
        for link in links
        for segment in {"all", *(str(each).lower() for each in tables[0].column("segment").to_pylist())}
    ]
    with duckdb.connect() as connection:
        given = {
            "int_survey_estimates": book,
            "int_survey_mean_estimates": estimate_means(tables, limits),
            "int_survey_what_works_estimated": estimate_what_works(tables, limits),
            "int_survey_pair_estimates": estimate_pairs(tables, limits),
            "int_survey_linked_estimates": estimate_linked(tables, linked, limits),
            "published_survey_figures": pa.Table.from_pylist(figures) if figures else None,
        }
        for name, table in given.items():
            if table is not None:
                connection.register(name, table)
        marts = {"survey_segments": book.to_pylist()}
        for mart in JOINED if links else JOINED[:-1]:
            text = MACROS.read_text(encoding="utf-8") + (SQL / f"{mart}.sql").read_text(encoding="utf-8")
            query = jinja2.Template(text).render(ref=str)
            marts[mart] = connection.sql(query).to_arrow_table().to_pylist()
    return marts


def disclosed(
    tables: Tables, marts: Mapping[str, Rows], links: Sequence[Mapping[str, str | None]] = ()
) -> list[tuple[Any, ...]]:
    """(question, group, what, people, of whom) of groups of one to four people whose figure can be computed."""
    (survey,) = read_surveys(*tables)
    return [
        (question.question_id, *found)
        for question in survey.questions
        for found in _Reader(survey, question, marts, links).find()
    ]


class _Reader:
    """What is published of one question, as linear functions of respondents x options."""

    def __init__(
        self, survey: Survey, question: Question, marts: Mapping[str, Rows], links: Sequence[Mapping[str, str | None]]
    ) -> None:
        self.survey, self.question, self.id = survey, question, question.question_id
        self.marts = {name: list(rows) for name, rows in marts.items()}
        counts = survey.design.weight > 0
        self.asked: dict[str, Mask] = {each.question_id: each.answers.answered & counts for each in survey.questions}
        self.is_number = question.question_type == "number"
        options = ("number",) if self.is_number else question.answers.options
        self.options = options
        self.truth = question.values[:, None] if self.is_number else question.answers.selected.astype(np.float64)
        self.truth = np.nan_to_num(self.truth) * self.asked[self.id][:, None]
        self.links = [link for link in links if link["question_id"] == self.id]
        self.published: list[tuple[Mask, Vector]] = []
        self.people = self._groups_of_people()
        self._read_segments()
        self._read_others()

    def find(self) -> list[tuple[Any, ...]]:
        candidates, wanted = self._candidates(), []
        atoms = self._atoms([inside for inside, _ in self.published] + [inside for _, inside, _, _ in candidates])
        lines = {
            (atoms[inside.tobytes()].tobytes(), factors.tobytes()): np.outer(atoms[inside.tobytes()], factors)
            for inside, factors in self.published
        }
        for name, inside, what, factors in candidates:
            count, base = float((self.truth[inside] @ factors).sum()), int(inside.sum())
            is_few = 0 < base < 5 if what in ("mean", "number") else 0 < count < 5 or 0 < base - count < 5
            if is_few:
                wanted.append(((name, what, count, base), np.outer(atoms[inside.tobytes()], factors).reshape(-1)))
        if not wanted or not lines:
            return []
        basis = [line.reshape(-1) for line in lines.values()]
        size, span = np.linalg.svd(np.array(basis), full_matrices=False)[1:]
        span = span[size > 1e-9 * size[0]]
        asked = np.array([line for _, line in wanted])
        gap = np.abs(asked - (asked @ span.T) @ span).max(axis=1)
        return [found for (found, _), rest in zip(wanted, gap, strict=True) if rest < 1e-8]

    def _atoms(self, masks: Sequence[Mask]) -> dict[bytes, Mask]:
        """Each mask of respondents in terms of people whom nothing that is published or asked tells apart."""
        distinct = {inside.tobytes(): inside for inside in masks}
        kinds = np.unique(np.array(list(distinct.values())), axis=1)
        return dict(zip(distinct, kinds, strict=True))

    def _member(self, dimension: str, segment: str) -> Mask:
        inside = np.ones(len(self.truth), dtype=np.bool_)
        if dimension != "all":
            for name, part in zip(dimension.split(" x "), segment.split(" x "), strict=True):
                codes, labels = self.survey.dimensions[name]
                inside &= codes == labels.index(part)
        return inside

    def _groups_of_people(self) -> list[tuple[str, Mask]]:
        """Segments, crossed segments and people without a segment."""
        nodes = [(f"{node.dimension}={node.segment}", node.rows) for node in self.survey.nodes(crossed=True)]
        found = [(name, np.isin(np.arange(len(self.truth)), rows)) for name, rows in nodes]
        for name, (codes, _) in self.survey.dimensions.items():
            found += [(f"{name}=none", codes < 0)]
        return found

    def _own(self, option: str) -> Vector:
        return np.array([float(each == option) for each in self.options])

    def _position(self) -> Vector:
        if self.question.question_type == "multi":
            return (~self.question.is_none).astype(np.float64)
        if self.is_number:
            return np.ones(1)
        chosen = self.question.answers.selected & np.isfinite(self.question.values)[:, None]
        return np.array([self.question.values[rows].max(initial=0.0) for rows in chosen.T])

    def _upper(self) -> Vector:
        return np.asarray(self.question.upper() @ self.question.answers.selected > 0, dtype=np.float64)

    def _read_segments(self) -> None:
        asked, ones = self.asked[self.id], np.ones(len(self.options))
        for row in self.marts["survey_segments"]:
            if row["question_id"] == self.id:
                inside = asked & self._member(row["segment_dimension"], row["segment"])
                if self.question.question_type != "multi":
                    self.published.append((inside, ones))
                if row["respondent_count"] is not None or row["share"] is not None:
                    self.published.append((inside, self._own(row["option"])))
                if row["response_share"] is not None:
                    self.published.append((inside, self._position()))
                if row["difference_from_rest"] is not None:
                    given = self.survey.dimensions[row["segment_dimension"]][0] >= 0
                    self.published.append((asked & given, self._own(row["option"])))
        for row in self.marts["survey_means"]:
            if row["question_id"] == self.id and row["mean"] is not None:
                inside = asked & self._member(row["segment_dimension"], row["segment"])
                given = inside
                if row["difference"] is not None and row["segment_dimension"] in self.survey.dimensions:
                    given = asked & (self.survey.dimensions[row["segment_dimension"]][0] >= 0)
                powers = (1, 2) if self.question.question_type == "scale" and row["mean_low"] is not None else (1,)
                self.published += [(each, self._position() ** power) for each in (inside, given) for power in powers]

    def _read_others(self) -> None:
        for row in self.marts["survey_importance_effectiveness"]:
            ids = (row["question_id"], row["importance_question_id"])
            if self.id in ids and None not in (row["important_share"], row["base_count"]):
                both = self.asked[ids[0]] & self.asked[ids[1]] & self._member(row["segment_dimension"], row["segment"])
                factors = self._upper() if row["item"] == "all" else self._own(row["item"])
                self.published.append((both, factors))
        for row in self.marts["survey_what_works"]:
            ids = (row["question_id"], row["initiatives_question_id"])
            if self.id in ids and row["user_count"] is not None:
                both = self.asked[ids[0]] & self.asked[ids[1]] & self._member(row["segment_dimension"], row["segment"])
                factors = self._position() if self.id == ids[0] else self._own(row["option"])
                self.published.append((both, factors))
        dimension_of = dict.fromkeys(self.survey.dimensions.get("customer_focus", ((), ()))[1], "customer_focus")
        for row in self.marts.get("survey_benchmarks", ()):
            names = [link for link in self.links if link["benchmark_id"] == row["benchmark_id"]]
            inside = self._member(dimension_of.get(row["segment"], "all"), row["segment"])
            if row["question_id"] == self.id and row["option"] in self.options and row["share"] is not None:
                for link in names:
                    self.published.append((self.asked[self.id] & self._base(link) & inside, self._own(row["option"])))

    def _base(self, link: Mapping[str, str | None]) -> Mask:
        if not link["base_question_id"]:
            return np.ones(len(self.truth), dtype=np.bool_)
        (question,) = [each for each in self.survey.questions if each.question_id == link["base_question_id"]]
        if link["base_option"] == "(any)":
            return question.ticked_count() > 0
        return question.answers.selected[:, question.answers.options.index(str(link["base_option"]))]

    def _candidates(self) -> list[tuple[str, Mask, str, Vector]]:
        asked = self.asked[self.id]
        domains = [("", asked)]
        for other, mask in self.asked.items():
            domains += [(f", and {other}", asked & mask), (f", not {other}", asked & ~mask)]
        for number, link in enumerate(self.links):
            domains += [(f", in {number}", asked & self._base(link)), (f", not in {number}", asked & ~self._base(link))]
            for earlier in self.links[:number]:
                domains.append((f", between {number}", asked & (self._base(link) ^ self._base(earlier))))
        whats = [(str(option), self._own(option)) for option in self.options]
        if self.question.question_type in ("multi", "scale"):
            whats.append(("mean", self._position()))
        if self.question.question_type == "scale":
            whats.append(("upper", self._upper()))
        found = [
            (group + words, inside & domain, what, factors)
            for (group, inside), (words, domain), (what, factors) in product(self.people, domains, whats)
        ]
        return found + self._hidden_sums()

    def _hidden_sums(self) -> list[tuple[str, Mask, str, Vector]]:
        """Hidden answers of one segment together, and hidden segments of one answer."""
        asked, found = self.asked[self.id], []
        by_node: dict[tuple[str, str], list[str]] = {}
        by_option: dict[tuple[str, str], list[str]] = {}
        for row in self.marts["survey_segments"]:
            if row["question_id"] == self.id and row["is_suppressed"]:
                by_node.setdefault((row["segment_dimension"], row["segment"]), []).append(row["option"])
                by_option.setdefault((row["segment_dimension"], row["option"]), []).append(row["segment"])
        for (dimension, segment), options in by_node.items():
            if self.question.question_type != "multi" and len(options) < len(self.options):
                factors = np.sum([self._own(option) for option in options], axis=0)
                found.append((f"{dimension}={segment}", asked & self._member(dimension, segment), "hidden", factors))
        for (dimension, option), segments in by_option.items():
            inside = np.any([self._member(dimension, segment) for segment in segments], axis=0)
            found.append((f"{dimension}=hidden", asked & inside, option, self._own(option)))
        return found
