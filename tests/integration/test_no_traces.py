"""Promise 9, R3: nothing of who somebody is, and none of their words, is left in a log, database, journal or key.

Canaries are planted in everything a browser sends; whole journeys and crashes run in a real process; then every byte
that the process wrote is searched.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

PROJECT = Path(__file__).resolve().parents[2]
FAULTY = Path(__file__).with_name("serve_with_faults.py")
LONG = 60.0  # seconds after which a test has hung
ADDRESS = "127.0.0.77"
AGENT = "CanaryBrowser/77.123"
QUERY = "canaryquery4711"
FORWARDED = "203.0.113.77"
REFERRER = "https://canary-referrer.example/page"
PASSWORD = "canary password of staff"
WORDS = "zqx canary words xqz"
TOKEN = secrets.token_urlsafe(32)


class Served:
    """`frontdoor serve` in a process of its own; what it prints goes to a file."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe, socket.socket() as other:
            probe.bind(("127.0.0.1", 0))
            other.bind(("127.0.0.1", 0))
            self.port, bot = probe.getsockname()[1], other.getsockname()[1]
        self.folder = folder
        self.printed = folder / "printed"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDOOR_")}
        self.env = {
            **kept,
            "FRONTDOOR_PORT": str(self.port),
            "FRONTDOOR_BOT_URL": f"http://127.0.0.1:{bot}",
            "FRONTDOOR_DEMONSTRATION": "true",
            "PYTHONPATH": str(PROJECT),
            "PYTHONUNBUFFERED": "1",
        }

    def run(self, *words: str, typed: str = "") -> None:
        with self.printed.open("ab") as printed:
            command = [sys.executable, "-m", "handoff.cli", *words]
            subprocess.run(
                command, cwd=self.folder, env=self.env, input=typed.encode(), stdout=printed, stderr=printed, check=True
            )

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        with self.printed.open("ab") as printed:
            process = subprocess.Popen(
                [sys.executable, str(FAULTY)], cwd=self.folder, env=self.env, stdout=printed, stderr=printed
            )
        try:
            while True:
                assert process.poll() is None, self.printed.read_text()
                with contextlib.suppress(httpx.TransportError), self.http() as http:
                    http.get("/health")
                    break
            yield
        finally:
            process.terminate()
            process.wait(LONG)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def http(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.origin,
            transport=httpx.HTTPTransport(local_address=ADDRESS),
            headers={"User-Agent": AGENT, "Referer": REFERRER, "X-Forwarded-For": FORWARDED, "Origin": self.origin},
            timeout=LONG,
        )

    def line(self, path: str = "/ws/person", **headers: str) -> ClientConnection:
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=LONG, source_address=(ADDRESS, 0))
        return connect(
            f"ws://127.0.0.1:{self.port}{path}?{QUERY}",
            sock=sock,
            origin=headers.pop("Origin", self.origin),  # type: ignore[arg-type]
            user_agent_header=AGENT,
            additional_headers={"Referer": REFERRER, "X-Forwarded-For": FORWARDED, **headers},
            compression=None,
            proxy=None,
            open_timeout=LONG,
            legacy=True,
        )

    def everything(self) -> dict[str, bytes]:
        """Every file under the folder: database, journal, key ring, secrets, and what was printed."""
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}


def send(line: ClientConnection, **frame: Any) -> None:
    line.send(json.dumps(frame))


def until(line: ClientConnection, *kinds: str, **match: Any) -> dict[str, Any]:
    while True:
        frame = json.loads(line.recv(timeout=LONG))
        if frame["t"] in kinds and all(frame.get(k) == v for k, v in match.items()):
            return dict(frame)


