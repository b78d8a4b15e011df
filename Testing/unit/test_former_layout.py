"""What the program left on disk before its modules were laid out anew is taken over: settings, cart, record of downloads, unfinished downloads.

The values are those that the former layout wrote.
"""

import json
import sqlite3
from pathlib import Path

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.fake_host import FakeEngine, FakeHost
from PySide6 import QtWidgets

from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.selection.cart import Cart
from IDCBrowserLib.transfer.folders.journal import Journal
from IDCBrowserLib.transfer.jobs import JobStore
from IDCBrowserLib.ui.browser_panel import BrowserPanel

FIRST, SECOND = "0a1b2c3d-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000002"
INSTANCE = "11111111-0000-4000-8000-000000000001"
FOLDER = "/data/IDC/c/P1/1.2/CT_1.2.3"
MD5 = "0cc175b9c0f1b6a831c399e269772661"
SETTINGS = {
    "DownloadFolder": "/data/IDC",
    "Transfer/Limit": "2.5",
    "Transfer/Jobs": "8",
    "Transfer/Provider": "gcs",
    "Transfer/Retries": "7",
    "Transfer/EndpointUrl": "http://127.0.0.1:9000",
    "Network/Proxy": "none",
    "Network/CertificateFile": "/etc/own.pem",
    "Index/WhenNeeded": "always",
    "Index/Source": "/media/index",
    "Release/CheckDaily": "yes",
    "Preview": "no",
    "Searches/Saved": '[["Chest CT",{"filters":{"Modality":["CT"]}}]]',
    "Searches/Recent": '[{"at":1795938179.1923668,"search":{"filters":{"Modality":["CT"]}}}]',
    "Sql/Recent": '["SELECT 1"]',
    "Sql/Saved": '[["one","SELECT 1"]]',
    "Splitter/topSplitter": "[86,86]",
    "Columns/studies": '[["status",104,true],["StudyDate",80,true],["StudyDescription",188,false]]',
    "Place": '{"top":"collections","selected":{},"rows":{"collections":0},"filters":{"Modality":["CT"]}}',
}
CART = (
    '{"version": 2, "parts": [{"level": "collections", "ids": ["nlst"]}, '
    '{"level": "cases", "ids": ["rider_pilot/RIDER-1"], "filters": {"Modality": ["CT"]}}, {"level": "series", "ids": ["1.2.3"]}]}'
)
OPTIONS = {
    "provider": "auto",
    "jobs": 8,
    "endpoint_url": None,
    "gcs_endpoint_url": None,
    "wait_for_room": True,
    "retry_count": 5,
    "attempts": 3,
    "list_attempts": 4,
    "first_wait_s": 0.3,
    "stall_s": 30.0,
    "limit_rate": 2000000.0,
}
ABOUT = {"load": True, "with_references": True, "series": 2, "bytes": 2000, "collections": 1, "collection": "nlst", "cases": 1, "case": "P1"}
JOBS = f"""
CREATE TABLE jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, options TEXT NOT NULL, begun REAL NOT NULL,
    about TEXT NOT NULL DEFAULT '{{}}', place REAL NOT NULL DEFAULT 0);
CREATE TABLE job_series (job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, position INTEGER NOT NULL, crdc_series_uuid TEXT NOT NULL,
    instances TEXT NOT NULL, PRIMARY KEY (job, position)) WITHOUT ROWID;
INSERT INTO jobs VALUES(1,'/data/IDC','{json.dumps(OPTIONS)}',0.0,'{json.dumps(ABOUT)}',1.0);
INSERT INTO job_series VALUES(1,0,'{FIRST}','');
INSERT INTO job_series VALUES(1,1,'{SECOND}','{INSTANCE}');
"""
JOURNAL = f"""
CREATE TABLE completed (folder TEXT PRIMARY KEY, crdc_series_uuid TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE verified (folder TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, md5 TEXT NOT NULL,
    boot TEXT NOT NULL, uptime REAL NOT NULL, PRIMARY KEY (folder, name)) WITHOUT ROWID;
CREATE INDEX unsettled ON verified (boot, uptime) WHERE boot != '';
INSERT INTO completed VALUES('{FOLDER}','{FIRST}');
INSERT INTO verified VALUES('{FOLDER}','a.dcm',100,1700000000000000000,'{MD5}','former',5000.0);
PRAGMA user_version = 2;
"""


