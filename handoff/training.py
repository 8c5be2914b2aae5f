"""Train the bot when what it learns from has changed: `make train`, or `frontdoor run` before Rasa starts.

A model stands beside a note of what it was made of (`models/frontdoor.inputs`). It is put in place only when whole, so
an interrupted training leaves the old model and the old note. Nothing here needs Rasa's runtime except the training.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from handoff.tether import tethered

MODEL = Path("models/frontdoor.tar.gz")
NOTE = Path("models/frontdoor.inputs")
RASA = Path("bot/.venv/bin/rasa")
TAIL = 30  # lines of the log shown when training fails

# Rasa's libraries warn at length about each other; none of it is ours to mend.
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "PYTHONWARNINGS": "ignore",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def inputs(root: Path) -> list[Path]:
    """Every file a model is made of, in a fixed order. The lock counts: a model belongs to its libraries."""
    named = [root / "config.yml", root / "domain.yml", root / "bot" / "requirements.lock"]
    found = [
        *(root / "domain").rglob("*.yml"),
        *(root / "data").rglob("*.yml"),
        *(root / "bot").glob("*.py"),
    ]
    return sorted(path for path in (*named, *found) if path.is_file())


def fingerprint(root: Path) -> str:
    """One hash over names and contents of the inputs."""
    digest = hashlib.sha256()
    for path in inputs(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root)} {content}\n".encode())
    return digest.hexdigest()


def needed(root: Path) -> bool:
    """Is there no model of the present inputs?"""
    note = root / NOTE
    return not ((root / MODEL).is_file() and note.is_file() and note.read_text().strip() == fingerprint(root))


def train(root: Path, log: Path, console: Console) -> int:
    """Train if needed. 0: the model is there. Otherwise what went wrong has been said and the old model is untouched.

    Rasa's own words go to `log` (training data is ours; nobody's conversation is in it).
    """
    if not (root / RASA).exists():
        console.print("The bot's runtime is not installed: make install", style="red")
        return 1
    if not (root / "config.yml").is_file():
        console.print("There is no config.yml, so there is nothing to train.", style="red")
        return 1
    with _alone(root / "models" / ".lock"):
        if not needed(root):
            console.print("The bot's model is up to date.")
            return 0
        made_of = fingerprint(root)
        began = time.monotonic()
        workshop = root / "models" / ".training"
        shutil.rmtree(workshop, ignore_errors=True)
        code = _rasa_train(root, workshop, log, console)
        made = workshop / MODEL.name
        if code != 0 or not made.is_file():
            _say_why(log, code, console)
            return code or 1
        (root / NOTE).unlink(missing_ok=True)
        made.replace(root / MODEL)
        (root / NOTE).write_text(made_of + "\n")
        shutil.rmtree(workshop, ignore_errors=True)
        console.print(f"The bot is trained ({time.monotonic() - began:.0f} s).")
        return 0


def _rasa_train(root: Path, workshop: Path, log: Path, console: Console) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(RASA), "train", "--out", str(workshop), "--fixed-model-name", MODEL.name.split(".")[0]]
    if (root / "domain").is_dir() and not (root / "domain.yml").is_file():
        command += ["--domain", "domain"]
    began = time.monotonic()
    with (
        log.open("wb") as out,
        console.status("Training the bot") as status,
        subprocess.Popen(  # noqa: S603 - our own command
            tethered(command),
            cwd=root,
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        ) as rasa,
    ):
        if not console.is_terminal:
            console.print("Training the bot (a minute or so) …")
        while True:
            try:
                return rasa.wait(timeout=1)
            except subprocess.TimeoutExpired:
                status.update(f"Training the bot, {time.monotonic() - began:.0f} s")
            except BaseException:
                rasa.terminate()
                raise


def _say_why(log: Path, code: int, console: Console) -> None:
    lines = log.read_text(errors="replace").replace("\r", "\n").splitlines()
    console.print("\n".join(lines[-TAIL:]), markup=False, highlight=False, soft_wrap=True)
    console.print(f"Training failed (exit code {code}); the whole log is in {log}", style="red")


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Two trainings at once would share Rasa's cache: the second waits, and then finds the work done."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def main() -> int:
    """`python -m handoff.training [log]`"""
    project = Path(__file__).resolve().parent.parent
    log = Path(sys.argv[1]) if len(sys.argv) > 1 else project / "var" / "log" / "train.log"
    return train(project, log, Console(stderr=True, soft_wrap=True))


if __name__ == "__main__":
    sys.exit(main())
