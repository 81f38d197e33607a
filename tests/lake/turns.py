"""Several committers against one store, their requests sent in an order that a seed draws."""

import random
import threading
from collections.abc import Callable, Sequence
from typing import Any


def interleave(client: Any, drawn: random.Random, works: Sequence[Callable[[], object]]) -> str:
    """Let each work run in a thread; of the requests that wait, always one that the seed draws is sent next.

    A request is sent only once every committer waits with one or is done, so the order is the seed's alone, not the
    machine's. Returns whose requests were sent, in order.
    """
    condition, waiting, done, order = threading.Condition(), set[str](), set[str](), list[str]()
    chosen: list[str] = []

    def draw() -> None:
        if not chosen and waiting and len(waiting | done) == len(works):
            chosen.append(drawn.choice(sorted(waiting)))
            condition.notify_all()

    def turn(**_: object) -> None:
        name = threading.current_thread().name
        with condition:
            waiting.add(name)
            draw()
            condition.wait_for(lambda: chosen == [name])
            waiting.discard(name)
            chosen.clear()
            order.append(name)

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            with condition:
                done.add(threading.current_thread().name)
                draw()

    threads = [threading.Thread(target=run, args=(work,), name=str(number)) for number, work in enumerate(works)]
    client.meta.events.register("before-send.s3", turn)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        client.meta.events.unregister("before-send.s3", turn)
    return "".join(order)