def a_person_s_journey(served: Served, sign_in: httpx.Client) -> str:
    """Hello, cards, words, an advisor, a complaint, a goodbye. Gives the staff session's token."""
    with served.line() as line:
        send(line, t="hello", v=1, service="missing", token=TOKEN)
        contact = until(line, "welcome")["contact"]
        card = until(line, "entry", author="service")
        while not (card.get("card") or {}).get("options"):
            card = until(line, "entry", author="service")
        send(line, t="choose", id="c", card_seq=card["seq"], option="yes")
        until(line, "ack", id="c")
        for n in range(3):
            send(line, t="say", id=f"s{n}", text=f"{WORDS} number {n}")
            until(line, "ack", id=f"s{n}")
        send(line, t="typing")
        send(line, t="shown", seq=3)
        send(line, t="person", id="p")
        until(line, "ack", id="p")
        send(line, t="complain", id="k", text=f"{WORDS} as a complaint")
        until(line, "ack", id="k")
        wrong = sign_in.post("/staff/sign-in", data={"name": "Robin", "password": WORDS})
        assert wrong.status_code == 401
        right = sign_in.post("/staff/sign-in", data={"name": "Robin", "password": PASSWORD})
        assert right.status_code == 303
        for policy in sign_in.get("/staff/api/me").json()["policies"]:
            assert sign_in.post("/staff/api/acknowledge", json={"text_id": policy["text_id"]}).json()["ok"]
        session = sign_in.cookies["frontdoor"]
        with served.line("/ws/staff", Cookie=f"frontdoor={session}") as desk:
            send(desk, t="hello", v=1)
            send(desk, t="watch")
            send(desk, t="claim", id="a", contact=contact)
            lease = until(desk, "claimed")["lease_no"]
            for kind in ("say", "note"):
                send(desk, t=kind, id=kind, contact=contact, lease_no=lease, text=f"{WORDS} of an advisor")
                until(desk, "ack", id=kind)
            send(desk, t="end", id="e", contact=contact, lease_no=lease, reason="abuse", why=f"{WORDS} as a reason")
            until(desk, "ack", id="e")
        until(line, "state", phase="ended")
    assert sign_in.post("/leave", content=TOKEN.encode()).status_code == 204
    return session


def what_is_broken(served: Served) -> None:
    """Frames that are none, and parts that raise with the words in the exception."""
    with served.line() as line:
        send(line, t="hello", v=1, service="missing", token=TOKEN)
        until(line, "welcome")
        for raw in (WORDS, f'{{"t": "{WORDS}"}}', json.dumps({"t": "say", "id": WORDS, "text": WORDS, WORDS: WORDS})):
            line.send(raw)
            until(line, "refused")
        line.send(WORDS.encode())
        until(line, "refused")
        for n, part in enumerate(("screening", "background", "socket", "exit")):
            send(line, t="say", id=f"x{n}", text=f"{WORDS} fault:{part}")
            until(line, "ack" if part in ("screening", "background") else "refused", id=f"x{n}")
        send(line, t="complain", id="y", text=f"{WORDS} fault:transaction")
        until(line, "refused", id="y")
        send(line, t="say", id="z", text=f"{WORDS} fault:reading")  # breaks whoever writes to this page
        with contextlib.suppress(ConnectionClosed):
            while True:
                line.recv(timeout=LONG)
    with served.line() as line, contextlib.suppress(ConnectionClosed):
        line.send(WORDS * 2_000)  # too large
        while True:
            line.recv(timeout=LONG)
    with pytest.raises(InvalidStatus):
        served.line(Origin=REFERRER)
    with served.http() as http:
        assert http.post("/breaks", json={"words": WORDS}).status_code == 500
    with served.http() as http:  # after a 500 the connection is closed
        assert http.get(f"/{WORDS}", params={"q": QUERY}).status_code == 404
        assert http.get(f"/chat/{QUERY}").status_code == 404
    with socket.create_connection(("127.0.0.1", served.port), timeout=LONG, source_address=(ADDRESS, 0)) as raw:
        raw.sendall(f"{WORDS}\r\n\r\n".encode())
        raw.recv(1_000)


def forms(canary: str) -> list[bytes]:
    """How it might be written: as it is, escaped, encoded."""
    plain = canary.encode()
    return [plain, plain.hex().encode(), base64.b64encode(plain)[:-4], canary.replace(" ", "%20").encode()]


def test_nothing_of_a_person_is_left_anywhere(tmp_path: Path):
    served = Served(tmp_path)
    served.run("migrate")
    served.run("staff", "add", "Robin", "--role", "advisor", typed=f"{PASSWORD}\n{PASSWORD}\n")
    with served.serving(), served.http() as sign_in:
        session = a_person_s_journey(served, sign_in)
        what_is_broken(served)
        while_running = served.everything()
    served.run("audit", "verify")
    afterwards = served.everything()

    assert {"var/frontdoor.db", "printed"} <= while_running.keys()
    assert any(name.startswith("var/keys/") for name in while_running)
    assert "var/frontdoor.db-wal" in while_running, "the journal was searched too"
    printed = afterwards["printed"].decode()
    assert len(re.findall(r"Cruel \(its message is not logged\)", printed)) >= 4, printed  # the faults did happen
    for event in ("screening_failed", "frame_failed", "request_failed", "socket_failed"):
        assert event in printed, event

    canaries = {
        "address": ADDRESS, "agent": AGENT, "query": QUERY, "forwarded": FORWARDED, "referrer": REFERRER,
        "words": WORDS, "token": TOKEN, "session": session, "password": PASSWORD,
    }  # fmt: skip
    found = [
        (what, name)
        for what, canary in canaries.items()
        for name, data in [*while_running.items(), *afterwards.items()]
        if any(form in data for form in forms(canary))
    ]
    assert not found
