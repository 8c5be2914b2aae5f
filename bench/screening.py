"""How well and how fast screening works.

    python bench/screening.py speed
    python bench/screening.py measure FILE.jsonl ...    one message a line: text, and risk/abuse/discriminatory as 1/0

Third-party files are for measuring only and stay outside the project.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from handoff.screening import shared
from handoff.verdict import Abuse, Risk, Turn, Verdict

MESSAGES = (
    "hello is anyone there",
    "i don't know where to start, it's been going on a while and i'm tired",
    "hes outside my door again please can someone help",
    "is this confidential? i don't want him to know i contacted you",
    "my son hasn't come home since thursday, he's 19 and it isn't like him",
    "You said an advisor would be with me in ten minutes and it has been forty, this is getting ridiculous",
    "yeah",
)
LONG = ("We had been getting on all right until the summer, and then he lost his job and things went wrong. " * 60)[
    :4000
]


def speed(rounds: int = 2000) -> None:
    """Milliseconds a message: chat messages, and 4,000 characters."""
    screener = shared()
    history = [Turn(author="bot", text="Is anyone in danger right now?", card="danger")]
    for name, texts, turns, count in (
        ("chat message", MESSAGES, (), rounds),
        ("chat message with history", MESSAGES, history, rounds),
        ("4,000 characters", (LONG,), (), 50),
    ):
        took: list[float] = []
        for _ in range(max(1, count // len(texts))):
            for text in texts:
                began = time.perf_counter()
                screener.screen(text, service="survivors", history=turns)
                took.append((time.perf_counter() - began) * 1000)
        took.sort()
        print(f"{name}: p50 {took[len(took) // 2]:.3f} ms, p99 {took[int(len(took) * 0.99)]:.3f} ms")


def _scores(pairs: Iterable[tuple[bool, bool]]) -> str:
    pairs = list(pairs)
    tp = sum(1 for want, got in pairs if want and got)
    fn = sum(1 for want, got in pairs if want and not got)
    fp = sum(1 for want, got in pairs if got and not want)
    tn = len(pairs) - tp - fn - fp
    f1 = [2 * a / (2 * a + fp + fn) if a + fp + fn else 1.0 for a in (tp, tn)]
    recall = tp / (tp + fn) if tp + fn else 1.0
    alarms = fp / (fp + tn) if fp + tn else 0.0
    return (
        f"found {tp}/{tp + fn} ({recall:.1%}), false alarms {fp}/{fp + tn} ({alarms:.2%}), macro-F1 {sum(f1) / 2:.3f}"
    )


def measure(paths: Iterable[str]) -> None:
    """Recall, false alarms and macro-F1 of each label that a file carries."""
    judges: dict[str, Callable[[Verdict], bool]] = {
        "risk": lambda verdict: verdict.risk > Risk.NONE,
        "abuse": lambda verdict: verdict.abuse > Abuse.NONE,
        "discriminatory": lambda verdict: verdict.abuse is Abuse.DISCRIMINATORY or _group(verdict),
    }
    for path in map(Path, paths):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        verdicts = [shared().screen(row["text"], service="survivors", history=_history(row)) for row in rows]
        for label, judge in judges.items():
            pairs = [(bool(row[label]), judge(v)) for row, v in zip(rows, verdicts, strict=True) if label in row]
            if pairs:
                print(f"{path.name} {label}: {_scores(pairs)}")


def _group(verdict: Verdict) -> bool:
    return bool(verdict.abuse_categories - {"insult", "sexual", "threat"})


def _history(row: dict[str, str]) -> list[Turn]:
    return [Turn(author="bot", text=row["agent"])] if row.get("agent") else []


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure(sys.argv[2:])
    else:
        speed()
