"""A newer release of IDC, served by a mirror that may fail in any way."""

import shutil
from pathlib import Path

import pytest
from helpers.fault_proxy import fault_proxy, silent
from helpers.release_files import VERSION, served, write_release
from helpers.side_files import FileServer
from helpers.small_catalog import SERIES, series

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files import release
from IDCBrowserLib.catalog.files.sources import find_sources
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import CancelledError, IDCBrowserError, InputError, NotFoundError, StorageError, TransferError
from IDCBrowserLib.task import Progress, Task

BUNDLED = "25.0.5"
pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """26.0.1, 26.0.2 and 24.0.9, made once."""
    folder = tmp_path_factory.mktemp("releases")
    write_release(folder / VERSION, series=[*SERIES, series(99, PatientID="NEW")])
    for version in ("26.0.2", "24.0.9"):
        write_release(folder / version, version)
    return folder


@pytest.fixture
def made(releases: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(releases / VERSION, tmp_path / "mirror"))


def kept() -> list[str]:
    return sorted(path.name for path in release.folder().iterdir()) if release.folder().is_dir() else []


def test_what_is_offered_is_told_without_fetching_it(made: Path) -> None:
    with FileServer(served(made)) as server:
        offered = release.check(Task(), server.url)
        assert not any("idc_index.parquet" in path for path in server.asked)
    assert (offered.version, offered.idc_version) == (VERSION, 26)
    assert kept() == []
    assert release.check(Task(), str(made)).bytes == sum((made / f"{name}.parquet").stat().st_size for name in release.FILES)


def test_a_newer_release_is_used_until_one_goes_back(made: Path) -> None:
    told: list[Progress] = []
    with FileServer(served(made)) as server:
        assert release.update(Task(told.append), BUNDLED, server.url) == VERSION
    assert kept() == [VERSION, "in-use"]
    assert told[-1].unit == "B" and told[-1].done == sum((made / f"{name}.parquet").stat().st_size for name in release.FILES)
    sources = find_sources()
    assert (sources.data_version, sources.bundled_version) == (VERSION, BUNDLED)
    with Catalog(sources=sources) as catalog:
        info = catalog.info()
        assert (info["idc_version"], info["series"], info["index_version"], info["is_bundled"]) == ("26", len(SERIES) + 1, VERSION, False)
        assert catalog.identify("NEW") == [("cases", "lung_ct/NEW")]
    release.use_bundled()
    assert kept() == []
    assert find_sources().data_version == BUNDLED


def test_a_package_that_is_as_new_is_used_instead(made: Path) -> None:
    release.update(Task(), BUNDLED, str(made))
    assert release.in_use("25.0.5") is not None
    assert release.in_use("26.0.1") is None
    assert release.in_use("26.1.0") is None


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (lambda files: files.pop("/idc_index.parquet"), NotFoundError, r"no idc_index\.parquet"),
        (lambda files: files.update({"/idc_index.parquet.sha256": (200, {}, b"0" * 64)}), TransferError, "checksum of idc_index.parquet"),
        (lambda files: files.update({"/collections_index.parquet": (500, {}, b"")}), TransferError, "HTTP 500"),
        (
            lambda files: files.update(
                {"/prior_versions_index.parquet": (200, {}, b"<html>"), "/prior_versions_index.parquet.sha256": (404, {}, b"")}
            ),
            TransferError,
            "prior_versions_index.parquet .*cannot be read",
        ),
        (
            lambda files: files.update({"/idc_index.parquet": (200, {"Content-Length": "9999999"}, files["/idc_index.parquet"][2])}),
            TransferError,
            "was not fetched|cut off",
        ),
    ],
)
def test_a_release_that_does_not_arrive_whole_changes_nothing(made: Path, damage, error: type[Exception], message: str) -> None:
    files = served(made)
    damage(files)
    with FileServer(files) as server, pytest.raises(error, match=message):
        release.update(Task(), BUNDLED, server.url)
    assert kept() == []
    assert find_sources().data_version == BUNDLED


@pytest.mark.parametrize(("version", "installed"), [("24.0.9", BUNDLED), (VERSION, VERSION)])
def test_an_older_or_equal_release_is_refused_before_much_is_fetched(releases: Path, version: str, installed: str) -> None:
    with FileServer(served(releases / version)) as server:
        with pytest.raises(InputError, match="nothing newer"):
            release.update(Task(), installed, server.url)
        assert "/idc_index.parquet" not in server.asked


