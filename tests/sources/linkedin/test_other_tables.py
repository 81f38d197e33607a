"""Tables of other programs, which may have a million rows: looked at from their top and not held."""

from pathlib import Path

import pytest

from pipeline.sources.files.opening import open_input
from pipeline.sources.linkedin.tables import MOST_ROWS_BEFORE_A_TABLE, find_tables

FOLLOWERS = "Date,Sponsored followers,Organic followers,Auto-invited followers,Total followers"


@pytest.mark.parametrize(
    ("rows_before", "tables"), [(0, 1), (MOST_ROWS_BEFORE_A_TABLE - 1, 1), (MOST_ROWS_BEFORE_A_TABLE + 1, 0)]
)
def test_a_table_begins_near_the_top_of_its_sheet_or_is_none_of_linkedin(
    tmp_path: Path, rows_before: int, tables: int
) -> None:
    path = tmp_path / "table.csv"
    before = [f"shop{at},{at},{at},{at},north" for at in range(rows_before)]
    path.write_text("\n".join(["handle,followers,following,tweets,region", *before, FOLLOWERS, "03/01/2026,1,2,0,3"]))
    found = find_tables(open_input(path, 1))
    assert [table.kind for table in found.tables] == ["followers"] * tables
