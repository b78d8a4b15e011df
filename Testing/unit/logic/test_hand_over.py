"""Images for other programs, and what these made beside what IDC has: no program runs, a scene and an engine are made up."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.fake_host import FakeEngine, FakeHost
from helpers.fake_images import FakeImages

from IDCBrowserLib.api.labelmap import LABELS
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.logic.segments.giving_back import GivingBack, Statement
from IDCBrowserLib.logic.segments.hand_over import HandOver
from IDCBrowserLib.logic.segments.mhub import MODELS, command_for, models_for, result_folder
from IDCBrowserLib.logic.segments.segments import Segments
from IDCBrowserLib.scene.segments.image_rows import ImageRow
from IDCBrowserLib.scene.segments.segment_rows import SourceRow

CT, MR, SLIDE = ImageRow("ct", "CT", "1.2", "CT"), ImageRow("mr", "MR", "1.3", "MR"), ImageRow("us", "US", "1.4", "US")


def source(node: str, series: str = "", origin: str = "", name: str = "") -> SourceRow:
    return SourceRow(node, name or node, "SEG", "", "", series, True, 0.5, 1, True, origin=origin)


class Scene:
    """See ``SegmentScene``, as far as this needs it."""

    has_line_styles = True

    def __init__(self) -> None:
        self.shown: tuple[ImageRow, ...] = (CT,)
        self.rows: tuple[SourceRow, ...] = ()
        self.added: list[tuple[str, str]] = []
        self.beside: list[str] = []

    def images(self) -> tuple[ImageRow, ...]:
        return self.shown

    def over(self, image: ImageRow) -> tuple[str, ...]:
        return tuple(row.node_id for row in self.rows) if image == CT else ()

    def sources(self) -> tuple[SourceRow, ...]:
        return self.rows

    def add_on_image(self, _labelmap: Any, name: str, image_id: str) -> str:
        self.added.append((name, image_id))
        return "new" if image_id in {image.node_id for image in self.shown} else ""

    def meets(self, node_id: str, _image_id: str) -> bool:
        return node_id not in self.beside

    def labelmap(self, _node_id: str) -> Any:
        from helpers.made_volumes import labelmap

        return labelmap()

    def image_series(self, _node_id: str) -> tuple[str, ...]:
        return ("1.2",)

    def stamp(self, _node_id: str) -> int:
        return 1

    def measure(self, _node_id: str) -> Iterator[None]:
        return iter(())

    def watch(self, _changed: Any) -> None:
        return None

    def close(self) -> None:
        return None


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = FakeHost()
        self.host.segmenters.here, self.host.segmenters.elsewhere = ["TotalSegmentator"], ["nnInteractive"]
        self.host.store.files["1.2"] = [str(folder / "CT_1.2" / f"{number}.dcm") for number in range(3)]
        self.engine = FakeEngine(FakeImages(folder).handlers())
        self.scene = Scene()
        self.segments = Segments(self.scene, lambda do: None)  # type: ignore[arg-type]  # a part of it
        self.folders: list[str] = []
        self.links: list[tuple[str, str, str]] = []
        self.hand_over = HandOver(
            self.engine.client, self.host, self.segments, self.folders.extend, lambda *link: self.links.append(link), Path("/home/me")
        )
        self.said: list[str] = []
        self.hand_over.said.connect(self.said.append)

    @property
    def state(self) -> Any:
        return self.hand_over.state

    def show(self, *rows: SourceRow) -> None:
        self.scene.rows = rows
        self.segments.refresh()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_image_that_came_last_is_handed_over_until_another_is_chosen(bench: Bench) -> None:
    assert bench.state.image == CT
    bench.scene.shown = (CT, MR)
    bench.segments.refresh()
    assert bench.state.image == CT
    bench.hand_over.choose("mr")
    assert bench.state.image == MR
    bench.scene.shown = (CT, replace(MR, name="T2"), SLIDE)
    bench.segments.refresh()
    assert bench.state.image.name == "T2"
    bench.scene.shown = (CT,)
    bench.segments.refresh()
    assert bench.state.image == CT


def test_a_module_that_is_here_gets_the_image(bench: Bench) -> None:
    bench.host.segmenters.said = "Start it there."
    bench.hand_over.segment_with("TotalSegmentator")
    assert bench.host.segmenters.given == [("TotalSegmentator", "ct")]
    assert bench.said == ["Start it there."]


def test_one_that_is_not_here_is_looked_for_in_the_extensions_manager(bench: Bench) -> None:
    bench.hand_over.segment_with("nnInteractive")
    assert (bench.host.segmenters.given, bench.host.segmenters.asked_for_extensions) == ([], 1)
    assert "Search for nnInteractive in the Extensions Manager" in bench.said[-1]
    bench.host.segmenters.has_extensions = False
    bench.hand_over.segment_with("nnInteractive")
    assert "has no Extensions Manager" in bench.said[-1]


def test_a_result_is_compared_with_what_idc_has_by_one_click(bench: Bench) -> None:
    wanted: list[tuple[str, str]] = []
    bench.hand_over.to_compare.connect(lambda first, second: wanted.append((first, second)))
    bench.show(source("idc", "1.9", "IDC v25"))
    assert (bench.state.result, bench.state.of_idc) == (None, None)
    bench.hand_over.compare()
    bench.show(source("idc", "1.9", "IDC v25"), source("first"), source("second"), source("made", name="Agreement of first and second"))
    bench.hand_over.compare()
    assert wanted == [("idc", "second")]


def test_the_dicom_file_of_a_container_is_a_result_as_well(bench: Bench) -> None:
    bench.show(source("mhub", "2.25.1"), source("idc", "1.9", "IDC v25"))
    assert (bench.state.result.node_id, bench.state.of_idc.node_id) == ("mhub", "idc")


def test_a_label_file_of_ones_own_lies_over_the_image(bench: Bench) -> None:
    bench.host.file_to_open = "/mine/labels.nrrd"
    bench.hand_over.add_labels()
    assert bench.state.reading
    bench.engine.settle()
    assert (bench.scene.added, bench.state.reading) == ([("labels.nrrd", "ct")], False)
    assert "lies over the image" in bench.said[-1]


def test_labels_that_were_made_for_another_image_are_told(bench: Bench) -> None:
    bench.host.file_to_open = "/mine/labels.nrrd"
    bench.scene.beside = ["new"]
    bench.hand_over.add_labels()
    bench.engine.settle()
    assert bench.said[-1] == "labels.nrrd was added, but lies beside the image: its labels were made for another one."


def test_a_label_file_that_cannot_be_read_says_why(bench: Bench) -> None:
    def damaged(_params: Any) -> Any:
        raise ConversionError("It may be damaged.")

    bench.engine.process.handlers[LABELS.name] = damaged
    bench.host.file_to_open = "/mine/labels.nrrd"
    bench.hand_over.add_labels()
    bench.engine.settle()
    assert (bench.scene.added, bench.state.reading, bench.said[-1]) == ([], False, "It may be damaged.")


def test_an_image_that_has_left_the_scene_meanwhile_is_told(bench: Bench) -> None:
    bench.host.file_to_open = "/mine/labels.nrrd"
    bench.hand_over.add_labels()
    bench.scene.shown = ()
    bench.engine.settle()
    assert "no longer in the scene" in bench.said[-1]


def test_an_image_that_leaves_while_the_file_is_chosen_is_told(bench: Bench) -> None:
    def choose(_title: str, _kinds: str) -> str:
        bench.scene.shown = ()
        bench.segments.refresh()
        return "/mine/labels.nrrd"

    bench.host.choose_open_file = choose  # type: ignore[method-assign]  # a dialog during which the scene is closed
    bench.hand_over.add_labels()
    bench.engine.settle()
    assert "no longer in the scene" in bench.said[-1] and not bench.state.reading


def test_models_and_command_fit_the_image_and_its_folder(bench: Bench) -> None:
    assert bench.state.model == "totalsegmentator"
    assert f"-v {bench.folder / 'CT_1.2'}:/app/data/input_data:ro" in bench.state.command
    assert "-v /home/me/mhub/totalsegmentator/1.2:/app/data/output_data" in bench.state.command
    assert "--gpus all" in bench.state.command
    bench.hand_over.use_model("lungmask")
    bench.hand_over.use_gpu(False)
    assert "mhubai/lungmask:latest --workflow default" in bench.state.command and "--gpus" not in bench.state.command


@pytest.mark.parametrize(
    ("image", "files", "why"),
    [
        (CT, [], "not in the DICOM database"),
        (CT, ["/a/1.dcm", "/b/2.dcm"], "several folders"),
        (SLIDE, ["/a/1.dcm"], "no model"),
        (replace(CT, series_uid=""), [], "not in the DICOM database"),
    ],
)
def test_without_a_command_it_is_said_why(bench: Bench, image: ImageRow, files: list[str], why: str) -> None:
    bench.host.store.files = {image.series_uid: files} if image.series_uid else {}
    bench.scene.shown = (replace(image, node_id="other"),)
    bench.segments.refresh()
    for with_gpu in (True, False):
        assert (bench.state.command, why in bench.state.no_command) == ("", True)
        bench.hand_over.use_gpu(with_gpu)


def test_a_series_that_was_downloaded_meanwhile_has_a_command_at_the_next_choice(bench: Bench) -> None:
    bench.host.store.files, files = {}, bench.host.store.files
    bench.scene.shown = (replace(CT, node_id="other"),)
    bench.segments.refresh()
    assert "not in the DICOM database" in bench.state.no_command
    bench.host.store.files = files
    bench.hand_over.use_gpu(False)
    assert bench.state.command and not bench.state.no_command


def test_the_folder_of_a_result_is_added_and_viewers_are_opened(bench: Bench) -> None:
    bench.host.chosen_folder = "/home/me/mhub/result"
    bench.hand_over.add_result()
    bench.hand_over.open_in("volview")
    assert (bench.folders, bench.links) == (["/home/me/mhub/result"], [("series", "1.2", "volview")])


def test_a_shell_reads_folders_as_they_are(tmp_path: Path) -> None:
    odd = "/data/it's $(touch x) é"
    command = command_for("lungmask", odd, str(tmp_path / "a b"), platform="linux")
    said = subprocess.run(["sh", "-c", command.replace("docker run", "printf '%s\\n'")], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert f"{odd}:/app/data/input_data:ro" in said.stdout.splitlines()
    assert (tmp_path / "a b").is_dir() and not (tmp_path / "x").exists()
    colon = command_for("lungmask", '/data/10:30, "late"', str(tmp_path / "b"), platform="linux")
    said = subprocess.run(["sh", "-c", colon.replace("docker run", "printf '%s\\n'")], capture_output=True, text=True, check=True)
    assert 'type=bind,"source=/data/10:30, ""late""",target=/app/data/input_data,readonly' in said.stdout.splitlines()


