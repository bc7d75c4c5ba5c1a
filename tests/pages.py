"""Pages as people meet them: a real server, a real browser, which asks nothing elsewhere."""

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

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in BROWSERS if (path := shutil.which(name))), None)
# No other host has an address; a page that is not in front is as quick as the one that is.
ARGUMENTS = [
    "--no-sandbox",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]
REVIEW = REPO / "tools/workbench.py"
CONFIG = ".streamlit/config.toml"
QUIET = """document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'
  && !document.querySelector('[data-testid=stSkeleton]')"""  # of a part that is being loaded
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
RUN = "Number(document.getElementById('distill-run')?.dataset.run ?? 0)"
WIDE = """() => [document.documentElement, ...document.querySelectorAll('[data-testid=stMain]')]
  .some(one => one.scrollWidth > one.clientWidth + 1)"""


class Server:
    """`streamlit run` in a project's folder, with the project's own settings."""

    def __init__(self, folder: Path, script: Path, log: IO[str]):
        self.folder, self.script, self.log = folder, script, log
        if not (folder / CONFIG).exists():
            (folder / CONFIG).parent.mkdir(exist_ok=True)
            shutil.copy(REPO / CONFIG, folder / CONFIG)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", str(self.script)]
        source = self.folder if (self.folder / "src").is_dir() else REPO
        self.process = subprocess.Popen(
            [*command, "--server.port", str(self.port)],
            cwd=self.folder,
            env={**os.environ, "HOME": "/nonexistent", "PYTHONPATH": str(source / "src")},
            stdout=self.log,
            stderr=self.log,
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.log.seek(0)
        raise AssertionError(self.log.read())

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(folder: Path, script: Path = REVIEW) -> Iterator[Server]:
    with tempfile.TemporaryFile("w+") as log:
        server = Server(folder, script, log)
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def browsing() -> Iterator:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
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
        self.tab.on("request", self._look)  # a route would turn the browser's cache off

    def _look(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1":
            self.alarms.append(f"asked {request.url}")

    def go(self, address: str) -> None:
        self.tab.goto(address)
        self.tab.locator("#distill-run, #distill-desk").first.wait_for(state="attached")
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
        box = self.tab.get_by_role("combobox", name=label)
        box.scroll_into_view_if_needed()
        self.tab.evaluate(DRAWN)  # an open list closes where its page still scrolls
        box.click()
        with self._answered():
            self.tab.get_by_role("option", name=option, exact=True).click()

    def fill(self, label: str, value: str, place: int = 0) -> None:
        """Write something else into a field."""
        boxes = [self.tab.get_by_role(role, name=label) for role in ("textbox", "spinbutton")]
        field = boxes[0].or_(boxes[1]).nth(place)
        with self._answered():
            field.fill(value)
            field.press("Enter")

    def write(self, label: str, text: str) -> None:
        """Write into a field of many lines."""
        field = self.tab.get_by_role("textbox", name=label)
        with self._answered():
            field.fill(text)
            field.press("Control+Enter")

    def pick(self, option: str, place: int = 0) -> None:
        """Tick another radio button."""
        with self._answered():
            self.tab.locator("label").filter(has_text=option).nth(place).click()

    def press(self, button: str, place: int = 0) -> None:
        """Press a button."""
        with self._answered():
            self.tab.get_by_role("button", name=button).nth(place).click()

    @property
    def text(self) -> str:
        return self.tab.locator("body").inner_text()

    @property
    def too_wide(self) -> bool:
        """Whether the page, rather than a table in it, scrolls sideways."""
        return self.tab.evaluate(WIDE)
