"""Call the on-call contact: by a command, by a webhook, or by both. One call, within a limit; it never tries again.

What is passed on holds nobody's words and no name: which service, which band, how long. When to call, and how often, is
decided in `desk/paging.py`; that nobody was reached is loud there (PRACTICE, "Closed").
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import signal
from dataclasses import dataclass

import httpx

from handoff.errors import PagingError

WITHIN_S = 15.0  # one command, one request
CARRIED_ON = {key: value for key, value in os.environ.items() if not key.startswith("FRONTDOOR_")}  # no secrets of ours


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What the on-call contact is told. `waited_s`: seconds that nobody has claimed them."""

    service: str
    band: int
    waited_s: int
    test: bool = False

    def to_json(self) -> str:
        minutes = max(1, self.waited_s // 60)
        said = f"{self.service}: somebody in band {self.band} has waited {minutes} min and nobody has claimed them."
        if self.test:
            said = f"{self.service}: this is a test of on-call paging. Nobody is waiting."
        told = {"service": self.service, "band": self.band, "waited_s": self.waited_s, "test": self.test, "text": said}
        return json.dumps(told)


class Pager:
    """`command`: a program and its arguments, given the page as JSON on its input; no shell reads it. `webhook`: an
    address the same JSON is posted to. Empty: not used."""

    def __init__(self, *, command: str = "", webhook: str = "", within_s: float = WITHIN_S) -> None:
        self._command = shlex.split(command)
        self._webhook = webhook
        self._within_s = within_s

    @property
    def is_set(self) -> bool:
        return bool(self._command or self._webhook)

    async def call(self, page: Page) -> None:
        """Every way that is set is tried; one that worked is enough. Raises `PagingError` of the last that did not."""
        failed: PagingError | None = None
        worked = False
        for is_set, way in ((self._command, self._run), (self._webhook, self._post)):
            if not is_set:
                continue
            try:
                async with asyncio.timeout(self._within_s):
                    await way(page.to_json())
                worked = True
            except TimeoutError:
                failed = PagingError("hang")
            except PagingError as error:
                failed = error
        if not worked:
            raise failed or PagingError("not_set")

    async def _run(self, page: str) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=CARRIED_ON,
                start_new_session=True,  # ended as a whole if it hangs
            )
        except (OSError, ValueError):
            raise PagingError("cannot_start") from None
        try:
            await process.communicate(page.encode())
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        if process.returncode != 0:
            raise PagingError("exit_code")

    async def _post(self, page: str) -> None:
        try:
            async with httpx.AsyncClient(timeout=self._within_s, trust_env=False, follow_redirects=False) as client:
                answer = await client.post(self._webhook, content=page, headers={"content-type": "application/json"})
        except (httpx.HTTPError, httpx.InvalidURL):
            raise PagingError("refused") from None
        if not answer.is_success:
            raise PagingError("status")
