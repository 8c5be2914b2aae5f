"""How fast screening is. How well it hears: `frontdoor evaluate`.

    python bench/screening.py            one line of figures each; processor time, so that a busy machine matters less

A chat message, with and without history; 4,000 characters; hostile input; and the same again with a lexicon ten times
as large, side by side, as a ratio.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from handoff.screening import Screener, shared
from handoff.screening.lexicon import Lexicon, Phrase
from handoff.verdict import Turn

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
HOSTILE = {
    "k i l l, 4,000 characters": "k i l l " * 500,
    "look-alikes": "кіӏӏ уоursеlf " * 285,
    "one word of 4,000 letters": "a" * 4000,
    "quotes and stops": '".?!' * 1000,
    "stars": "f*ck " * 800,
    "his his his": "he has got a " * 300,
}
HISTORY = (Turn(author="bot", text="Is anyone in danger right now?", card="danger"),)


def times(screener: Screener, texts: Sequence[str], rounds: int, history: Sequence[Turn] = ()) -> list[float]:
    """Milliseconds of processor time of each screening, sorted."""
    took: list[float] = []
    for _ in range(rounds):
        for text in texts:
            began = time.thread_time()
            screener.screen(text, service="survivors", history=history)
            took.append((time.thread_time() - began) * 1000)
    return sorted(took)


def tenfold(lexicon: Lexicon) -> Lexicon:
    """The same lexicon with nine more of every phrase, about other things: its telling words are made new ones."""
    index: dict[str, list[Phrase]] = {word: list(found) for word, found in lexicon.index.items()}
    for copy in "abcdefghi":
        for word, found in lexicon.index.items():
            for phrase in found:
                new = f"{word}q{copy}"
                pattern = replace(phrase.pattern, anchors=frozenset({new}))
                index.setdefault(new, []).append(Phrase(phrase.name, phrase.rule, pattern))
    return replace(lexicon, index={word: tuple(found) for word, found in index.items()})


def main() -> None:
    screener = shared()
    lexicon = screener.lexicon
    assert lexicon is not None and not screener.problems
    screener.screen(LONG, service="survivors")
    for name, texts, rounds, history in (
        ("chat message", MESSAGES, 400, ()),
        ("chat message with history", MESSAGES, 400, HISTORY),
        ("4,000 characters", (LONG,), 60, ()),
    ):
        took = times(screener, texts, rounds, history)
        print(f"{name}: p50 {took[len(took) // 2]:.3f} ms, p99 {took[int(len(took) * 0.99)]:.3f} ms")
    for name, text in HOSTILE.items():
        print(f"hostile, {name}: {times(screener, (text,), 5)[2]:.1f} ms")
    large = Screener(tenfold(lexicon), screener.model)
    pairs = [(times(screener, MESSAGES, 40), times(large, MESSAGES, 40)) for _ in range(9)]
    ratios = sorted(sum(ten) / sum(one) for one, ten in pairs)
    size = sum(map(len, large.lexicon.index.values())) / sum(map(len, lexicon.index.values()))  # type: ignore[union-attr]
    print(
        f"lexicon {size:.1f} times as large: takes {ratios[4]:.2f} times as long ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


if __name__ == "__main__":
    main()
