"""What several sections do with their rows: which to draw, how to name segments, what is missing and why."""

import re
from collections.abc import Iterable, Sequence

from pipeline.report.catalogue import say, say_reason
from pipeline.report.charts.marks import wrap
from pipeline.report.definitions import label
from pipeline.report.figures import Row, Rows
from pipeline.report.writing import write, write_list, write_range

# Dimensions in reading order; others follow.
DIMENSIONS = (
    "all",
    "customer_focus",
    "company_size",
    "industry",
    "size_tier",
    "ratio_style",
    "age",
    "platform",
    "cohort",
)
ORDERED = ("small", "mid", "pro", "newer", "older", "b2b", "b2c", "both")
# Sentences about missing figures name at most this many segments.
NAMED = 4
Columns = dict[str, str]
# Forms of columns that several tables have.
COMMON: Columns = {
    "segment_dimension": "label",
    "segment": "label",
    "ratio_style": "label",
    "handle": "text",
    "survey_id": "text",
    "account_count": "count",
    "observation_count": "count",
    "p_value": "p_value",
    "p_value_adjusted": "p_value",
    "is_distinct_from_usual": "text",
    "status_reason": "reason",
}


def common(*names: str) -> Columns:
    """Columns with the same form everywhere."""
    return {name: COMMON[name] for name in names}


def limits(name: str, form: str) -> Columns:
    """The columns `<name>_low` and `<name>_high`."""
    return {f"{name}_low": form, f"{name}_high": form}


def interval(value: str, form: str, limits_of: str | None = None) -> Columns:
    """A value with its limits, which take its name unless `limits_of` gives another."""
    return {value: form, **limits(limits_of or value, form)}


def rows_with_estimates(rows: Rows) -> list[Row]:
    """Rows with a figure."""
    return [row for row in rows if row.get("status", "ok") == "ok"]


def say_if_estimated(rows: Rows, sentence: str) -> list[str]:
    """The sentence, where any row has the figure that it is about."""
    return [sentence] if rows_with_estimates(rows) else []


def describe_gaps(rows: Rows, subject: str = "segment", lacking: str = "gap.lacking") -> list[str]:
    """One sentence for each kind of reason why rows have no figure, with the segments concerned."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if row.get("status", "ok") != "ok":
            reason = say_reason(str(row.get("status_reason") or say("gap.no_reason")).rstrip("."))
            kinds.setdefault(re.sub(r"[\d.,]+", "#", reason), []).append((_called(row[subject], subject), reason))
    said = []
    for found in list(kinds.values())[:NAMED]:
        shown = list_some(list(dict.fromkeys(name for name, _ in found)))
        example = say("gap.example") if len({reason for _, reason in found}) > 1 else ""
        said.append(say(lacking, shown=shown, example=example, reason=found[0][1]))
    return said


def list_some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + say("gap.more", more=more) if more > 0 else write_list(names)


def in_order(rows: Rows, field: str = "segment") -> list[Row]:
    """Rows by segment in natural order: sizes from small to large, newer before older, else by name.

    Rows with `company_size_low` are sorted by it; labels without a recognised size come last.
    """
    is_by_size = any(row.get("company_size_low") is not None for row in rows)

    def place(row: Row) -> tuple[int, float, str]:
        name = str(row[field])
        if is_by_size:
            size = row["company_size_low"]
            return (size is None, size or 0, name)
        number = re.match(r"\D{0,2}(\d[\d,.]*)", name)
        known = ORDERED.index(name) if name in ORDERED else len(ORDERED)
        return (known, int(re.sub(r"\D", "", number[1])) if number else 0, name)

    return sorted(rows, key=place)


def _called(name: object, subject: str) -> str:
    if subject == "handle":  # a handle is a name and no word of a vocabulary
        return str(name)
    return say("gap.all") if name == "all" else label(name)


def by_dimension(rows: Rows, field: str = "segment_dimension") -> list[tuple[str, list[Row]]]:
    """Rows by dimension, in reading order."""
    found = dict.fromkeys(str(row[field]) for row in rows)
    order = [name for name in DIMENSIONS if name in found] + [name for name in found if name not in DIMENSIONS]
    return [(name, in_order([row for row in rows if row[field] == name])) for name in order]


def tooltip_text(row: Row, value: str, low: str, high: str, form: str) -> str:
    """Value and interval as text for a tooltip."""
    limits = f" ({write_range(row[low], row[high], form)})" if row.get(low) is not None else ""
    return write(row[value], form) + limits


def as_dot(name: str, row: Row, value: str, form: str, limits_of: str | None = None, **more: object) -> Row:
    """A row of `dots_with_intervals`: the value with its limits, and both as text."""
    low, high = (f"{limits_of or value}_{end}" for end in ("low", "high"))
    return {
        "label": wrap(name),
        "value": row[value],
        "low": row[low],
        "high": row[high],
        "label_text": write(row[value], form),
        "tooltip": tooltip_text(row, value, low, high, form),
        **more,
    }


def segment_name(row: Row) -> str:
    """The name of a segment."""
    if row["segment_dimension"] == "all":
        return label("all")
    return label(row["segment"])


def distinct(values: Iterable[object]) -> int:
    """How many different values there are."""
    return len(set(values))
