"""The workbench as an expert meets it: a real server, a real browser, a real keyboard."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from conftest import REPO

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# A page that is not in front is as quick as the one that is.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]


class Server:
    """`streamlit run src/review.py` in a project's folder."""

    def __init__(self, folder: Path, script: Path = REPO / "src/review.py"):
        self.folder, self.script = folder, script
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", str(self.script)]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--server.port", str(self.port)],
                cwd=self.folder, stdout=log, stderr=log, env={**os.environ, "HOME": "/nonexistent"},
            )  # fmt: skip
        until = time.monotonic() + 40
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1)
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            else:
                return
        raise AssertionError((self.folder / "server.log").read_text())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(folder, script=REPO / "src/review.py"):
    server = Server(folder, script)
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def browsing():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Expert:
    """One expert's browser; what alarms them is kept in `alarms`."""

    def __init__(self, browser, server, name, width=1280, height=900):
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.page.set_default_timeout(15_000)
        self.alarms: list[str] = []
        self.page.on("dialog", lambda dialog: (self.alarms.append("dialog"), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.alarms.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))
        self.server, self.name = server, name
        self.go()

    def _asked(self, url: str) -> None:
        if urlsplit(url).scheme.startswith("http") and urlsplit(url).hostname != "127.0.0.1":
            self.alarms.append(f"asked {url}")

    def go(self) -> None:
        self.page.goto(f"{self.server.url}/?annotator={self.name}")
        self.page.locator("#arf-desk").wait_for(state="attached")
        self.page.wait_for_function(
            "document.querySelectorAll('.st-key-codes input').length =="
            " document.getElementById('arf-desk').dataset.codes && window.arfKeys"
        )

    @property
    def turn(self) -> int:
        return int(self.page.locator("#arf-desk").get_attribute("data-turn"))

    @property
    def told(self) -> str:
        """Who, how far, and which row."""
        return self.page.locator("#arf-desk").inner_text()

    @property
    def row(self) -> str:
        return self.told.split(" · ")[-1]

    def type(self, *keys: str) -> None:
        """Strike keys without waiting for anything."""
        self.page.bring_to_front()
        for key in keys:
            self.page.keyboard.press(key)

    def step(self, *keys: str) -> None:
        """Strike keys, the last of which takes a step; wait until the page has taken it."""
        turn = self.turn
        self.type(*keys)
        self.wait(turn + 1)

    def wait(self, turn: int) -> None:
        self.page.wait_for_function(
            f"document.getElementById('arf-desk')?.dataset.turn === '{turn}'"
        )
        self.page.locator(f"#arf-desk[data-turn='{turn}']").wait_for(state="attached")
        self.page.wait_for_function(
            "document.querySelector('.stApp').dataset.testScriptState === 'notRunning'"
        )

    def rating(self) -> int | None:
        radios = self.page.locator('.st-key-rating input[type="radio"]')
        checked = [radios.nth(place).is_checked() for place in range(radios.count())]
        return checked.index(True) + 1 if True in checked else None

    def ticked(self) -> list[str]:
        """The letters of the codes that are ticked."""
        boxes = self.page.locator('.st-key-codes input[type="checkbox"]')
        letters = self.page.locator("#arf-desk").get_attribute("data-letters")
        return [letters[place] for place in range(boxes.count()) if boxes.nth(place).is_checked()]

    def close(self) -> None:
        self.page.close()
