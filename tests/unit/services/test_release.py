"""What people were shown is what the file still says: released texts are never edited."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from handoff.services.load import BUILT_IN, ServiceBroken, load_services
from handoff.services.release import RELEASED, release, released

Edit = Callable[[str, str, str], int]
GREETING = "missing/texts/greeting/1.en.md"


def test_every_text_that_comes_with_the_program_is_released() -> None:
    texts = {p.relative_to(BUILT_IN).as_posix() for p in BUILT_IN.glob("*/texts/*/*.md")}
    assert set(released(BUILT_IN)) == texts


def test_an_edited_text_is_refused_and_the_mend_names_the_next_version(root: Path, edit: Edit) -> None:
    edit(GREETING, "Hello", "Hi")
    with pytest.raises(ServiceBroken) as broken:
        load_services(root)
    (problem,) = broken.value.problems
    assert problem.file == GREETING
    assert "was edited" in problem.what
    assert "2.en.md" in problem.mend


def test_one_changed_byte_is_an_edit(root: Path) -> None:
    path = root / GREETING
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(ServiceBroken, match="was edited"):
        load_services(root)


def test_a_new_text_must_be_released_before_anyone_sees_it(root: Path) -> None:
    shutil.copy(root / GREETING, (root / GREETING).with_name("2.en.md"))
    with pytest.raises(ServiceBroken, match="not released yet"):
        load_services(root)
    assert release(root) == ["missing/texts/greeting/2.en.md"]
    assert load_services(root)["missing"].text("greeting").version == 2


def test_releasing_never_blesses_an_edit(root: Path, edit: Edit) -> None:
    before = released(root)
    edit(GREETING, "Hello", "Hi")
    assert release(root) == []
    assert released(root) == before
    with pytest.raises(ServiceBroken, match="was edited"):
        load_services(root)


def test_releasing_twice_changes_nothing(root: Path) -> None:
    before = (root / RELEASED).read_bytes()
    assert release(root) == []
    assert (root / RELEASED).read_bytes() == before


def test_a_released_text_that_is_gone_is_told(root: Path) -> None:
    (root / "common/texts/closed/1.en.md").unlink()
    with pytest.raises(ServiceBroken, match="a released text is gone"):
        load_services(root)


@pytest.mark.parametrize("damage", ["{", "[]", '{"a": 1}'])
def test_a_damaged_list_of_releases_is_refused_and_never_written_over(root: Path, damage: str) -> None:
    (root / RELEASED).write_text(damage, encoding="utf-8")
    with pytest.raises(ServiceBroken, match="damaged"):
        load_services(root)
    with pytest.raises(ValueError):
        release(root)
    assert (root / RELEASED).read_text(encoding="utf-8") == damage


def test_the_list_is_plain_json_for_anyone_to_check(root: Path) -> None:
    listed = json.loads((root / RELEASED).read_text(encoding="utf-8"))
    assert all(len(sha) == 64 for sha in listed.values())
