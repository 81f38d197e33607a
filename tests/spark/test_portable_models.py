"""Models keep to SQL that DuckDB and Spark both run; what they write differently goes through a macro for each."""

import re

import pytest

from pipeline.settings import PROJECT_DIR

MODELS = PROJECT_DIR / "dbt_project" / "models"
MACROS = PROJECT_DIR / "dbt_project" / "macros"
# What Spark 4 does not know or reads in another sense, as patterns, with what to write instead.
DUCKDB_ONLY = {
    r"\bunnest\(|\bgenerate_series\(": "each_element, each_day, or a cross join with values",
    r"\blist\w*\(|\blen\(|\blambda\b": "list_length, list_element, sorted_list, list_middle",
    r"[\w)]\[|(^|[\s(])\[": "list_element, empty_list, or a cross join with values",
    r"\bfsum\(|\bfavg\(": "precise_sum, precise_mean",
    r"\bmad\(": "a median of distances from the median",
    r"\barg_(min|max)\(": "min_by, max_by",
    r"\bstring_agg\(": "joined_texts",
    r"\bignore nulls\b": "last_known",
    r"\bregexp_matches\(|\bregexp_replace\(": "has_match, replace_matches",
    r"\bdate_diff\(|\bdatediff\(|\bdate_sub\(": "days_between, time_between",
    r"date\)? - [a-z_.]*date\b": "days_between",
    r"\bepoch\w*\(|\bisodow\b|\bstrftime\(": "epoch_seconds, days_between, a cast to string",
    r"\bat time zone\b": "nothing: sessions are in UTC",
    r"\bhugeint\b|\btimestamptz\b|\bvarchar\b": "type_large_number, type_utc_time, string",
    r"->>|\bjson_\w+\(": "json_text",
    r"\*\s+(exclude|replace)\b|\bcolumns\(": "the columns, listed",
    r"\basof\b|\bpositional join\b|\bgroup by all\b|\border by all\b|\bdistinct on\b": "standard SQL",
    r"\bunpivot\s+\w+\s+on\b|\bpivot\b": "unpivot (value for name in (...))",
    r"\bas materialized\b": "as: Spark decides by itself what it computes once",
    r"/ (?!2\.0|8\.0|60\.0)\d+\.\d": "divide: Spark divides by a decimal to six places",
}


def bare(text: str) -> str:
    """SQL without comments, texts, and macro calls and statements of Jinja."""
    without_jinja = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " x ", text, flags=re.DOTALL)
    return re.sub(r"--.*|'[^']*'", " x ", without_jinja)


def test_no_model_uses_what_only_duckdb_understands() -> None:
    found = [
        f"{path.name}: {match[0].strip()!r}; write {instead}"
        for path in sorted(MODELS.rglob("*.sql"))
        for pattern, instead in DUCKDB_ONLY.items()
        for match in re.finditer(pattern, bare(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "sql",
    [
        "select unnest(x)",
        "select list_sum(x)",
        "edit_ids[1] as first",
        "[1, 2]",
        "as_of_date - posts.date",
        "x / 86400.0",
    ],
)
def test_the_patterns_see_what_they_look_for(sql: str) -> None:
    assert any(re.search(pattern, bare(sql)) for pattern in DUCKDB_ONLY)


def test_no_text_of_a_model_reads_differently_on_spark() -> None:
    """A quote in a text cannot be doubled on Spark, and Java's patterns end `[[]` elsewhere."""
    found = [
        f"{path.name}: {match[0]!r}"
        for path in sorted(MODELS.rglob("*.sql"))
        for match in re.finditer(r"\w''\w|\[\[\]", path.read_text(encoding="utf-8"))
    ]
    assert found == [], 'write quoted("..."), and a pattern without a bracket in brackets'


def test_every_macro_that_depends_on_the_engine_has_both_forms() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(MACROS.glob("*.sql")))
    called = set(re.findall(r"adapter\.dispatch\('(\w+)'\)", text))
    assert len(called) >= 15
    for form in ("default__", "spark__"):
        assert called - set(re.findall(rf"macro {form}(\w+)\(", text)) == set(), form
    used = "\n".join(path.read_text(encoding="utf-8") for path in sorted(MODELS.rglob("*.sql"))) + text
    unused = {name for name in called if len(re.findall(rf"(?<!__)\b{name}\(", used)) < 2}
    assert unused == set()
