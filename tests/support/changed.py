"""The services that ship, with other numbers: so that a test need not wait two minutes, nor wait for a Sunday."""

from __future__ import annotations

import shutil
from pathlib import Path

from handoff.services.load import BUILT_IN


def changed_services(folder: Path, *changes: tuple[str, str]) -> Path:
    """A folder of services in which every service.yml has each `(old, new)` replaced. Each must be there to replace."""
    root = folder / "services"
    shutil.copytree(BUILT_IN, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for file in root.glob("*/service.yml"):
        text = file.read_text()
        for old, new in changes:
            assert old in text, f"{file.parent.name}: there is no {old}"
            text = text.replace(old, new)
        file.write_text(text)
    return root
