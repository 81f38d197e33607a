"""Python's search for reference cycles, which looks at every object that lives each time their number has grown.

A run keeps millions of them to its end: modules, definitions, the parsed dbt project. Looking through them over and
over took 9 % of the CPU time of a run with one small new file, and at the end of the process 5 % more.
"""

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects made until young ones are searched, such searches until one goes deeper, and those until one takes in all. The
# first two cost little; Python's own figures are 700 (or 2,000), 10 and 10.
SELDOM = (2_000, 10, 1_000)


def search_seldom() -> None:
    """Search for cycles seldom in this process, and not at its end: for commands that end soon."""
    gc.set_threshold(*SELDOM)
    atexit.register(_leave_as_it_is)


def _leave_as_it_is() -> None:
    """Spare what lives now the searches with which Python ends; the system takes the memory back."""
    gc.freeze()
    gc.disable()


@contextmanager
def seldom_searched() -> Iterator[None]:
    """Search seldom meanwhile, and not among what was there before; afterwards as ever."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
