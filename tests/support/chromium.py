"""A real Chromium for the browser tests, quiet and without anything to say to the network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A charity's page stands at a made-up address in some tests; browsers keep such pages from loopback.
    "--disable-features=LocalNetworkAccessChecks",
]


@contextmanager
def launched() -> Iterator[Browser]:
    sandbox = os.geteuid() != 0  # root has none
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_path(), args=FLAGS, chromium_sandbox=sandbox)
        yield browser
        browser.close()


def _path() -> str:
    """The browser to test with. None is a failure, not a skip: what isn't tried isn't known to work."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = os.environ.get("FRONTDOOR_BROWSER") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail(
            "There is no browser to test with. Install Chromium (Debian: sudo apt-get install chromium), "
            "or set FRONTDOOR_BROWSER to the path of Chromium or Chrome."
        )
    return path
