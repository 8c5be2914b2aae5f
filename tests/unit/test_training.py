"""The bot is trained when what it learns from has changed, and never half. A small program stands in for Rasa."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from handoff.training import MODEL, NOTE, RASA, fingerprint, needed, train

GOOD = '#!/bin/sh\necho "training at length"\nmkdir -p "$3" && echo "a model" > "$3/frontdoor.tar.gz"\necho x >> runs\n'
BAD = '#!/bin/sh\nmkdir -p "$3" && echo "half a mod" > "$3/frontdoor.tar.gz"\necho "domain.yml line 3: no"\nexit 5\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, words in {
        "config.yml": "pipeline: []",
        "domain.yml": "intents: []",
        "data/nlu/danger.yml": "nlu: []",
        "bot/second_net.py": "x = 1",
        "bot/requirements.lock": "rasa",
        "README.md": "hello",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(words)
    rasa(tmp_path, GOOD)
    return tmp_path


def rasa(project: Path, script: str) -> None:
    (project / RASA).parent.mkdir(parents=True, exist_ok=True)
    (project / RASA).write_text(script)
    (project / RASA).chmod(0o755)


def trained(project: Path) -> tuple[int, str]:
    said = io.StringIO()
    return train(project, project / "var" / "train.log", Console(file=said, width=200)), said.getvalue()


def test_training_is_done_once_for_the_same_inputs(project: Path):
    assert trained(project)[0] == 0
    assert trained(project) == (0, "The bot's model is up to date.\n")
    assert (project / "runs").read_text() == "x\n"
    assert not needed(project)


@pytest.mark.parametrize(
    "name", ["config.yml", "domain.yml", "data/nlu/danger.yml", "bot/second_net.py", "bot/requirements.lock"]
)
def test_a_change_of_anything_the_model_is_made_of_trains_again(project: Path, name: str):
    trained(project)
    (project / name).write_text("changed")
    assert needed(project)


def test_a_new_file_of_examples_trains_again(project: Path):
    trained(project)
    (project / "data" / "rules").mkdir()
    (project / "data" / "rules" / "exit.yml").write_text("rules: []")
    assert needed(project)


def test_nothing_else_trains_again(project: Path):
    before = fingerprint(project)
    (project / "README.md").write_text("changed")
    assert fingerprint(project) == before


def test_a_missing_model_is_trained_whatever_the_note_says(project: Path):
    trained(project)
    (project / MODEL).unlink()
    assert needed(project)


def test_a_failed_training_shows_why_and_leaves_the_old_model_with_its_note(project: Path):
    trained(project)
    note = (project / NOTE).read_text()
    (project / "domain.yml").write_text("intents: [")
    rasa(project, BAD)
    code, said = trained(project)
    assert code == 5
    assert "domain.yml line 3: no" in said
    assert "train.log" in said
    assert (project / MODEL).read_text() == "a model\n"
    assert (project / NOTE).read_text() == note
    assert needed(project)


def test_a_training_that_makes_nothing_is_a_failure_whatever_it_says(project: Path):
    rasa(project, "#!/bin/sh\nexit 0\n")
    assert trained(project)[0] != 0
    assert needed(project)


def test_what_rasa_prints_goes_to_the_log_and_not_to_the_terminal(project: Path):
    _, said = trained(project)
    assert "at length" not in said
    assert "at length" in (project / "var" / "train.log").read_text()


def test_without_the_runtime_it_says_what_to_do(project: Path):
    (project / RASA).unlink()
    code, said = trained(project)
    assert code != 0
    assert "make install" in said
