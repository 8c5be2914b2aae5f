"""A really served Rasa and a real action server, started once, on ports of their own.

Run from the repository's root with the bot's runtime, after training:

    bot/.venv/bin/python -m pytest tests/bot

Under the product's own runtime nothing here can be imported, so nothing here is collected.
"""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("rasa") is None:
    collect_ignore_glob = ["*.py"]
else:
    import json
    import os
    import socket
    import subprocess
    import sys
    import time
    import urllib.error
    import urllib.request
    from collections.abc import Iterator
    from dataclasses import dataclass, field
    from pathlib import Path
    from typing import Any

    import pytest

    ROOT = Path(__file__).resolve().parents[2]
    MODEL = ROOT / "models" / "frontdoor.tar.gz"
    SECRET = "a-shared-secret-for-tests"
    READY_S = 180

    def free_port() -> int:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            return int(s.getsockname()[1])

    def get(url: str) -> int:
        try:
            with urllib.request.urlopen(url, timeout=2) as r:
                return int(r.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    @dataclass
    class Actions:
        """The action server, which can be stopped and started again."""

        port: int
        log: Path
        process: subprocess.Popen[bytes] | None = None

        def start(self) -> None:
            env = {**os.environ, "FRONTDOOR_ACTIONS_PORT": str(self.port), "RASA_TELEMETRY_ENABLED": "false"}
            with self.log.open("ab") as out:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "bot.serve_actions"], cwd=ROOT, env=env, stdout=out, stderr=out
                )
            until(lambda: get(f"http://127.0.0.1:{self.port}/health") == 200, self.process, self.log)

        def stop(self) -> None:
            if self.process:
                self.process.terminate()
                self.process.wait(20)
                self.process = None

    @dataclass
    class Served:
        port: int
        actions: Actions
        logs: list[Path] = field(default_factory=list)

        @property
        def url(self) -> str:
            return f"http://127.0.0.1:{self.port}/webhooks/frontdoor/"

        def post(self, body: bytes, secret: str | None = SECRET) -> tuple[int, Any]:
            request = urllib.request.Request(self.url + "turn", body, {"Content-Type": "application/json"})
            if secret is not None:
                request.add_header("Authorization", f"Bearer {secret}")
            try:
                with urllib.request.urlopen(request, timeout=30) as r:
                    return r.status, json.load(r)
            except urllib.error.HTTPError as error:
                return error.code, json.load(error)

        def turn(self, text: str, turn: str = "t", **facts: Any) -> tuple[int, Any]:
            asked = {"service": "survivors", "phase": "with_bot", **facts}
            return self.post(json.dumps({"v": 1, "turn": turn, "text": text, "facts": asked}).encode())

        def said(self, text: str, **facts: Any) -> list[str]:
            """Replies by name and commands as "do value value", of a turn that must be answered."""
            status, answer = self.turn(text, **facts)
            assert status == 200, answer
            return [r["name"] for r in answer["replies"]] + [
                " ".join(str(v) for v in command.values()) for command in answer["commands"]
            ]

    def until(ready: Any, process: subprocess.Popen[bytes], log: Path) -> None:
        deadline = time.monotonic() + READY_S
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"did not start; see {log}")
            time.sleep(0.2)

    @pytest.fixture(scope="session")
    def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
        if not MODEL.exists():
            pytest.fail("There is no model. Train first: models/README.md says how.")
        logs = tmp_path_factory.mktemp("logs")
        actions = Actions(free_port(), logs / "actions.log")
        actions.start()
        port = free_port()
        env = {
            **os.environ,
            "RASA_TELEMETRY_ENABLED": "false",
            "FRONTDOOR_BOT_SECRET": SECRET,
            "FRONTDOOR_ACTIONS_URL": f"http://127.0.0.1:{actions.port}/webhook",
        }
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        log = logs / "rasa.log"
        # --debug: Rasa logs the most there, and none of it may be words.
        command = ["-m", "rasa", "run", "--debug", "-m", str(MODEL), "--interface", "127.0.0.1", "-p", str(port)]
        files = ["--credentials", "credentials.yml", "--endpoints", "endpoints.yml"]
        with log.open("ab") as out:
            rasa = subprocess.Popen([sys.executable, *command, *files], cwd=ROOT, env=env, stdout=out, stderr=out)
        try:
            bot = Served(port, actions, [log, actions.log])
            until(lambda: get(bot.url) == 200, rasa, log)
            yield bot
        finally:
            rasa.terminate()
            rasa.wait(30)
            actions.stop()
