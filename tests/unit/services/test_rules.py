"""Properties of the rules: whatever is in the files, faults are told and never raise anything else."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from handoff.cards import QUESTIONS_OPTIONAL, SPINE_CARDS
from handoff.services.load import load_services
from handoff.services.model import ServiceFile
from handoff.services.read import FrontMatter, Source, read_text, read_yaml
from handoff.services.rules import ALWAYS_IN_SPINE, check_service

SERVICES = load_services()
PHONELINE, MISSING = SERVICES["phoneline"].file, SERVICES["missing"].file
spines = st.lists(st.sampled_from(sorted(SPINE_CARDS)), max_size=14).map(tuple) | st.permutations(
    sorted(SPINE_CARDS - {"age"})
).map(tuple)
yaml_like = st.lists(
    st.sampled_from(
        ["id", "spine", ":", " ", "\n", "- ", "  ", "[", "]", "{", "}", "yes", "1", '"', "'", "&a", "*a", "<<", "? ",
         "|", ">", "#", "!!int", "!x", "---", "...", "2026-11-22", "2026-13-45", "null", "~", "é", "\t", "%", "@", "0x"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


def faults(file: ServiceFile, spine: tuple[str, ...]) -> list[str]:
    source = Source("x/service.yml")
    check_service(file.model_copy(update={"spine": spine}), source, file.id)
    return [problem.what for problem in source.problems]


@given(spines)
def test_a_spine_that_passes_keeps_every_promise_of_the_opening(spine: tuple[str, ...]) -> None:
    for file in (MISSING, PHONELINE):
        if faults(file, spine):
            continue
        at = spine.index
        assert len(set(spine)) == len(spine)
        assert set(spine) >= ALWAYS_IN_SPINE
        assert spine[0] == "greeting"
        assert spine[-1] == "queue"
        assert at("safe_to_chat") < at("danger") < at("need")
        assert at("limits") < at("need")
        assert len(QUESTIONS_OPTIONAL & set(spine)) <= 2
        assert file is MISSING or at("notice") < at("need")


@given(st.sampled_from(sorted(ALWAYS_IN_SPINE)))
def test_no_card_of_the_opening_can_be_left_out(card: str) -> None:
    for file in (MISSING, PHONELINE):
        assert f"the spine lacks {card}" in faults(file, tuple(c for c in file.spine if c != card))


def test_the_spines_that_come_with_the_program_pass() -> None:
    assert all(faults(service.file, service.file.spine) == [] for service in SERVICES.values())


@given(yaml_like | st.text(), st.booleans())
@example("a: &x {b: 1}\nc:\n  <<: *x\n", False)
@example("kind: a\nkind: b\n", True)
@example("!!int", True)
def test_whatever_stands_in_a_file_becomes_a_problem_with_line_and_mend(words: str, top: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "greeting" / "1.en.md"
        path.parent.mkdir()
        path.write_text(f"---\n{words}\n---\nHello\n" if top else words, encoding="utf-8", newline="")
        read: list[tuple[object, Source]] = [read_text(path, "x/1.en.md"), read_yaml(path, "x/1.en.md", FrontMatter)]
        lines = words.count("\n") + words.count("\r") + 6
    for found, source in read:
        assert (found is None) == bool(source.problems)
        for problem in source.problems:
            assert problem.file == "x/1.en.md"
            assert 1 <= problem.line <= lines
            assert problem.what
            assert problem.mend


@given(st.binary(max_size=60))
def test_a_file_that_is_not_text_is_told_and_not_raised(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "service.yml"
        path.write_bytes(raw)
        found, source = read_yaml(path, "x/service.yml", ServiceFile)
    assert found is None
    assert source.problems