def test_power_shell_reads_folders_as_they_are() -> None:
    windows = command_for("lungmask", r"C:\it's", r"C:\out", platform="win32")
    assert r"-v 'C:\it''s:/app/data/input_data:ro'" in windows
    # Typographic quotes end a text as well.
    typographic = command_for("lungmask", "C:\\Ann\u2019; calc \u2018", r"C:\out", platform="win32")
    assert "-v 'C:\\Ann\u2019\u2019; calc \u2018\u2018:/app/data/input_data:ro'" in typographic


def test_models_are_for_single_series_of_their_modality() -> None:
    assert {one.name for one in models_for("MR")} >= {"mrsegmentator"} and "totalsegmentator" not in {one.name for one in models_for("MR")}
    assert (models_for("US"), models_for("")) == ((), MODELS)
    assert result_folder("m", "../1.2/x", Path("/h")) == "/h/mhub/m/..1.2"


def test_what_is_said_of_the_maker_is_kept_and_goes_into_what_is_written(bench: Bench) -> None:
    def made() -> GivingBack:
        return GivingBack(bench.engine.client, bench.host.store, bench.host.settings, bench.segments, lambda do: do())

    bench.show(source("mine"))
    made().state(Statement(" Doe^Jane ", "Net", "2", "edge-detection"))
    giving_back = made()
    assert giving_back.statement == Statement("Doe^Jane", "Net", "2", "edge-detection")
    for form in ("seg", "package"):
        giving_back.start("mine", form, str(bench.folder / "mine.dcm"))  # type: ignore[arg-type]  # both are forms
        bench.engine.settle()
    asked = [*bench.engine.process.calls("export.export"), *bench.engine.process.calls("export.package")]
    assert [(one["creator"], one["algorithm"], one["algorithm_version"], one["algorithm_family"]) for one in asked] == [
        ("Doe^Jane", "Net", "2", "edge-detection")
    ] * 2


