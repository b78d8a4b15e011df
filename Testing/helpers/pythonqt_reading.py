"""Run by a PythonQt launcher, not by pytest: a review list is answered, and some segments of a SEG are loaded.

``LAUNCHER pythonqt_reading.py`` with IDC_BROWSER_STORY (a JSON object: ``paths`` for sys.path, ``folder`` for the list). Prints one JSON object on
its last line: ``answers`` as they are in the file, numbers of the segments ``loaded``, ``problems`` raised in a slot or model.
"""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any


def read_list(program: Any, file: str) -> list[Any]:
    """What the file holds in the end."""
    from IDCBrowserLib.logic.review.review import READER_KEY
    from IDCBrowserLib.qtbinding import QtWidgets
    from IDCBrowserLib.review.form import Form, Question
    from IDCBrowserLib.review.review_file import ReviewFile

    questions = (
        Question("image", "Images", "rating"),
        Question("kind", "Kind", "choice", options=("good", "poor")),
        Question("odd", "Odd", "flag"),
        Question("comment", "Comment", "text"),
    )
    review = program.browser.review
    program.browser.host.settings.set_value(READER_KEY, "A")
    made = {"file": file, "name": "Mine", "form": Form(questions).to_json(), "source": {"cart": True}, "unit": "studies"}
    review.make({**made, "blinded": False, "ahead": 0, "cap_bytes": 0})
    program.settle()
    program.panel.show_page("review")
    program.settle()
    program.press("reviewButton_image_4")
    program.press("reviewButton_odd_1")
    choice = program.find(QtWidgets.QComboBox, "reviewChoice_kind")
    choice.setCurrentIndex(2)
    choice.activated.emit(2)
    comment = program.find(QtWidgets.QLineEdit, "reviewText_comment")
    comment.setFocus()
    comment.insert("Blurred")
    program.press("reviewNext")
    program.press("reviewButton_image_2")
    program.press("reviewPrevious")
    program.press("reviewUnanswered")
    program.panel.widget.grab()
    program.press("reviewClose")
    with contextlib.closing(ReviewFile(Path(file))) as kept:
        return sorted([answer.item, answer.question, answer.value] for answer in kept.answers("A"))


def choose_segments(program: Any) -> list[int]:
    """Those that were loaded."""
    from IDCBrowserLib.qtbinding import Qt
    from IDCBrowserLib.ui.segments.choose_segments import ChooseSegments

    dialog = ChooseSegments(program.browser.choosing, program.panel.widget)
    dialog.open("1.2.3")
    program.settle()
    dialog.none.click()
    dialog.search.setText("kidney")
    dialog.all.click()
    dialog.search.setText("")
    dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    program.settle()
    dialog.load.click()
    program.settle()
    dialog.close()
    return [number for request in program.browser.host.loader.requests if request.chosen is not None for number in request.chosen.numbers]


def main() -> None:
    config = json.loads(os.environ["IDC_BROWSER_STORY"])
    sys.path[:0] = config["paths"]
    from helpers.pythonqt_binding import provide_qt

    provide_qt()
    from helpers.pythonqt_program import Program, heard_problems

    problems = heard_problems()
    program = Program()
    told = {"answers": read_list(program, f"{config['folder']}/mine.idcreview"), "loaded": choose_segments(program)}
    program.close()
    print(json.dumps({**told, "problems": problems}), flush=True)


main()
