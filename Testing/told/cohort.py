"""What a cohort is for: named for others, compared with a former release, kept on this computer."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb
from helpers.person import Person, clipboard

from IDCBrowserLib.demo.world import World
from told.shelf import open_phantom, series_of

# Its series were added and revised in several releases.
_COLLECTION, _RELEASE = "tcga_kich", 23
_CT = "Abdomen 4.0 soft tissue"
_FILES = {"cohort.lock.json", "cohort_aws.s5cmd", "cohort.csv", "METHODS.txt", "citations.json", "citations.bib", "README.txt"}


def it_is_compared_with_a_former_release(person: Person, index: duckdb.DuckDBPyConnection) -> None:
    """What is shown, with the numbers of the version columns; a new series is shown in the tables."""
    own = f"collection_id = '{_COLLECTION}'"
    query = (
        f"SELECT count(*) FILTER (series_init_idc_version > {_RELEASE}), "
        f"count(*) FILTER (series_init_idc_version <= {_RELEASE} AND series_revised_idc_version > {_RELEASE}) FROM idc WHERE {own}"
    )
    added, revised = index.execute(query).fetchone() or (0, 0)
    assert added and revised
    person.type_into("collectionsFilter", "TCGA-KICH")
    person.wait(lambda: person.rows("collections") == 1, "the collection")
    person.browser.show_page("changes")
    release = person.widget("changesRelease")
    person.wait(release.isEnabled, "the releases")
    texts = [release.itemText(number) for number in range(int(release.property("count")))]
    person.key(release, "Home")
    for _ in range(texts.index(str(_RELEASE))):
        person.key(release, "Down")
    person.press("compareReleaseButton")
    person.wait(lambda: person.browser.changes.state.rows, "what has changed")
    assert f"New in IDC: {added:,}; Revised: {revised:,}" in person.shown_text("changesText")
    person.photograph("changes")
    table = person.widget("changesTable")
    assert table.model().rowCount() == added + revised
    person.click_index(table, table.model().index(0, 0))
    person.press("changesShowButton")
    first = person.browser.changes.state.rows[0].series_uid
    person.wait(lambda: person.browser.tables.selected_ids("series") == (first,), "the series in the tables")


def it_is_shared_as_a_folder_and_checked(person: Person, world: World, folder: Path) -> None:
    """The menu below "Save as" writes it; the page "Changes" says that all of it is the same; the lock file opens with Ctrl+M."""
    open_phantom(person, world)
    person.select_all("series")
    person.wait(lambda: person.selected_series() > 3, "the selection")
    count = person.selected_series()
    shared = folder / "shared"
    person.choose_folder_next(shared)
    person.choose("saveSelectionButton", "folderSaveAction")
    person.wait((shared / "README.txt").is_file, "the folder")
    assert {path.name for path in shared.iterdir()} >= _FILES
    assert "Ctrl+M" in (shared / "README.txt").read_text(encoding="utf-8")
    with (shared / "cohort.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["SeriesInstanceUID"] for row in csv.DictReader(file)}
    assert listed == set(person.browser.tables.selected_ids("series")) and len(listed) == count
    for entry, beginning in (("methodsAction", "Data: "), ("bibtexAction", "@")):
        person.choose("saveSelectionButton", entry)
        person.wait(lambda beginning=beginning: clipboard().startswith(beginning), f"the copied text of {entry}")
    person.browser.show_page("changes")
    person.choose_folder_next(shared)
    person.press("checkFolderButton")
    person.wait(lambda: f"{count} of {count} series are identical" in person.shown_text("changesText"), "that it is the same")
    person.photograph("shared-checked")
    person.browser.show_page("browse")
    person.open_manifest(shared / "cohort.lock.json")
    person.wait(lambda: person.shown_text("workingSetChip") == f"Only cohort.lock.json, {count} series  ×", "the cohort again")
    person.press("workingSetChip")
    person.wait(lambda: not person.widget("workingSetChip").isVisible(), "everything")


def download(person: Person, text: str, world: World) -> None:
    """Select the series with a text in its row, and press "Download"."""
    open_phantom(person, world)
    person.click_row("series", person.find_row("series", text))
    person.wait(lambda: person.selected_series() == 1, "one series")
    person.press("downloadButton")
    person.wait(lambda: person.browser.downloads.state.running, "the download")
    person.wait(lambda: not person.browser.downloads.state.running, "its end", 180)


def show_storage(person: Person) -> Any:
    """The tree of what is here, opened."""
    person.browser.show_page("storage")
    state = person.browser.storage
    person.wait(lambda: state.state.document is not None and not state.state.work, "what is kept")
    tree = person.widget("storageSeries")

    def opened() -> bool:
        tree.expandAll()
        return find(tree, _CT) is not None

    person.wait(opened, "the series below the case")
    return tree


def find(view: Any, text: str, above: Any = None) -> Any:
    """The deepest row of a tree whose first cell holds a text, or None."""
    model = view.model()
    for row in range(model.rowCount(above) if above is not None else model.rowCount()):
        index = model.index(row, 0, above) if above is not None else model.index(row, 0)
        below = find(view, text, index)
        if below is not None:
            return below
        if text in str(index.data()):
            return index
    return None


def what_is_here_is_listed_cited_and_removed(person: Person, world: World) -> None:
    """Each row of the page "Storage" has the menu of all rows; removing asks first, then the files are gone."""
    download(person, _CT, world)
    ct = series_of(world, "ct")
    tree = show_storage(person)
    person.photograph("storage")
    person.choose_for_row(tree, find(tree, _CT), "Copy UIDs")
    person.wait(lambda: clipboard() == ct.series_instance_uid, "its UID")
    person.choose_for_row(tree, find(tree, _CT), "Copy citations")
    person.wait(lambda: clipboard() != ct.series_instance_uid, "the citations")
    opened: list[str] = []
    person.host.open_url = opened.append
    person.choose_for_row(tree, find(tree, _CT), "Show folder")
    person.wait(lambda: opened, "the folder")
    folder = Path(unquote(urlsplit(opened[0]).path))
    assert len(list(folder.rglob("*.dcm"))) == len(ct.files)
    person.choose_for_row(tree, find(tree, _CT), "Remove...")
    person.wait(person.widget("storageQuestion").isVisible, "the question")
    person.photograph("storage-question")
    person.press("storageConfirmButton")
    person.wait(lambda: "Removed 1 series" in person.message(), "what was removed")
    assert not list(folder.rglob("*.dcm"))
