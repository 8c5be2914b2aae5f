"""`make soak` in small: a front door lives a few seconds of life, everybody leaves, and what was open is closed."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest
from running import DoorProcess, door_settings, nobody

SOAK = Path(__file__).resolve().parents[2] / "bench" / "soak.py"


@pytest.fixture(scope="module")
def soak() -> ModuleType:
    spec = importlib.util.spec_from_file_location("soak", SOAK)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["soak"] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    return module


async def test_when_everybody_has_left_no_more_is_open_than_before(soak: ModuleType, seeded: Path, tmp_path: Path):
    door = await DoorProcess.started(door_settings(seeded, tmp_path / "var", bot_url=nobody()))
    try:
        run = soak.Soak(door, random.Random(5), people=10, think_s=0.4)
        await run.sign_in()
        await run.live(2, 1)
        baseline = await run.everybody_has_left()
        samples = await run.live(3, 1)
        last = await run.everybody_has_left(baseline.handles + soak.MOST_HANDLES_LEFT)
    finally:
        door.stop()
    assert max(sample.handles for sample in samples) >= baseline.handles + 10, "nobody was there"
    assert not [line for line in soak.judged(baseline, samples, last) if line.startswith("FAILED")]
    assert str(last.handles) in soak.table([baseline, *samples, last])


def test_growth_and_open_handles_beyond_the_bounds_fail(soak: ModuleType):
    def sample(minute: int, mib: float, handles: int):
        return soak.Sample(at_s=minute * 60.0, mib=mib, handles=handles, threads=9, people=minute, waiting=0)

    def failed(mib_a_minute: float, left: int) -> list[str]:
        samples = [sample(n, 180 + n * mib_a_minute, 40) for n in range(30)]
        said = soak.judged(sample(0, 180, 18), samples, sample(31, 180, left))
        return [line.split(":")[1].strip() for line in said if line.startswith("FAILED")]

    assert failed(0.1, 20) == []
    assert failed(1.0, 20) == ["memory"]
    assert failed(0.1, 40) == ["open handles"]
