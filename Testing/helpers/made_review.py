"""Review lists of made entries."""

from __future__ import annotations

from pathlib import Path

from IDCBrowserLib.review.answers import Item, Series
from IDCBrowserLib.review.form import Form, Question
from IDCBrowserLib.review.review_file import ReviewFile, Settings

FORM = Form(
    (
        Question("image", "Quality of the images", "rating"),
        Question("use", "The segment is", "choice", "segment", ("usable", "not usable")),
        Question("discuss", "To be discussed", "flag"),
        Question("comment", "Comment", "text"),
    )
)


def made_items(count: int) -> list[Item]:
    """A CT and a SEG each."""
    return [
        Item(
            number,
            f"demo/CASE-{number:03}",
            "demo",
            f"CASE-{number:03}",
            (Series(f"1.2.{number}.1", f"1.2.{number}", "CT", "", "CT", 1000), Series(f"1.2.{number}.2", f"1.2.{number}", "SEG", "", "Organs", 10)),
        )
        for number in range(count)
    ]


def made_list(path: Path, count: int = 20, blinded: bool = False) -> Path:
    """The path of a new list."""
    ReviewFile.create(path, Settings("Twenty cases", FORM, blinded), made_items(count))
    return path
