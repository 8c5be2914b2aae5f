"""Released texts are never edited: what a person was shown must be what the file still says.

`released.json` beside the services holds the SHA-256 of every released text. Git history is no substitute: a record
of a notice points at a file, and a charity may not keep its services in git.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from handoff.services.errors import Problem
from handoff.services.read import FILE_NAME, sha256_of

RELEASED = "released.json"


def released(root: Path) -> dict[str, str]:
    """Path of a text, relative to `root` → its SHA-256. Raises ValueError if the file is damaged."""
    path = root / RELEASED
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise ValueError(f"{RELEASED} is not a map of files to hashes")
    return found


def release(root: Path) -> list[str]:
    """Release every new text under `root`: from now on its bytes are fixed. Returns the files added.

    Never touches what is already released; an edited file stays an error until it is put back. Check the services
    first: a released mistake can only be followed by a next version.
    """
    before = released(root)
    new = {name: sha256_of(root / name) for name in _texts(root) if name not in before}
    if new:
        lines = json.dumps(before | new, indent=1, sort_keys=True)
        waiting = root / (RELEASED + ".new")
        waiting.write_text(lines + "\n", encoding="utf-8")
        waiting.replace(root / RELEASED)
    return sorted(new)


def check_released(root: Path, folder: str) -> Iterable[Problem]:
    """What is wrong with the texts of one folder under `root`, as far as their release goes."""
    try:
        fixed = released(root)
    except ValueError:  # json's errors are ValueErrors
        yield Problem(RELEASED, 1, "the list of released texts is damaged", "put it back from a backup or from git")
        return
    here = [name for name in _texts(root) if name.startswith(f"{folder}/")]
    for name in here:
        if name not in fixed:
            yield Problem(
                name, 1, "this text is not released yet", "read it once more, then run `frontdoor services release`"
            )
        elif sha256_of(root / name) != fixed[name]:
            yield Problem(
                name,
                1,
                "a released text was edited",
                f"put it back as it was, and copy your words to {_next(root / name)}",
            )
    for name in fixed:
        if name.startswith(f"{folder}/") and name not in here:
            yield Problem(name, 1, "a released text is gone", "put the file back: people were shown it")


def _texts(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.glob("*/texts/*/*.md") if FILE_NAME.match(p.name))


def _next(path: Path) -> str:
    named = re.match(r"^(\d+)(\..+)$", path.name)
    assert named is not None  # noqa: S101  (_texts lists only such names)
    language = named.group(2)
    newest = max(int(p.name.split(".")[0]) for p in path.parent.glob(f"*{language}"))
    return f"{newest + 1}{language}"