def test_files_of_several_versions_are_refused(made: Path, releases: Path) -> None:
    other = releases / "26.0.2"
    for name in ("collections_index.parquet", "collections_index.parquet.sha256"):
        (made / name).write_bytes((other / name).read_bytes())
    with pytest.raises(TransferError, match=r"several versions \(26\.0\.1, 26\.0\.2\)"):
        release.update(Task(), BUNDLED, str(made))
    assert kept() == []


def test_a_release_of_another_shape_is_refused(tmp_path: Path) -> None:
    made = write_release(tmp_path / "mirror", without=["crdc_series_uuid"])
    with pytest.raises(TransferError, match=r"lacks the column crdc_series_uuid.*Update the program"):
        release.update(Task(), BUNDLED, str(made))


def test_an_empty_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="has no rows"):
        release.update(Task(), BUNDLED, str(write_release(tmp_path / "mirror", series=[])))


def test_a_server_that_is_gone_is_told() -> None:
    with FileServer({}) as server:
        address = server.url
    with pytest.raises(TransferError, match="check the network"):
        release.check(Task(), address)


def test_a_release_that_lost_a_file_is_not_used_and_that_is_said(made: Path, releases: Path) -> None:
    assert release.problem(BUNDLED) == ""
    release.update(Task(), BUNDLED, str(made))
    found = release.in_use(BUNDLED)
    assert found is not None and release.problem(BUNDLED) == ""
    (found / "collections_index.parquet").unlink()
    assert release.in_use(BUNDLED) is None
    assert release.problem(BUNDLED) == f"collections_index.parquet of {found} is missing or damaged; update again"
    (found / "idc_index.parquet").write_bytes(b"PAR1")
    assert release.problem(BUNDLED).startswith("idc_index.parquet, collections_index.parquet of ")
    release.use_bundled()
    assert release.problem(BUNDLED) == ""


def test_cancelling_keeps_the_release_in_use(made: Path, releases: Path) -> None:
    release.update(Task(), BUNDLED, str(made))
    task = Task()
    task._on_progress = lambda progress: task.cancel()
    with pytest.raises(CancelledError):
        release.update(task, BUNDLED, str(releases / "26.0.2"))
    assert kept() == [VERSION, "in-use"]


def test_the_next_release_replaces_the_last(made: Path, releases: Path) -> None:
    release.update(Task(), BUNDLED, str(made))
    release.update(Task(), BUNDLED, str(releases / "26.0.2"))
    assert kept() == ["26.0.2", "in-use"]
    assert find_sources().data_version == "26.0.2"


@pytest.mark.parametrize("text", ["", "../../etc", "26.0.1\n27", "x" * 10_000, "99.0.0", "\udcff"])
def test_a_note_that_makes_no_sense_is_as_good_as_none(text: str) -> None:
    release.folder().mkdir(parents=True)
    (release.folder() / "in-use").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert release.in_use(BUNDLED) is None


def test_a_disk_that_cannot_be_written_is_told(made: Path, home: Path) -> None:
    home.mkdir()
    (home / "data").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        release.update(Task(), BUNDLED, str(made))


def test_the_engine_goes_on_with_the_package_when_the_release_is_damaged(made: Path) -> None:
    release.update(Task(), BUNDLED, str(made))
    path = release.folder() / VERSION / "idc_index.parquet"
    path.write_bytes(path.read_bytes()[:4] + b"\xff" * 400 + b"PAR1")
    with pytest.raises(IDCBrowserError, match="remove the folder"):
        Catalog()
    state = EngineState({})
    try:
        assert state.catalog().index_version == BUNDLED
        assert "idc_index.parquet" in state.release_problem
    finally:
        state.close()


def test_views_of_the_former_catalog_are_not_those_of_the_next(made: Path) -> None:
    state = EngineState({})
    try:
        view = state.catalog().open_view("collections")["view"]
        release.update(Task(), BUNDLED, str(made))
        catalog = state.reopen_catalog()
        assert catalog.open_view("collections")["view"] != view
        with pytest.raises(NotFoundError, match="no longer open"):
            catalog.page(view, 0, 1)
    finally:
        state.close()


def test_whoever_does_not_wait_for_the_size_of_a_release_need_not() -> None:
    task = Task()
    with fault_proxy("http://127.0.0.1:9") as proxy:
        proxy.rule = silent(task)
        # Not ``update``: what that fetches next would hear of the cancel in any case.
        with pytest.raises(CancelledError):
            release._all_bytes(proxy.url, task, None)
