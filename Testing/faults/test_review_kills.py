"""A review list whose program is killed while answers are written: what was confirmed is in the file, and the file opens at once."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.made_review import made_list

from IDCBrowserLib.review.review_file import ReviewFile

ROOT = Path(__file__).resolve().parents[2]
# Confirms each answer once the call that writes it has returned.
_READER = """
import sys
from pathlib import Path
from IDCBrowserLib.review.answers import Segment
from IDCBrowserLib.review.review_file import ReviewFile
opened = ReviewFile(Path(sys.argv[1]))
opened.begin("A")
number = 0
while True:
    entry = number % opened.count
    opened.learn_segments(entry, [Segment(f"{number}/{part}", "x" * 500) for part in range(50)])
    opened.answer("A", entry, f"{number}/0", "use", "usable")
    opened.go_to("A", entry)
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("moment", range(8))
def test_what_was_confirmed_survives_a_kill_and_the_list_opens_again(tmp_path: Path, moment: int) -> None:
    path = made_list(tmp_path / "list.idcreview", 50)
    process = subprocess.Popen(
        [sys.executable, "-c", _READER, str(path)], stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT / "IDCBrowser")}
    )
    assert process.stdout is not None
    confirmed = -1
    for _ in range(random.Random(moment).randint(1, 40)):
        confirmed = int(process.stdout.readline())
    process.kill()
    confirmed = max([confirmed, *(int(line) for line in process.stdout if line.strip())])
    process.wait()
    process.stdout.close()

    opened = ReviewFile(path)
    kept = {answer.segment for answer in opened.answers("A")}
    assert {f"{number}/0" for number in range(confirmed + 1)} <= kept
    assert len(kept) <= confirmed + 2, "at most the one that was under way"
    assert opened.begin("A") in (confirmed % 50, (confirmed + 1) % 50)
    opened.answer("A", 0, "", "image", 3)
    opened.close()
    assert [one.name for one in tmp_path.iterdir()] == ["list.idcreview"]
