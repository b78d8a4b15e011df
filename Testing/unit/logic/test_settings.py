"""The settings without widgets: what is checked, stored, and told to the engine."""

from __future__ import annotations

import pytest
from helpers.fake_host import FakeEngine, FakeSettings

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.logic.downloads.download import DownloadOverrides
from IDCBrowserLib.logic.settings.settings import DownloadSettings, stored_options
from IDCBrowserLib.network import Network


def _no_bundle(parameters):
    if parameters["path"] != "/good.pem":
        raise InputError(f"{parameters['path']} contains no certificates. Choose a file in PEM format.")
    return {}


class Made:
    def __init__(self, given=None, **stored):
        self.engine = FakeEngine({"engine.set_network": lambda parameters: {}, "engine.check_bundle": _no_bundle})
        self.stored = FakeSettings()
        self.stored.values.update(stored)
        self.settings = DownloadSettings(self.engine.client, self.stored, given or DownloadOverrides())
        self.told = []
        self.settings.changed.connect(self.told.append)

    def put(self, name, text):
        self.settings.put(name, text)
        self.engine.settle()


def test_without_changes_downloads_use_both_providers_and_the_engine_is_told_nothing():
    made = Made()
    made.engine.client.start()
    made.engine.settle()
    assert made.settings.parameters() == {"provider": "auto"}
    assert made.engine.process.asked == []


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("provider", "gcs", "Transfer/Provider"),
        ("jobs", "8", "Transfer/Jobs"),
        ("retry_count", "0", "Transfer/Retries"),
        ("endpoint_url", "https://mirror.example.org", "Transfer/EndpointUrl"),
    ],
)
def test_what_makes_sense_is_stored_and_goes_with_the_next_download(name, text, key):
    made = Made()
    made.put(name, f" {text} ")
    assert made.stored.values == {key: text}
    assert str(made.settings.parameters()[name]) == text
    assert (made.settings.text(name), made.settings.problem(name), made.told) == (text, "", [name])


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("jobs", "0", "from 1 to 1,024"),
        ("jobs", "many", "from 1 to 1,024"),
        ("retry_count", "-1", "from 0 to 100"),
        ("provider", "azure", "azure"),
        ("limit_rate", "fast", "MB per second"),
        ("limit_rate", "0.01", "0.05 MB/s or more"),
        ("limit_rate", "nan", "not possible"),
        ("keep_free", "-1", "number of GB"),
        ("keep_free", "nan", "number of GB"),
        ("keep_free", "1e300", "number of GB"),
        ("keep_free", "much", "number of GB"),
        ("endpoint_url", "mirror", "https://host"),
        ("idc_tables", "https://example.org/tables", "s3://bucket/prefix"),
        ("idc_tables", "/no/such/folder", "not a folder"),
        ("proxy", "proxy:8080", "http://host:port"),
        ("proxy", "socks5://proxy:1", "http://host:port"),
        ("proxy", "", "http://host:port"),
        ("ca_bundle", "/bad.pem", "contains no certificates"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(name, text, part):
    made = Made()
    before = made.settings.parameters()
    made.put(name, text)
    assert part in made.settings.problem(name)
    assert made.settings.text(name) == text
    assert (made.stored.values, made.settings.parameters()) == ({}, before)
    assert made.engine.process.calls("engine.set_network") == []


def test_tables_of_idc_are_looked_for_where_they_were_set_else_at_the_mirror(tmp_path):
    made = Made(**{"Transfer/EndpointUrl": "https://mirror.example.org"})
    assert made.settings.tables_source() == {"endpoint_url": "https://mirror.example.org"}
    made.put("idc_tables", str(tmp_path))
    assert made.settings.tables_source() == {"endpoint_url": "https://mirror.example.org", "location": str(tmp_path)}
    assert made.stored.values["Reports/Tables"] == str(tmp_path)


@pytest.mark.parametrize("below", ["{release}", "idc_v{release}", "{release}/tables", "tables {release}/all"])
def test_the_release_may_stand_anywhere_in_the_folder_of_idcs_tables(tmp_path, below):
    made = Made()
    made.put("idc_tables", str(tmp_path / below))
    assert (made.settings.problem("idc_tables"), made.settings.tables_source()) == ("", {"location": str(tmp_path / below)})
    made.put("idc_tables", str(tmp_path / "nowhere" / below))
    assert "is not a folder" in made.settings.problem("idc_tables")


def test_a_password_in_a_proxy_is_not_repeated():
    made = Made()
    made.put("proxy", "ftp://me:secret@proxy")
    assert "secret" not in made.settings.problem("proxy")


def test_the_engine_learns_of_proxy_and_certificates_at_once_and_after_each_start():
    made = Made()
    made.put("proxy", "http://proxy.example.org:8080")
    made.put("ca_bundle", "/good.pem")
    wanted = {"proxy": "http://proxy.example.org:8080", "ca_bundle": "/good.pem", "limit_rate": 0.0}
    assert made.engine.process.calls("engine.set_network")[-1] == wanted
    made.engine.process.alive = False
    made.engine.settle()
    assert made.engine.process.calls("engine.set_network") == [wanted]


def test_a_limit_reaches_the_engine_at_once_in_bytes():
    made = Made()
    made.engine.client.start()
    made.engine.settle()
    made.put("limit_rate", "2.5")
    assert made.engine.process.calls("engine.set_network") == [{"proxy": "environment", "ca_bundle": "", "limit_rate": 2.5e6}]
    assert made.settings.parameters() == {"provider": "auto"}


def test_of_two_files_typed_in_a_row_the_answer_for_the_last_counts():
    made = Made()
    made.engine.process.hold("engine.check_bundle")
    made.settings.check("ca_bundle", "/bad.pem")
    made.settings.put("ca_bundle", "/good.pem")
    made.engine.process.release("engine.check_bundle")
    made.engine.settle()
    assert made.settings.problem("ca_bundle") == ""
    assert made.stored.values == {"Network/CertificateFile": "/good.pem"}


def test_what_is_stored_and_no_value_is_as_good_as_none():
    made = Made(**{"Transfer/Jobs": "lots", "Transfer/Provider": "x", "Transfer/EndpointUrl": "ftp:", "Network/Proxy": "?"})
    assert made.settings.parameters() == {"provider": "auto"}
    assert made.settings.text("proxy") == "environment"


def test_what_was_given_at_the_start_holds_for_this_run_alone():
    made = Made(DownloadOverrides(endpoint_url="http://127.0.0.1:1", jobs=2), **{"Transfer/EndpointUrl": "https://mirror.example.org"})
    assert made.settings.parameters() == {"provider": "auto", "jobs": 2, "endpoint_url": "http://127.0.0.1:1"}
    assert made.settings.is_given("endpoint_url") and not made.settings.is_given("provider")
    assert made.settings.text("endpoint_url") == "http://127.0.0.1:1"


def test_restoring_brings_back_what_comes_with_the_program():
    made = Made(**{"Transfer/Jobs": "3"})
    made.put("proxy", "none")
    made.put("endpoint_url", "nonsense")
    made.settings.restore()
    made.engine.settle()
    assert made.settings.parameters() == {"provider": "auto"}
    assert (made.settings.text("proxy"), made.settings.problem("endpoint_url")) == ("environment", "")
    assert made.engine.process.calls("engine.set_network")[-1] == {"proxy": "environment", "ca_bundle": "", "limit_rate": 0.0}


def test_a_layout_of_the_folders_is_checked_and_goes_with_each_download():
    made = Made()
    made.put("layout", "%collection_id/%PatientId")
    assert "did you mean %PatientID?" in made.settings.problem("layout") and "--layout" not in made.settings.problem("layout")
    assert "layout" not in made.settings.parameters()
    made.put("layout", "%PatientID/%SeriesInstanceUID")
    assert made.settings.problem("layout") == "" and made.settings.parameters()["layout"] == "%PatientID/%SeriesInstanceUID"
    assert stored_options(made.stored).layout == "%PatientID/%SeriesInstanceUID"
    made.put("layout", "")
    assert "layout" not in made.settings.parameters()


def test_a_download_in_another_process_gets_the_same():
    made = Made(
        **{
            "Transfer/Jobs": "9",
            "Transfer/Limit": "2.5",
            "Transfer/Retries": "no number",
            "Network/Proxy": "none",
            "Network/CertificateFile": "/ca.pem",
        }
    )
    options = stored_options(made.stored)
    assert (options.provider, options.jobs, options.limit_rate, options.retry_count, options.endpoint_url) == ("auto", 9, 2.5e6, 5, None)
    assert options.network == Network("none", "/ca.pem")


def test_disk_space_that_stays_free_goes_with_each_download():
    made = Made()
    assert "keep_free" not in made.settings.parameters()
    made.put("keep_free", "1.5")
    assert made.settings.parameters()["keep_free"] == 1_500_000_000
