"""A person fills the cart over two sessions, chooses a part, saves a manifest, and gets exactly these series with the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.hands import Hands
from PySide6 import QtCore, QtTest

from IDCBrowserLib.cli.main import main
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.logic.base.state import Phase


@pytest.fixture
def config(world: World) -> WindowConfig:
    return demo_config(world)


def first_id(hands: Hands, level: str) -> str:
    """Of the row at the top of a table, "" while it is not there."""
    tables = hands.program.browser.tables
    row = tables.rows(level).row(0) if tables.state(level).phase is Phase.READY and hands.rows(level) else None
    return tables.id_of(level, row) if row is not None else ""


def add_case(hands: Hands, collection: str) -> None:
    """The first case of a collection, by clicks."""
    hands.type_into("collectionsFilter", collection)
    hands.wait(lambda: first_id(hands, "collections") == collection, collection)
    hands.click_row("collections", 0)
    hands.wait(lambda: first_id(hands, "cases").startswith(f"{collection}/"), "its cases")
    hands.click_row("cases", 0)
    before = hands.program.browser.cart.state.count
    hands.press("addToCartButton")
    hands.wait(lambda: hands.program.browser.cart.state.count == before + 1, "one more case in the cart")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict]:
    capsys.readouterr()
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_cart_outlives_the_window_and_its_manifest_gives_the_same_series(
    config: WindowConfig,
    world: World,
    open_window: Callable[[WindowConfig], Hands],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hands = open_window(config)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    for collection in (world.collection_id, "rider_pilot", "prostatex"):
        add_case(hands, collection)
    hands.window.close()

    hands = open_window(config)
    hands.wait(lambda: hands.program.browser.cart.state.count == 3, "the cart of the last session")
    hands.program.browser.show_page("cart")
    state = lambda: hands.program.browser.cart.state  # noqa: E731
    hands.wait(lambda: len(state().groups) == 3 and state().totals, "what is in it")
    hands.photograph("cart")
    # Only the phantom can be downloaded here: the others are taken out again.
    tree = hands.widget("cartTree")
    for number in range(tree.topLevelItemCount()):
        tree.topLevelItem(number).setSelected(tree.topLevelItem(number).text(0) != "Demo-Phantom")
    tree.setFocus()
    QtTest.QTest.keyClick(tree, QtCore.Qt.Key.Key_Delete)
    hands.wait(lambda: state().count == 1, "one case")
    hands.widget("cartReferences").setChecked(False)
    hands.widget("cartPart").setCurrentIndex(2)
    hands.widget("cartPart").activated.emit(2)
    hands.wait(lambda: state().totals and state().content.preset == "annotations", "the annotations")
    expected = state().totals["series"]
    manifest = tmp_path / "cart.lock.json"
    hands.choose_file_next(manifest)
    next(action for action in hands.widget("cartSaveButton").menu().actions() if action.objectName() == "lockSaveAction").trigger()
    hands.wait(manifest.exists, "the lock file")

    sources = [part for path in world.catalog_sources for part in ("--catalog-source", str(path))]
    code, plan = run(capsys, "plan", str(manifest), *sources)
    assert (code, plan["series_count"], plan["unresolved"]) == (0, expected, [])
    assert {item["Modality"] for item in plan["series"]} <= {"SEG", "RTSTRUCT", "SR"} and expected > 1
    code, done = run(capsys, "download", str(manifest), "--to", str(tmp_path / "got"), "--endpoint-url", world.endpoint_url, *sources)
    assert code == 0 and {item["state"] for item in done["series"]} == {"complete"}
    assert {item["crdc_series_uuid"] for item in done["series"]} == {item["crdc_series_uuid"] for item in plan["series"]}
