"""`frontdoor evaluate`: figures one can check by hand, and a bad line that loses no other."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from handoff.cli import app
from handoff.screening.measure import Count, share

LINES = (
    '{"text": "he has got a knife and he is outside my door", "risk": "immediate", "abuse": "none", "kind": "a"}\n'
    '{"text": "hello", "risk": "none", "abuse": "none", "kind": "b"}\n'
    '{"text": "a zanzibar of words about nothing", "risk": 1, "kind": "b"}\n'
    "not json\n"
    '{"text": "no label"}\n'
    '{"text": "bad", "risk": "very"}\n'
    "\n"
    '{"text": "you are a useless idiot", "abuse": "abusive", "abuse_categories": ["insult"], "discriminatory": 0}\n'
)


def _file(folder: Path) -> Path:
    path = folder / "set.jsonl"
    path.write_text(LINES, encoding="utf-8")
    return path


def test_it_counts_what_is_found_missed_and_alarmed_at(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    done = CliRunner().invoke(app, ["evaluate", str(_file(tmp_path)), "--json", str(figures), "--by", "kind"])
    assert done.exit_code == 0, done.output
    told = json.loads(figures.read_text())
    assert told["messages"] == 4 and told["uncertain"] == 0
    assert (told["questions"]["risk"]["positives"], told["questions"]["risk"]["found"]) == (2, 1)
    assert told["questions"]["immediate"]["recall"][0] == 1.0
    assert told["questions"]["abuse"]["found"] == 1 and told["questions"]["abuse"]["false_alarms"] == 0
    assert told["groups"]["b"]["risk"]["positives"] == 1
    assert told["categories"]["insult"][0] == 1.0
    assert told["confusion"]["risk"]["immediate → immediate"] == 1
    assert [miss["place"] for miss in told["misses"]] == ["set.jsonl:3"]
    assert "zanzibar" not in figures.read_text()
    for line, why in ((4, "not JSON"), (5, "says what is right"), (6, "'very'")):
        assert f"set.jsonl:{line}" in done.output and why in done.output


def test_it_draws_a_picture_and_prints_json(tmp_path: Path) -> None:
    drawn = tmp_path / "figures.svg"
    done = CliRunner().invoke(app, ["evaluate", str(_file(tmp_path)), "--json", "-", "--picture", str(drawn)])
    assert json.loads(done.stdout)["messages"] == 4
    picture = ElementTree.fromstring(drawn.read_text(encoding="utf-8"))
    assert picture.get("role") == "img" and "immediate: found" in "".join(picture.itertext())


@pytest.mark.parametrize("words", [["evaluate", "nowhere.jsonl"], ["evaluate", "{empty}"]])
def test_nothing_to_measure_is_said(words: list[str], tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    done = CliRunner().invoke(app, [word.format(empty=empty) for word in words])
    assert done.exit_code == 2 and "Traceback" not in done.output


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_share(part: int, more: int) -> None:
    told = share(part, part + more)
    assert told is not None and 0.0 <= told[1] <= told[0] <= told[2] <= 1.0


def test_the_interval_is_wilsons() -> None:
    assert share(8, 10) == [0.8, 0.4902, 0.9433]
    assert share(0, 0) is None


def test_macro_f1_is_the_mean_of_both_sides() -> None:
    assert Count(found=3, missed=1, alarms=1, quiet=5).macro_f1() == round((0.75 + 5 / 6) / 2, 4)
    assert Count(found=3, missed=1).macro_f1() is None
