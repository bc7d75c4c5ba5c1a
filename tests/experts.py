"""An expert at the page Annotate: a visitor with a name and a keyboard."""

from pages import QUIET, Visitor


class Expert(Visitor):
    """One expert's browser tab."""

    def __init__(self, browser, server, name, width=1280, height=900):
        super().__init__(browser, width, height)
        self.server, self.name = server, name
        self.go()

    def go(self) -> None:
        self.tab.goto(f"{self.server.url}/?annotator={self.name}")
        self.tab.locator("#distill-desk").wait_for(state="attached")
        self.tab.wait_for_function(
            "document.querySelectorAll('.st-key-codes input').length =="
            " document.getElementById('distill-desk').dataset.codes && window.distillKeys"
        )

    @property
    def turn(self) -> int:
        return int(self.tab.locator("#distill-desk").get_attribute("data-turn"))

    @property
    def status(self) -> str:
        """The annotator, the progress and the row."""
        return self.tab.locator("#distill-desk").inner_text()

    @property
    def row(self) -> str:
        return self.status.split(" · ")[-1]

    def type(self, *keys: str) -> None:
        """Strike keys without waiting for anything."""
        self.tab.bring_to_front()
        for key in keys:
            self.tab.keyboard.press(key)

    def step(self, *keys: str) -> None:
        """Strike keys, the last of which takes a step; wait until the page has taken it."""
        turn = self.turn
        self.type(*keys)
        self.wait(turn + 1)

    def wait(self, turn: int) -> None:
        self.tab.wait_for_function(
            f"document.getElementById('distill-desk')?.dataset.turn === '{turn}'"
        )
        self.tab.locator(f"#distill-desk[data-turn='{turn}']").wait_for(state="attached")
        self.tab.wait_for_function(QUIET)

    def rating(self) -> int | None:
        radios = self.tab.locator('.st-key-rating input[type="radio"]')
        checked = [radios.nth(place).is_checked() for place in range(radios.count())]
        return checked.index(True) + 1 if True in checked else None

    def ticked(self) -> list[str]:
        """The letters of the codes that are ticked."""
        boxes = self.tab.locator('.st-key-codes input[type="checkbox"]')
        letters = self.tab.locator("#distill-desk").get_attribute("data-letters")
        return [letters[place] for place in range(boxes.count()) if boxes.nth(place).is_checked()]
