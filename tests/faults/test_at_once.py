"""Promise 4, and one turn in flight a contact: twenty people who write quickly, all at once, to one real Rasa."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict

from people import People, Person
from running import Bot
from wire import Turn, Wire

NAMES = [
    "apple",
    "basket",
    "candle",
    "dragon",
    "engine",
    "forest",
    "garden",
    "hammer",
    "island",
    "jacket",
    "kettle",
    "lemon",
    "marble",
    "needle",
    "orange",
    "pepper",
    "quilt",
    "rocket",
    "saddle",
    "tunnel",
]  # twenty people
TIMES = ("once", "twice", "again", "still", "lastly")


async def test_twenty_contacts_at_once_keep_their_order(bot: Bot, people: People, wire: Wire):
    crowd = [await people.person() for _ in NAMES]
    said = {name: [f"thank you {name} {time}" for time in TIMES] for name in NAMES}

    async def says_it_all(person: Person, texts: list[str]) -> list[int]:
        """All sent before any is acknowledged."""
        ids = [await person.start("say", text=text) for text in texts]
        return [int((await person.answer(client_id))["seq"]) for client_id in ids]

    acks = await asyncio.gather(*(says_it_all(p, said[name]) for p, name in zip(crowd, NAMES, strict=True)))
    for person, name, seqs in zip(crowd, NAMES, acks, strict=True):
        # Acknowledged once each, in the order in which they were said,
        assert seqs == sorted(set(seqs))
        await person.until("all words back", lambda person=person, name=name: person.words == said[name])
        # and what stands in the record under those numbers is those words.
        by_seq = {entry["seq"]: entry["text"] for entry in person.entries}
        assert [by_seq[seq] for seq in seqs] == said[name]
        assert sorted(by_seq) == list(range(1, len(by_seq) + 1))
        assert len(by_seq) == len(person.entries)
    for person, name in zip(crowd, NAMES, strict=True):
        # The bot was asked each message once, in order, in as few turns as it took; where it was too slow or heard more
        # than thanks, a person has the rest.
        await person.until(
            "an answer, or the queue",
            lambda p=person, n=name: _asked(wire, n) == said[n] or p.state["phase"] == "waiting",
        )
        assert _asked(wire, name) == [text for text in said[name] if text in _asked(wire, name)]
    await wire.until("the end of every turn", lambda: all(turn.over for turn in wire.turns))
    for name in NAMES:
        # And never a turn of one contact before the last was over.
        turns = [turn for turn in wire.turns if name in turn.words]
        assert all(one.over and one.ended < two.began for one, two in itertools.pairwise(turns))
    assert _most_at_once(wire.turns) > 1  # different people do not wait for each other


def _asked(wire: Wire, name: str) -> list[str]:
    """Every message of one contact that the bot was asked, in the order of asking."""
    return [text for turn in wire.turns if name in turn.words for text in turn.words.split("\n")]


def _most_at_once(turns: list[Turn]) -> int:
    steps: dict[int, int] = defaultdict(int)
    for turn in turns:
        steps[turn.began] += 1
        steps[turn.ended] -= 1
    return max(itertools.accumulate(steps[at] for at in sorted(steps)))
