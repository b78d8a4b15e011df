"""``idc-browser review``: status, agreement and export of a list of two readers."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from helpers.made_review import made_list
from helpers.small_command_line import CommandLine

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.review.review_file import ReviewFile


@pytest.fixture
def judged(tmp_path: Path) -> str:
    path = made_list(tmp_path / "list.idcreview")
    opened = ReviewFile(path)
    for reader, ratings in (("A", (1, 3, 5, 2)), ("B", (1, 3, 4, 2))):
        opened.begin(reader)
        for number, rating in enumerate(ratings):
            opened.answer(reader, number, "", "image", rating)
        opened.spend(reader, 0, 30.0)
    opened.close()
    return str(path)


def test_status_says_how_far_each_reader_is(judged: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "status", judged, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["readers"] == [
        {"reader": "A", "answered": 4, "seconds": 30.0},
        {"reader": "B", "answered": 4, "seconds": 30.0},
    ]


def test_status_is_written_to_a_file(judged: str, tmp_path: Path) -> None:
    assert main(["review", "status", judged, "--to", str(tmp_path / "status.csv")]) == 0
    assert (tmp_path / "status.csv").read_text().splitlines() == ["reader,answered,seconds", "A,4,30.0", "B,4,30.0"]


def test_agreement_is_printed_and_written(judged: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "agreement", judged, "--to", str(tmp_path / "kappa.csv")]) == 0
    # Observed disagreement 1 of 4 answers, 56 over 16 pairs (in squares): 1 - (1 / 4) / (56 / 16).
    assert "0.929" in capsys.readouterr().out
    assert (tmp_path / "kappa.csv").read_text().splitlines()[1] == "image,case,A / B,weighted kappa,4,0.75,0.928571"


def test_export_writes_the_answers(judged: str, tmp_path: Path) -> None:
    assert main(["review", "export", judged, "--to", str(tmp_path / "answers.csv")]) == 0
    assert len((tmp_path / "answers.csv").read_text().splitlines()) == 9


def test_what_cannot_be_done_is_a_sentence(judged: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "export", judged]) == 2
    assert "--to" in capsys.readouterr().err
    assert main(["review", "status", str(tmp_path / "missing.idcreview")]) == 3
    assert "no such file" in capsys.readouterr().err
    opened = ReviewFile(Path(judged))
    assert main(["review", "status", judged]) == 2
    assert "open in another program" in capsys.readouterr().err
    opened.close()


def test_a_list_is_made_of_what_filters_leave_with_images_and_annotations(idc_browser: CommandLine, tmp_path: Path) -> None:
    form = tmp_path / "form.json"
    form.write_text('{"questions": [{"key": "use", "text": "Usable", "kind": "flag"}]}', encoding="utf-8")
    path = tmp_path / "lungs.idcreview"
    arguments = ("review", "new", str(path), "--filter", "Modality=SEG", "--unit", "studies", "--form", str(form), "--blinded", "--ahead", "3")
    made = idc_browser.json(*arguments)
    assert (made["file"], made["entries"], made["large_entries"], made["unresolved"]) == (str(path), 1, 0, [])
    with contextlib.closing(ReviewFile(path)) as review:
        settings = review.settings
        assert (settings.name, settings.blinded, settings.ahead) == ("lungs", True, 3)
        assert [question.key for question in settings.form.questions] == ["use"]
        assert sorted(series.modality for series in review.item(0).series) == ["CT", "CT", "SEG"]
    idc_browser.fails(2, "exists already", *arguments)


def test_a_list_takes_sources_and_the_usual_questions_and_its_ending(idc_browser: CommandLine, tmp_path: Path) -> None:
    assert f"Written: {tmp_path / 'brains.idcreview'}, 1 entry" in idc_browser.text("review", "new", str(tmp_path / "brains"), "brain_mr")
    code, _, errors = idc_browser.run("review", "new", str(tmp_path / "none"), "no_such_thing")
    assert code == 3 and "no_such_thing" in errors and not (tmp_path / "none.idcreview").exists()
    idc_browser.fails(2, "Name what you want", "review", "new", str(tmp_path / "none"))
    idc_browser.fails(2, "An entry is one of", "review", "new", str(tmp_path / "none"), "brain_mr", "--ahead", "99")


def test_other_actions_take_the_list_alone(judged: str, idc_browser: CommandLine) -> None:
    idc_browser.fails(2, "takes the review list alone", "review", "status", judged, "brain_mr")
