"""The machine's clock may be set while people wait: no deadline jumps, and time never goes back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from handoff.clock import SteadyClock

START = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


class Machine:
    def __init__(self) -> None:
        self.wall, self.passed = START, 100.0

    def goes_on(self, seconds: float) -> None:
        self.wall += seconds
        self.passed += seconds

    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.passed)


def test_it_is_the_machines_clock_while_nobody_sets_that() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.goes_on(3600)
    assert clock().timestamp() == pytest.approx(START + 3600)


@pytest.mark.parametrize("by", [-3600, 3600])
def test_a_clock_that_is_set_moves_no_deadline_is_said_once_and_is_followed_in_the_end(by: float) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall += by
    with capture_logs() as said:
        for _ in range(30):
            machine.goes_on(1)
            clock()
    assert [line["event"] for line in said] == ["clock_was_set"]
    assert clock().timestamp() - START == pytest.approx(30, abs=30 / 20)
    for _ in range(24):
        machine.goes_on(3600)
        clock()
    assert clock().timestamp() == pytest.approx(machine.wall)


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(-1e6, 1e6)), max_size=30))
def test_whatever_is_set_it_never_goes_back_and_never_jumps(moves: list[tuple[float, float]]) -> None:
    machine = Machine()
    clock = machine.clock()
    before = clock().timestamp()
    for seconds, by in moves:
        machine.goes_on(seconds)
        machine.wall += by
        now = clock().timestamp()
        assert seconds * 0.95 - 0.001 <= now - before <= seconds * 1.05 + 0.001
        before = now
