"""The id of a post by its cell and its link: of two witnesses the undamaged one is used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.analytics.cells import UnusableRowError
from pipeline.sources.analytics.witnesses import are_rounded, find_post_id, is_rounding_of

WHOLE, OTHER = "1476892873422340101", "1476892873422340102"
IDS = st.integers(10**17, 2**63 - 1).filter(lambda number: number % 10**7).map(str)


def link(ending: str) -> str:
    return f"https://x.com/brand/status/{ending}"


@pytest.mark.parametrize(
    ("cell", "ending", "damaged"),
    [
        (WHOLE, WHOLE, None),
        (WHOLE, f"{WHOLE}?s=20", None),
        ("1.47689E+18", WHOLE, "id"),
        ("1,47689287342234E+18", WHOLE, "id"),
        ("1476892873422340000", WHOLE, "id"),
        ("1476892873422340096", WHOLE, "id"),  # as JavaScript and floating-point columns round it
        ("", WHOLE, "id"),
        (WHOLE, "1.47689E+18", "link"),
        (WHOLE, "1476892873422340000", "link"),
        (WHOLE, "undefined", "link"),
    ],
)
def test_the_undamaged_witness_tells_the_id(cell: str, ending: str, damaged: str | None) -> None:
    found = find_post_id(cell, link(ending))
    assert (found.post_id, found.handle, found.damaged) == (WHOLE, "brand", damaged)


@pytest.mark.parametrize(
    ("cell", "ending", "problem", "words"),
    [
        (WHOLE, OTHER, "damaged_post_id", f"the id {WHOLE} differs from the id {OTHER} in the link"),
        ("1.6E+18", WHOLE, "damaged_post_id", f"differs from the id {WHOLE}"),
        ("1.47689E+18", "1.47689E+18", "damaged_post_id", "has rounded"),
        ("1.47689E+18", "undefined", "damaged_post_id", "has rounded"),
        ("", "undefined", "missing_post_id", "no post id"),
        ("soon", "undefined", "damaged_post_id", "is not an id"),
        ("99999999999999999999", "undefined", "damaged_post_id", "larger than any id"),
    ],
)
def test_a_row_whose_witnesses_are_both_damaged_or_contradict_is_set_aside(
    cell: str, ending: str, problem: str, words: str
) -> None:
    with pytest.raises(UnusableRowError, match=words) as caught:
        find_post_id(cell, link(ending))
    assert caught.value.problem == problem


def test_ids_that_end_in_zeros_all_over_a_file_are_rounded_and_one_alone_is_not() -> None:
    rounded = "1476892873422340000"
    assert are_rounded([rounded, "1476892873422350000", "1476892873422360000", WHOLE])
    assert not are_rounded([rounded, WHOLE, OTHER])
    assert find_post_id(rounded, "").post_id == rounded
    with pytest.raises(UnusableRowError, match="ends in zeros like most ids of this file"):
        find_post_id(rounded, "", ids_are_rounded=True)
    assert find_post_id(WHOLE, "", ids_are_rounded=True).post_id == WHOLE


@given(IDS, st.integers(3, 15))
def test_every_rounding_of_an_id_is_known_as_one(post_id: str, digits: int) -> None:
    assert is_rounding_of(f"{int(post_id):.{digits - 1}E}", post_id)
    assert is_rounding_of(str(int(float(post_id))), post_id)
    assert find_post_id(f"{int(post_id):.{digits - 1}E}", link(post_id)).post_id == post_id


@given(IDS, IDS)
def test_another_id_is_no_rounding(one: str, other: str) -> None:
    assert is_rounding_of(f"{int(other):.14E}", one) == (f"{int(other):.14E}" == f"{int(one):.14E}")
