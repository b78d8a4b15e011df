"""A browser without a screen that uses the page of the desktop as a person does: keys, mouse, and looking at the picture."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from bare_machine import PORT, wait_until
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ADDRESS = f"http://127.0.0.1:{PORT}"
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


_DROP = """([name, text]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], name));
  document.getElementById('screen').dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
}"""


@contextmanager
def browser_page() -> Iterator[Page]:
    """A page of 1280x720."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_OPTIONS)
        try:
            yield browser.new_page(viewport={"width": 1280, "height": 720})
        finally:
            browser.close()


class Desktop:
    """The page after ``open``."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, password: str, query: str = "") -> None:
        """Log in and open the screen."""
        self.page.goto(f"{ADDRESS}/{query}")
        self.page.fill("#password", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("#open", timeout=60_000)
        if not query:
            self.page.click("#open")
            self.page.wait_for_selector("#state", state="hidden", timeout=120_000)

    def keys(self, *keys: str) -> None:
        """One after the other, slowly enough for a window that is drawn by the processor."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(300)

    def clipboard(self) -> str:
        """Of the session, as the menu of the page shows it."""
        return self.page.input_value("#clipboard")

    def drop(self, name: str, text: str) -> None:
        """A file from the person's computer, let go over the screen."""
        self.page.evaluate(_DROP, [name, text])

    def state(self) -> dict[str, Any]:
        """As the start page shows it."""
        answer: dict[str, Any] = self.page.evaluate("fetch('/state').then((answer) => answer.json())")
        return answer

    def picture(self) -> NDArray[np.uint8]:
        """What is seen: (rows, columns, 3), 0 to 255."""
        return np.asarray(Image.open(io.BytesIO(self.page.screenshot())).convert("RGB"))

    def wait_for_window(self) -> None:
        """The tables are filled: their text is dark on light all over the left half."""
        wait_until(lambda: _is_filled(self.picture()), "the window with its tables is seen", 300)

    def wait_for_change(self, before: NDArray[np.uint8], what: str, least: int = 500) -> None:
        """At least so many pixels look otherwise than before."""
        wait_until(lambda: _difference(self.picture(), before) >= least, what)

    def wait_for_rest(self) -> None:
        """The picture stays the same for two seconds."""
        last = [self.picture()]

        def rests() -> bool:
            self.page.wait_for_timeout(2000)
            last.append(self.picture())
            return _difference(last[-1], last[-2]) == 0

        wait_until(rests, "the picture comes to rest")


def colored(picture: NDArray[np.uint8]) -> int:
    """Pixels that are clearly no gray: segments over an image."""
    values = picture.astype(int)
    return int(np.count_nonzero(values.max(axis=2) - values.min(axis=2) > 60))


def _is_filled(picture: NDArray[np.uint8]) -> bool:
    table = picture[180:590, :600].mean(axis=2)
    rows_with_text = np.count_nonzero((table < 90).any(axis=1))
    return bool(table.mean() > 150 and rows_with_text > 120)


def _difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    return int(np.count_nonzero((one != other).any(axis=2)))
