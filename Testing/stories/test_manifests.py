"""A person opens a manifest: sees what it would fetch, what it names in vain, and downloads it by a click."""

from pathlib import Path

import pytest
from helpers.hands import Hands

from IDCBrowserLib.demo.world import World


@pytest.fixture
def manifest(world: World, tmp_path: Path) -> Path:
    path = tmp_path / "from-the-portal.s5cmd"
    lines = [f"cp s3://idc-open-data/{series.crdc_series_uuid}/* ." for series in world.series[:2]]
    path.write_text("\n".join(["# from the portal", *lines, "rm s3://idc-open-data/everything/*", "hello"]), encoding="utf-8")
    return path


def open_manifest(hands: Hands, path: Path) -> None:
    hands.program.host.choose_manifests = lambda: [str(path)]
    hands.trigger("openManifestAction")


def test_a_manifest_is_understood_first_and_downloaded_by_a_click(hands: Hands, manifest: Path) -> None:
    open_manifest(hands, manifest)
    hands.wait(lambda: "2 series" in hands.widget("selectionTotal").text(), "the plan")
    assert "2 lines skipped" in hands.widget("selectionLevels").text()
    results = hands.widget("results").toPlainText()
    assert "from-the-portal.s5cmd, line 4" in results and "from-the-portal.s5cmd, line 5" in results
    downloads = Path(hands.program.host.download_folder)
    assert not list(downloads.rglob("*.dcm")), "nothing is downloaded before the person says so"
    hands.photograph("manifest")
    hands.press("downloadButton")
    hands.wait(lambda: "2 series downloaded" in hands.message(), "the end of the download")
    assert list(downloads.rglob("*.dcm"))
    hands.press("clearPlanButton")
    assert hands.widget("selectionTotal").text() == "Nothing selected"


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\x00\x01\x02\xff" * 500, b"rm -rf /\ncp s3://a/b ../../etc\n"])
def test_a_hostile_or_empty_file_gives_one_message_in_place(hands: Hands, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.s5cmd"
    path.write_bytes(content)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    open_manifest(hands, path)
    hands.wait(lambda: "odd.s5cmd" in hands.message(), "a message")
    assert not hands.widget("downloadButton").isEnabled()
    assert list(tmp_path.rglob("*.dcm")) == []
