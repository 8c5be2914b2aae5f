"""Real processes: what `frontdoor run` starts comes back when it dies, and nothing is left when it ends."""

from __future__ import annotations

import asyncio
import os
import re
import select
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from handoff.run import run, taken_ports
from handoff.settings import Settings
from handoff.supervise import Child, Pauses, Supervisor, ended

PROJECT = Path(__file__).resolve().parents[2]
LONG = 30.0  # seconds after which a test has hung; nothing waits so long when it works


def program(code: str, *, name: str = "child", cwd: Path | None = None) -> Child:
    return Child(
        name=name,
        command=(sys.executable, "-u", "-c", textwrap.dedent(code)),
        cwd=cwd or PROJECT,
        env=dict(os.environ),
    )


class Lines:
    """What was said, and a way to await a line."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._more = asyncio.Event()

    def __call__(self, name: str, line: str) -> None:
        self.said.append(line)
        self._more.set()

    async def until(self, start: str) -> str:
        async with asyncio.timeout(LONG):
            while True:
                for line in self.said:
                    if line.startswith(start):
                        return line
                self._more.clear()
                await self._more.wait()


async def gone(pid: int) -> bool:
    """Wait until the process has ended (readable: ended), with an event rather than by asking again and again."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ready, _, _ = await asyncio.to_thread(select.select, [handle], [], [], LONG)
        return bool(ready)
    finally:
        os.close(handle)


async def stop(task: asyncio.Task[object]) -> None:
    task.cancel()
    await asyncio.wait({task})


