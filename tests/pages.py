"""Pages as people meet them: a real server and a real browser, which asks nothing elsewhere."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from conftest import REPO

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = "document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'"
RUN = "Number(document.getElementById('arf-run')?.dataset.run ?? 0)"
WIDE = """() => [document.documentElement, ...document.querySelectorAll('[data-testid=stMain]')]
  .some(one => one.scrollWidth > one.clientWidth + 1)"""


@contextmanager
def serving(script: Path, folder: Path) -> Iterator[str]:
    """A Streamlit server in a project's folder; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
    command += ["--browser.gatherUsageStats", "false"]
    environment = {**os.environ, "PYTHONPATH": str(REPO / "src")}
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            _wait(port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()
            server.wait()


def _wait(port: int, log: IO[str]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    log.seek(0)
    raise AssertionError(log.read())


@contextmanager
def browsing() -> Iterator:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visitor:
    """One browser tab; what went wrong is kept in `alarms`, what was asked elsewhere too."""

    def __init__(self, browser, width: int = 1280, height: int = 900):
        self.tab = browser.new_page(viewport={"width": width, "height": height})
        self.tab.set_default_timeout(20_000)
        self.alarms: list[str] = []
        self.tab.on("dialog", lambda dialog: (self.alarms.append("dialog"), dialog.dismiss()))
        self.tab.on("pageerror", lambda error: self.alarms.append(str(error)))
        self.tab.route(_elsewhere, self._refuse)

    def _refuse(self, route) -> None:
        self.alarms.append(f"asked {route.request.url}")
        route.abort()

    def go(self, address: str) -> None:
        self.tab.goto(address)
        self.tab.locator("#arf-run, #arf-desk").first.wait_for(state="attached")
        self.tab.wait_for_function(QUIET)

    @contextmanager
    def _answered(self) -> Iterator[None]:
        """Wait in the end until the server has answered what was done."""
        before = self.tab.evaluate(RUN)
        yield
        self.tab.wait_for_function(f"{RUN} > {before}")
        self.tab.wait_for_function(QUIET)

    def choose(self, label: str, option: str) -> None:
        """Take another option of a list."""
        self.tab.get_by_role("combobox", name=label).click()
        with self._answered():
            self.tab.get_by_role("option", name=option, exact=True).click()

    def fill(self, label: str, value: str, place: int = 0) -> None:
        """Write something else into a field."""
        boxes = [self.tab.get_by_role(role, name=label) for role in ("textbox", "spinbutton")]
        field = boxes[0].or_(boxes[1]).nth(place)
        with self._answered():
            field.fill(value)
            field.press("Enter")

    def pick(self, option: str, place: int = 0) -> None:
        """Tick another radio button."""
        with self._answered():
            self.tab.locator("label").filter(has_text=option).nth(place).click()

    @property
    def text(self) -> str:
        return self.tab.locator("body").inner_text()

    @property
    def too_wide(self) -> bool:
        """Whether the page, rather than a table in it, scrolls sideways."""
        return self.tab.evaluate(WIDE)


def _elsewhere(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1"
