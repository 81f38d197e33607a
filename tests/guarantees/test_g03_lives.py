"""G1, G3, G4, G5, G12 as invariants of whatever a platform, a person and a machine may do; see `lives`."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.forking import open_worker
from tests.guarantees.lives import Lives

QUICK = settings(
    max_examples=3,
    stateful_step_count=10,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def test_g01_g03_g04_g05_g11_g12_the_promises_hold_in_every_life() -> None:
    with open_worker() as worker:
        Lives.worker = worker
        run_state_machine_as_test(Lives, settings=QUICK)
