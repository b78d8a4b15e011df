"""A person in a hospital sets the proxy, the mirror folders and a limit by hand, and downloads that way; the next start knows them still."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from helpers.fault_proxy import fault_proxy
from helpers.hands import Hands
from helpers.web_proxy import web_proxy
from PySide6 import QtCore, QtTest

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig

MIRROR = "mirror.idc-browser.invalid"


def fill(hands: Hands, name: str, text: str) -> None:
    hands.type_into(name, text)
    QtTest.QTest.keyClick(hands.widget(name), QtCore.Qt.Key.Key_Return)


def open_plan(hands: Hands, world: World) -> None:
    hands.program.browser.opened_set.open_sources([world.series[0].series_instance_uid])
    hands.wait(lambda: "1 series" in hands.widget("selectionTotal").text(), "the plan")


def test_proxy_mirror_folders_and_limit_are_set_by_hand_and_hold(world: World, open_window: Callable[[WindowConfig], Hands]) -> None:
    config = replace(demo_config(world), endpoint_url=None)
    with fault_proxy(world.endpoint_url) as front, web_proxy({MIRROR: front.port}) as proxy:
        hands = open_window(config)
        hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
        hands.program.browser.show_page("settings")
        fill(hands, "settingsEndpoint", f"http://{MIRROR}")
        hands.widget("settingsProxyKind").setCurrentIndex(2)
        assert hands.widget("settingsProxyProblem").isVisible()
        fill(hands, "settingsProxy", proxy.url)
        assert not hands.widget("settingsProxyProblem").isVisible()
        fill(hands, "settingsLayout", "%PatientID/..")
        assert "none may be . or .." in hands.widget("settingsLayoutProblem").text()
        fill(hands, "settingsLayout", "by case/%PatientID/%Modality_%SeriesInstanceUID")
        assert not hands.widget("settingsLayoutProblem").isVisible()
        hands.widget("settingsLimit").setValue(50.0)
        fill(hands, "settingsBundle", str(Path(world.folder) / "none.pem"))
        hands.wait(lambda: "none.pem cannot be read" in hands.widget("settingsBundleProblem").text(), "what is wrong with the file")
        hands.photograph("settings")
        open_plan(hands, world)
        hands.press("downloadButton")
        hands.wait(lambda: "1 series downloaded" in hands.message(), "the end of the download")
        downloads = Path(hands.program.browser.host.download_folder)
        assert [folder.name for folder in downloads.iterdir() if not folder.name.startswith(".")] == ["by case"]
        # How large index files are is asked of IDC by CONNECT; what is downloaded comes from the mirror.
        assert {target.split("/")[2] for method, target in proxy.asked if method != "CONNECT"} == {MIRROR}
        hands.program.close()
        again = open_window(config)
        assert again.widget("settingsProxy").text() == proxy.url
        assert (again.widget("settingsLimit").text(), again.widget("settingsBundle").text()) == ("50.0 MB/s", "")
        proxy.refuse = 407
        again.program.browser.opened_set.open_sources([world.series[-1].series_instance_uid])
        again.wait(lambda: "1 series" in again.widget("selectionTotal").text(), "the plan")
        again.press("downloadButton")
        again.wait(lambda: f"The proxy {proxy.url} does not let us reach http://{MIRROR}" in again.widget("results").toPlainText(), "the reason")