def write_database(path: Path, statements: str) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(statements)
    connection.close()
    return path


@pytest.fixture
def browser() -> Browser:
    """As it starts for somebody who has used the former layout."""
    host = FakeHost()
    host.settings.values.update(SETTINGS)
    engine = FakeEngine({**FakeCatalog().handlers(), "engine.set_network": lambda _parameters: {}})
    made = Browser(engine.client, host, lambda do: do())
    made.start()
    engine.settle()
    return made


def test_saved_and_recent_searches_are_there(browser: Browser) -> None:
    assert browser.searches.saved.all() == {"Chest CT": {"filters": {"Modality": ["CT"]}}}
    ((at, search),) = browser.searches.history()
    assert at == 1795938179.1923668 and search.filters == {"Modality": ["CT"]}


def test_saved_and_recent_queries_are_there(browser: Browser) -> None:
    assert browser.query.recent.all() == ["SELECT 1"]
    assert browser.query.saved.all() == {"one": "SELECT 1"}


def test_settings_of_downloads_and_network_are_in_force(browser: Browser) -> None:
    names = ("limit_rate", "jobs", "provider", "retry_count", "endpoint_url", "proxy", "ca_bundle")
    assert [browser.settings.text(name) for name in names] == ["2.5", "8", "gcs", "7", "http://127.0.0.1:9000", "none", "/etc/own.pem"]


def test_index_files_come_from_where_they_came(browser: Browser) -> None:
    assert (browser.indices.policy, browser.indices.source) == ("always", "/media/index")


def test_the_filters_are_those_of_the_last_time(browser: Browser) -> None:
    assert browser.filters.for_engine() == {"Modality": ["CT"]}


def test_the_window_asks_for_what_it_wrote(app: QtWidgets.QApplication) -> None:
    host = FakeHost()
    host.settings.set_value("Browse/AllTables", "yes")
    asked: set[str] = set()
    read = host.settings.value
    host.settings.value = lambda key, default: (asked.add(key), read(key, default))[1]  # type: ignore[method-assign]
    engine = FakeEngine({**FakeCatalog().handlers(), "engine.set_network": lambda _parameters: {}})
    browser = Browser(engine.client, host, lambda do: do())
    browser.start()
    engine.settle()
    BrowserPanel(browser)
    assert {key for key in SETTINGS if key.startswith(("Columns/", "Place", "Preview", "Release/", "Splitter/"))} - asked == set()


def test_the_cart_holds_what_it_held(tmp_path: Path) -> None:
    (tmp_path / "cart.json").write_text(CART)
    assert Cart(tmp_path / "cart.json").state.selections() == [
        {"level": "collections", "ids": ["nlst"]},
        {"level": "cases", "ids": ["rider_pilot/RIDER-1"], "filters": {"Modality": ["CT"]}},
        {"level": "series", "ids": ["1.2.3"]},
    ]


def test_an_unfinished_download_is_offered_with_its_options(tmp_path: Path) -> None:
    (job,) = JobStore(write_database(tmp_path / "transfers-jobs.sqlite", JOBS)).leftover()
    assert (job.number, job.destination, job.begun, job.about) == (1, Path("/data/IDC"), 0.0, ABOUT)
    assert job.series == ((FIRST, ()), (SECOND, (INSTANCE,)))
    assert {name: getattr(job.options, name) for name in OPTIONS} == OPTIONS


def test_what_was_verified_is_not_read_again(tmp_path: Path) -> None:
    path = write_database(tmp_path / "transfers.sqlite", JOURNAL)
    assert Journal(path, boot_id="former", uptime=lambda: 6000.0).entries(Path(FOLDER)) == {"a.dcm": (100, 1700000000000000000, MD5)}
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT * FROM completed").fetchall() == [(FOLDER, FIRST)]
    connection.close()
