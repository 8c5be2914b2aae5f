"""Become another program, tied to the process that started us: when that one dies, however it dies, so do we.

    python -I -S handoff/tether.py <pid of the parent> command argument…

A supervisor that is killed outright can clean up nothing; the kernel does it here (Linux; elsewhere the command simply
runs). No extra process stays: the command takes this one's place.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def tethered(command: Sequence[str]) -> list[str]:
    """`command`, so that it dies with the calling process."""
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), str(os.getpid()), *command]  # noqa: PTH100


def main() -> None:
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):  # it died before we were tied
            sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - this is what the program is for
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201
        sys.exit(127)


if __name__ == "__main__":
    main()
