"""`frontdoor screen`: one line in, one line out, and a bad line loses no other."""

from __future__ import annotations

import io
import json

from rich.console import Console

from handoff.screening import screen
from handoff.screening.command import screen_lines, screen_stream
from handoff.screening.explain import explanation


def test_each_line_is_answered_in_order_and_a_bad_one_by_its_number() -> None:
    source = io.StringIO('{"id": 1, "text": "hes outside my door"}\nnot json\n\n[1]\n{"id": "x", "text": "hello"}\n')
    sink = io.StringIO()
    assert screen_stream(source, sink) == 2
    answers = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert [answer.get("id", answer.get("line")) for answer in answers] == [1, 2, 4, "x"]
    assert answers[0]["risk"] == "immediate" and answers[3]["risk"] == "none"
    assert set(answers[0]) == {
        "id", "risk", "risk_categories", "abuse", "abuse_categories", "target", "spans", "uncertain", "reason",
        "elapsed_ms",
    }  # fmt: skip


def test_history_may_be_strings_or_turns() -> None:
    turn = {"author": "bot", "text": "Is anyone in danger?", "card": "danger"}
    lines = [json.dumps({"text": "yes", "history": history}) for history in (["hi", turn], ["hi"], [5], "hi")]
    answers = list(screen_lines(lines))
    assert [answer.get("risk") for answer in answers] == ["immediate", "none", None, None]


def test_an_answer_never_holds_the_words() -> None:
    (answer,) = screen_lines([json.dumps({"text": "zanzibar i want to kill myself"})])
    assert "zanzibar" not in json.dumps(answer) and "myself" not in json.dumps(answer)
    (error,) = screen_lines(['{"text": 5, "other": "zanzibar"}'])
    assert "zanzibar" not in json.dumps(error)


def test_an_explanation_shows_the_text_and_its_findings_whatever_the_letters() -> None:
    text = "\ud800\x1b[31m fuck off, hes outside my door [bold]"
    console = Console(file=io.StringIO(), width=120)
    console.print(explanation(text, screen(text, service="survivors")))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "immediate" in shown and "[bold]" in shown and "\x1b[31m" not in shown