# ── coming back ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pauses_grow_from_one_second_to_a_minute():
    pauses = Pauses()
    assert [pauses.after(n) for n in (1, 2, 3, 4, 5, 6, 7, 8, 10_000)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_a_dead_child_is_started_again_with_growing_pauses():
    slept: list[float] = []
    enough = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 4:
            enough.set()
            await asyncio.Event().wait()

    lines = Lines()
    keeping = asyncio.create_task(
        Supervisor(lines, clock=lambda: 0.0, sleep=sleep).keep(program("import sys; print('up'); sys.exit(3)"))
    )
    async with asyncio.timeout(LONG):
        await enough.wait()
    await stop(keeping)
    assert slept == [1, 2, 4, 8]
    assert lines.said.count("up") == 4
    assert "ended with exit code 3; starting again in 8 s" in lines.said


async def test_a_healthy_minute_makes_earlier_deaths_forgotten():
    now, slept = [0.0], []
    enough = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 4:
            enough.set()
            await asyncio.Event().wait()

    def say(_: str, line: str) -> None:
        if line == "up" and len(slept) == 2:
            now[0] += 60  # the third one lives a minute

    keeping = asyncio.create_task(Supervisor(say, clock=lambda: now[0], sleep=sleep).keep(program("print('up')")))
    async with asyncio.timeout(LONG):
        await enough.wait()
    await stop(keeping)
    assert slept == [1, 2, 1, 2]


async def test_a_program_that_is_not_there_is_said_and_tried_again():
    lines = Lines()
    missing = Child(name="rasa", command=("/nonexistent/rasa",), cwd=PROJECT, env={})
    keeping = asyncio.create_task(Supervisor(lines).keep(missing))
    await lines.until("ended with exit code 127; starting again")
    await stop(keeping)
    assert any("No such file" in line for line in lines.said)


async def test_one_dying_child_does_not_touch_another():
    lines = Lines()
    supervisor = Supervisor(lines, pauses=Pauses(first=0, most=0))
    door = asyncio.create_task(supervisor.keep(program("print('door'); import signal; signal.pause()")))
    rasa = asyncio.create_task(supervisor.keep(program("print('rasa'); import os; os.abort()")))
    await lines.until("was ended by SIGABRT")
    await lines.until("door")
    assert not door.done()
    await stop(rasa)
    await stop(door)
    assert lines.said.count("door") == 1


async def test_a_child_that_hangs_is_ended_and_started_again():
    lines = Lines()
    looks = [False, False, True, False, True, False, False, False]

    async def answers() -> bool:
        await lines.until("pid")
        if not looks:
            await asyncio.Event().wait()
        return looks.pop(0)

    supervisor = Supervisor(lines, pauses=Pauses(first=0, most=0), grace=0.2, look_every=0)
    keeping = asyncio.create_task(supervisor.keep(program(DEAF + "while True: signal.pause()"), answers=answers))
    pid = int((await lines.until("pid")).split()[1])
    await lines.until("no longer answers; starting again")
    assert await gone(pid)
    assert not looks  # neither while it loads nor after one miss, but after three in a row
    await stop(keeping)


def test_how_a_process_ended_is_said_in_words():
    assert ended(0) == "ended with exit code 0"
    assert ended(-9) == "was ended by SIGKILL"


# ── leaving nothing ──────────────────────────────────────────────────────────────────────────────────────────────────

PARENT_AND_CHILD = """
    import os, signal, subprocess, sys
    # The grandchild outlives its parent, ignores a polite word and holds our output open.
    grandchild = subprocess.Popen([sys.executable, "-u", "-c",
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('grandchild is deaf'); signal.pause()"])
    print("pids", os.getpid(), grandchild.pid)
"""


async def test_ending_leaves_no_child_and_no_grandchild():
    lines = Lines()
    running = asyncio.create_task(Supervisor(lines, grace=0.2).once(program(PARENT_AND_CHILD + "\n    signal.pause()")))
    _, child, grandchild = (await lines.until("pids")).split()
    await lines.until("grandchild is deaf")
    await stop(running)
    assert await gone(int(child))
    assert await gone(int(grandchild))


async def test_a_child_that_ends_by_itself_leaves_nothing_it_started():
    """A crashed Rasa must not leave something behind that holds its port."""
    lines = Lines()
    async with asyncio.timeout(LONG):
        code = await Supervisor(lines).once(program(PARENT_AND_CHILD + "\n    sys.exit(4)"))
    assert code == 4
    _, _, grandchild = (await lines.until("pids")).split()
    assert await gone(int(grandchild))


DEAF = "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('pid', os.getpid())\n"


async def test_a_child_that_ignores_sigterm_is_killed():
    lines = Lines()
    running = asyncio.create_task(Supervisor(lines, grace=0.2).once(program(DEAF + "while True: signal.pause()")))
    pid = int((await lines.until("pid")).split()[1])
    await stop(running)
    assert await gone(pid)


async def test_being_told_to_end_while_a_child_is_being_cleared_away_is_not_forgotten():
    """The child has just died by itself, what it started is being killed, and Ctrl-C comes at that very moment."""
    lines = Lines()
    supervisor = Supervisor(lines, pauses=Pauses(first=0, most=0))
    reached, go = asyncio.Event(), asyncio.Event()
    end = supervisor._end

    async def slow_end(process: asyncio.subprocess.Process) -> None:
        reached.set()
        await go.wait()
        await end(process)

    supervisor._end = slow_end  # type: ignore[method-assign]
    keeping = asyncio.create_task(supervisor.keep(program("print('up')")))
    async with asyncio.timeout(LONG):
        await reached.wait()
        keeping.cancel()
        go.set()
        await asyncio.wait({keeping})
    assert keeping.cancelled()
    assert lines.said == ["up"]


async def test_a_second_word_kills_at_once():
    lines = Lines()
    supervisor = Supervisor(lines, grace=3_600)
    running = asyncio.create_task(supervisor.once(program(DEAF + "while True: signal.pause()")))
    pid = int((await lines.until("pid")).split()[1])
    running.cancel()
    supervisor.hurry()
    async with asyncio.timeout(LONG):
        await asyncio.wait({running})
    assert await gone(pid)


async def test_a_child_has_time_to_end_politely():
    lines = Lines()
    polite = """
        import signal, sys
        def bye(*_): print("goodbye"); sys.exit(0)
        signal.signal(signal.SIGTERM, bye); print("up"); signal.pause()
    """
    running = asyncio.create_task(Supervisor(lines).once(program(polite)))
    await lines.until("up")
    await stop(running)
    assert lines.said == ["up", "goodbye"]


async def test_a_line_without_end_is_broken_and_not_kept_growing():
    lines = Lines()
    async with asyncio.timeout(LONG):
        await Supervisor(lines).once(program("print('x' * 1_000_000, end='')"))
    assert "".join(lines.said) == "x" * 1_000_000
    assert len(lines.said) > 10


# ── the whole of `frontdoor run`, with small programs in the place of the big ones ───────────────────────────────────

STAND_INS = """
    import os, socket, sys
    from pathlib import Path
    from handoff import run
    from handoff.settings import Settings
    from handoff.supervise import Child

    def stand_in(name, code):
        code = f"import os, signal; print('{name} is', os.getpid(), flush=True)\\n" + code
        return Child(name=name, command=(sys.executable, "-c", code), cwd=Path.cwd(), env=dict(os.environ))

    class Programs:
        def __init__(self, settings):
            self.migrate, self.demo, self.train = (stand_in(n, "") for n in ("migrate", "demo", "train"))
            listen = f"import socket; s = socket.create_server(('127.0.0.1', {settings.port})); signal.pause()"
            goodbye = "signal.signal(signal.SIGTERM, lambda *_: exit(print('goodbye', flush=True))); signal.pause()"
            self.door, self.actions = stand_in("door", listen), stand_in("actions", goodbye)
            self.rasa = stand_in("rasa", "import time; time.sleep(3600)")

    run.Programs = Programs
    run.RASA = Path(sys.executable)  # it is installed
    ports = []
    for _ in range(3):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0)); ports.append(s.getsockname()[1])
    settings = Settings(var=Path(sys.argv[1]), port=ports[0], bot_port=ports[1], actions_port=ports[2])
    sys.exit(run.run(settings))
"""


async def started(tmp_path: Path) -> tuple[asyncio.subprocess.Process, dict[str, int]]:
    """`run` in a process of its own, with all three programs up, and their process ids."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(STAND_INS), str(tmp_path), cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert process.stdout
    pids: dict[str, int] = {}
    async with asyncio.timeout(LONG):
        while not {"door", "actions", "rasa"} <= pids.keys():
            words = (await process.stdout.readline()).decode().split()
            assert words, "run ended too early"
            if "is" in words and words[-1].isdigit():
                pids[words[words.index("is") - 1]] = int(words[-1])
    return process, pids


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda n: n.name)
async def test_a_signal_ends_everything_and_leaves_no_process(tmp_path: Path, number: signal.Signals):
    process, pids = await started(tmp_path)
    process.send_signal(number)
    async with asyncio.timeout(LONG):
        assert await process.wait() == 0
    for name in ("door", "actions", "rasa"):
        assert await gone(pids[name]), name


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's tether is Linux's")
async def test_killing_the_supervisor_outright_leaves_no_process(tmp_path: Path):
    process, pids = await started(tmp_path)
    process.kill()
    for name in ("door", "actions", "rasa"):
        assert await gone(pids[name]), name
    await process.wait()


async def test_closing_the_terminal_leaves_no_process(tmp_path: Path):
    """`ssh -t host make run`, and the line drops: only make is sent SIGHUP, and waits for us."""
    ours, theirs = os.openpty()
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # as in a shell
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(STAND_INS), str(tmp_path), cwd=PROJECT, stdout=theirs, env=environ
    )
    os.close(theirs)
    said = ""
    while "rasa is" not in said:
        said += (await asyncio.to_thread(os.read, ours, 4_096)).decode()
    pids = [int(pid) for pid in re.findall(r"(?:door|actions|rasa) is (\d+)", said)]
    os.close(ours)
    async with asyncio.timeout(LONG):
        assert await process.wait() == 0
    for pid in pids:
        assert await gone(pid)


async def test_the_front_door_is_started_before_anything_of_the_bot(tmp_path: Path):
    process, pids = await started(tmp_path)
    try:
        assert list(pids)[:2] == ["migrate", "door"]
    finally:
        process.terminate()
        await process.communicate()


# ── ports and the secret ─────────────────────────────────────────────────────────────────────────────────────────────


def free_ports(n: int) -> list[int]:
    probes = [socket.socket() for _ in range(n)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@pytest.mark.parametrize("field", ["port", "bot_port", "actions_port"])
def test_a_taken_port_is_named_with_its_setting_before_anything_is_started(
    tmp_path: Path, field: str, capfd: pytest.CaptureFixture[str]
):
    ports = dict(zip(("port", "bot_port", "actions_port"), free_ports(3), strict=True))
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        ports[field] = holder.getsockname()[1]
        assert run(Settings(var=tmp_path / "var", **ports)) == 1
    said = capfd.readouterr().err
    assert f"Port {ports[field]}" in said
    assert f"FRONTDOOR_{field.upper()}" in said
    assert "ss -ltnp" in said
    assert not (tmp_path / "var").exists()


def test_two_settings_with_the_same_port_are_refused():
    one, two = free_ports(2)
    (words,) = taken_ports(Settings(port=one, bot_port=one, actions_port=two))
    assert "FRONTDOOR_PORT" in words
    assert "FRONTDOOR_BOT_PORT" in words


def test_a_bot_elsewhere_needs_no_ports_here():
    one, two = free_ports(2)
    assert taken_ports(Settings(port=one, bot_port=two, actions_port=two, bot_url="http://bot.example")) == []


def test_the_shared_secret_is_made_once_and_only_we_can_read_it(tmp_path: Path):
    first = Settings(var=tmp_path / "var").shared_secret()
    assert len(first) >= 32
    assert Settings(var=tmp_path / "var").shared_secret() == first
    assert [p.name for p in (tmp_path / "var").iterdir()] == ["bot-secret"]
    assert (tmp_path / "var" / "bot-secret").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_is_set_is_used_and_nothing_is_written(tmp_path: Path):
    assert Settings(var=tmp_path / "var", bot_secret="given").shared_secret() == "given"
    assert not (tmp_path / "var").exists()
