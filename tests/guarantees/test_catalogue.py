"""The page of guarantees cannot say more than the tests show."""

import pytest

from tests.guarantees import catalogue
from tests.guarantees.catalogue import PAGE, all_tests, numbers_in, problems, read_blocks, read_incidents, render


def test_every_guarantee_has_tests_that_exist_or_says_why_not() -> None:
    assert problems() == []


def test_the_page_of_guarantees_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python -m tests.guarantees.catalogue"


def test_a_test_shows_every_guarantee_that_its_name_carries() -> None:
    assert numbers_in("tests/a.py::test_g09_g40_both") == {9, 40}
    assert numbers_in("tests/a.py::test_g7_and_big15_and_log_x") == set()
    assert numbers_in("tests/g05_folder/a.py::test_nothing") == set()


def test_an_incident_whose_test_is_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, (last, *_) = all_tests(), reversed(read_incidents())
    monkeypatch.setattr(catalogue, "all_tests", lambda: {t: n for t, n in whole.items() if t not in last.tests})
    assert problems() == [f"{last.id} names {test}, which is not there" for test in last.tests]


def test_a_promise_whose_test_is_gone_or_that_has_none_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = all_tests()
    (g39,) = [each for _, block in read_blocks(whole) for each in block if each.number == 39]
    monkeypatch.setattr(catalogue, "all_tests", lambda: {t: n for t, n in whole.items() if t not in g39.tests})
    assert problems() == [f"G39 names {test}, which is not there" for test in g39.tests]
    monkeypatch.setattr(catalogue, "all_tests", lambda: {t: n for t, n in whole.items() if "g38" not in t})
    assert problems() == ["G38 needs tests or, without any, the reason in not_shown"]
