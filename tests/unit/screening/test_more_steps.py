"""What a charity adds: its own phrases, its own listener. They may raise a verdict and never lower it."""

from __future__ import annotations

import importlib.metadata
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from handoff.bootstrap import make_screener
from handoff.screening import Screener, extra, own_phrases
from handoff.settings import Settings
from handoff.verdict import Abuse, Risk, Target, Turn, Verdict

PHRASES = "# ours\n== immediate suicide\nup at the viaduct\n== abusive insult\ndaft apeth\n"


def _with_phrases(folder: Path, text: str) -> Screener:
    path = folder / "phrases.txt"
    path.write_text(text, encoding="utf-8")
    return make_screener(Settings(screening_phrases=path))


@pytest.mark.parametrize("text", ["im up at the viaduct", "UP AT  THE VIADUCT.", "i'm uр at the viaduct now"])
def test_a_phrase_of_ones_own_is_heard_where_it_stands(text: str, tmp_path: Path) -> None:
    verdict = _with_phrases(tmp_path, PHRASES).screen(text, service="survivors")
    assert verdict.risk is Risk.IMMEDIATE and "suicide" in verdict.risk_categories
    (span,) = (span for span in verdict.spans if span.step == own_phrases.NAME)
    assert "viaduct" in text[span.start : span.end].lower()


def test_a_phrase_of_ones_own_may_be_abuse(tmp_path: Path) -> None:
    verdict = _with_phrases(tmp_path, PHRASES).screen("you daft apeth", service="survivors")
    assert (verdict.abuse, verdict.target) == (Abuse.ABUSIVE, Target.STAFF)


def test_own_phrases_keep_no_word_of_a_message(tmp_path: Path) -> None:
    """Promise 11: a spaCy vocabulary would keep every word it is shown."""
    kept: list[Any] = []
    real = own_phrases.Vocab

    def remembered() -> Any:
        kept.append(real())
        return kept[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_phrases, "Vocab", remembered)
        screener = _with_phrases(tmp_path, PHRASES)
    screener.screen("zanzibarian viaduct", service="survivors")
    (vocab,) = kept
    assert "viaduct" in vocab.strings and "zanzibarian" not in vocab.strings


def test_own_phrases_are_heard_by_many_at_once(tmp_path: Path) -> None:
    screener = _with_phrases(tmp_path, PHRASES)
    heard: list[Risk] = []

    def ask(number: int) -> None:
        for at in range(30):
            heard.append(screener.screen(f"word{number}x{at} up at the viaduct", service="survivors").risk)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == [Risk.IMMEDIATE] * 180


@pytest.mark.parametrize(
    ("text", "says"),
    [("up at the viaduct\n", "phrases.txt:1"), ("== immediate\nx\n", "needs a category"), ("== none\nx\n", "heading")],
)
def test_a_wrong_file_is_said_at_start_and_every_message_goes_to_a_person(text: str, says: str, tmp_path: Path) -> None:
    screener = _with_phrases(tmp_path, text)
    assert any(says in problem for problem in screener.problems)
    assert screener.screen("hello", service="survivors").uncertain


class _Entry:
    def __init__(self, listener: object) -> None:
        self.name, self.listener = "ours", listener

    def load(self) -> object:
        return self.listener


def _with_listener(listener: object, monkeypatch: pytest.MonkeyPatch) -> Screener:
    def installed(group: str) -> list[_Entry]:
        assert group == extra.GROUP
        return [_Entry(listener)]

    monkeypatch.setattr(extra, "entry_points", installed)
    return make_screener(Settings(screening_step="ours", screening_step_seconds=0.2))


def test_a_listener_raises_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def hear(text: str, *, service: str, history: Sequence[Turn]) -> Verdict:
        return Verdict(risk=Risk.IMMEDIATE, risk_categories=frozenset({"missing_at_risk"}))

    verdict = _with_listener(hear, monkeypatch).screen("hello", service="missing")
    assert (verdict.risk, verdict.risk_categories, verdict.uncertain) == (Risk.IMMEDIATE, {"missing_at_risk"}, False)


def test_a_listener_never_lowers_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    screener = _with_listener(lambda text, **rest: Verdict(), monkeypatch)
    assert screener.screen("he has got a knife", service="survivors").risk is Risk.IMMEDIATE


def test_a_listener_that_is_late_wrong_or_broken_makes_it_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()

    def hangs(text: str, **rest: object) -> Verdict:
        never.wait(30)
        return Verdict()

    def breaks(text: str, **rest: object) -> Verdict:
        raise ValueError(text)

    try:
        for listener in (hangs, breaks, lambda text, **rest: "fine", lambda text, **rest: Verdict(uncertain=True)):
            verdict = _with_listener(listener, monkeypatch).screen("he has got a knife", service="survivors")
            assert verdict.uncertain and verdict.risk is Risk.IMMEDIATE and "knife" not in verdict.reason
    finally:
        never.set()


def test_a_listener_that_is_not_installed_is_said_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not importlib.metadata.entry_points(group=extra.GROUP)
    screener = make_screener(Settings(screening_step="ours"))
    assert any("FRONTDOOR_SCREENING_STEP" in problem for problem in screener.problems)
    assert screener.screen("hello", service="survivors").uncertain
