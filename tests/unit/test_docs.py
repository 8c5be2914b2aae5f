"""What the documentation names exists: commands, files, tests, clauses, dependencies; every command explains itself."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import click
import pytest
import typer

from handoff.cli import app

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(PROJECT / "docs").rglob("*.md"), *PROJECT.glob("*.md")])
CLAUSES = [f"M{n}" for n in range(1, 17)] + [f"R{n}" for n in range(1, 16)]


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def commands(command: click.Command, *path: str) -> dict[tuple[str, ...], click.Command]:
    found = {path: command}
    for name, child in getattr(command, "commands", {}).items():
        found |= commands(child, *path, name)
    return found


COMMANDS = commands(typer.main.get_command(app))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_and_every_option_says_what_it_is_for(path: tuple[str, ...]):
    command = COMMANDS[path]
    assert command.help and len(command.help) > 15
    for option in command.params:
        words = getattr(option, "help", "")
        assert words or getattr(option, "prompt", None), f"{' '.join(path)}: {option.name}"


def mentioned(page: Path) -> set[tuple[str, ...]]:
    """Commands as they are typed: `frontdoor staff add`, in code. Words after a command are its arguments."""
    code = re.findall(r"```.*?```|`[^`\n]+`", page.read_text(), re.DOTALL)
    return {tuple(words.split()) for part in code for words in re.findall(r"\bfrontdoor((?: [a-z]+)+)", part)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_named_exists(page: Path):
    for words in mentioned(page):
        group: click.Command = COMMANDS[()]
        for word in words:
            children = getattr(group, "commands", {})
            if not children:
                break  # what follows is an argument
            assert word in children, f"frontdoor {' '.join(words)}"
            group = children[word]


# ── files and tests ──────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def names_in(path: Path) -> frozenset[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_clause_has_its_row_in_order():
    rows = re.findall(r"^\| ([MR]\d+) \|", (PROJECT / "docs/clauses.md").read_text(), re.MULTILINE)
    assert rows == CLAUSES


def rows() -> dict[str, tuple[str, str, str]]:
    found = re.findall(
        r"^\| ([MR]\d+) \|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|$", (PROJECT / "docs/clauses.md").read_text(), re.MULTILINE
    )
    return {row[0]: row[1:] for row in found}


@pytest.mark.parametrize("clause", CLAUSES)
def test_what_a_clause_names_is_there(clause: str):
    """Every file and every test that a row names exists; a row says what is built, or "not yet"."""
    built, where, proof = rows()[clause]
    assert built.strip()
    for path in re.findall(r"`([\w./*]+)`", where):
        assert list(PROJECT.glob(path)), path
    named = re.findall(r"`([\w./]+)::(\w+)`", proof)
    for path, test in named:
        assert (PROJECT / path).exists(), path
        assert test in names_in(PROJECT / path), f"{path}::{test}"
    assert named or "not yet" in proof


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_page_of_ours_leads_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text()):
        assert "[[" in target or (page.parent / target).exists(), target  # [[…]] is a placeholder in an example


# ── dependencies ─────────────────────────────────────────────────────────────────────────────────────────────────────


def required(name: str) -> set[str]:
    data = tomllib.loads((PROJECT / name).read_text())
    groups = [data["project"]["dependencies"], *data["dependency-groups"].values()]
    return {re.split(r"[<>=!~ \[;]", line)[0] for group in groups for line in group}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_is_linked_is_in_its_file(page: Path):
    for name, path in re.findall(r"\[`(test_\w+)`\]\(([^)]+)\)", page.read_text()):
        assert f"def {name}(" in (page.parent / path).read_text(), f"{name} in {path}"


def test_every_dependency_has_its_reason():
    page = (PROJECT / "docs/decisions/dependencies.md").read_text()
    product, bot = page.split("## The bot\n")
    for part, name in ((product, "pyproject.toml"), (bot, "bot/pyproject.toml")):
        assert set(re.findall(r"^\| `([^`]+)` \| \S", part, re.MULTILINE)) == required(name)