def test_a_seg_is_deflated_where_that_was_chosen_and_a_structure_set_never(bench: Bench) -> None:
    def made() -> GivingBack:
        return GivingBack(bench.engine.client, bench.host.store, bench.host.settings, bench.segments, lambda do: do())

    bench.show(source("mine"))
    assert not made().deflates
    made().deflate(True)
    giving_back = made()
    assert giving_back.deflates, "also after a restart"
    for form in ("labelmap", "rtstruct"):
        giving_back.start("mine", form, str(bench.folder / "mine.dcm"))  # type: ignore[arg-type]  # both are forms
        bench.engine.settle()
    giving_back.deflate(False)
    giving_back.start("mine", "seg", str(bench.folder / "mine.dcm"))
    bench.engine.settle()
    assert [one["compress"] for one in bench.engine.process.calls("export.export")] == [True, False, False]


def test_an_export_that_the_database_does_not_take_says_so(bench: Bench) -> None:
    bench.show(source("mine"))
    giving_back = GivingBack(bench.engine.client, bench.host.store, bench.host.settings, bench.segments, lambda do: do())
    said: list[str] = []
    giving_back.said.connect(said.append)
    giving_back.start("mine", "seg", str(bench.folder / "mine.dcm"))
    bench.engine.settle()
    assert said[-1].endswith("It is in the DICOM database as well.")
    bench.host.store.left_out = [{"file": "mine.dcm", "reason": "it is compressed by Deflate"}]
    giving_back.start("mine", "seg", str(bench.folder / "mine.dcm"))
    bench.engine.settle()
    assert said[-1].endswith("It could not be added to the DICOM database: it is compressed by Deflate")


def test_an_export_that_was_canceled_while_its_images_are_looked_up_is_over(bench: Bench) -> None:
    waiting: list[Any] = []
    bench.host.store.series_files = lambda _uid, on_done, _on_error: waiting.append(on_done)  # type: ignore[method-assign, assignment]  # a slow one
    bench.show(source("mine"))
    giving_back = GivingBack(bench.engine.client, bench.host.store, bench.host.settings, bench.segments, lambda do: do())
    giving_back.start("mine", "seg", str(bench.folder / "mine.dcm"))
    giving_back.cancel()
    waiting[0](["/image/1.dcm"])
    bench.engine.settle()
    assert not giving_back.running and not bench.engine.process.calls("export.export")
