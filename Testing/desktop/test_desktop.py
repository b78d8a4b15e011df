"""The ready-made desktop from a bare machine to a picture in a web page. Run by ``make desktop``; needs root, debootstrap, chromium and a network.

The tests follow each other on one machine, in this order.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from bare_machine import PORT, USER, BareMachine, wait_until
from web_page import ADDRESS, Desktop, browser_page, colored

from IDCBrowserLib.demo.identity import PATIENT_ID
from IDCBrowserLib.demo.world import World, open_world

SOURCE = Path(__file__).resolve().parents[2]
DESKTOP = SOURCE / "Resources" / "Desktop"
SCRIPT = "/src/Resources/Desktop/desktop.sh"
INSTALL = [SCRIPT, "install", "--from", "/wheelhouse", "--shared", "/data/idc"]
# Slow enough that the download is seen running.
LIMIT_MB_S = "0.6"
BYTES_AT_REST = 5_000
BYTES_WHILE_DOWNLOADING = 200_000
PARTS = ("Xtigervnc", "openbox", "idc-browser window", "session_server.py", "desktop.sh _guard", "supervisord --nodaemon")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareMachine]:
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        pytest.skip("needs root and debootstrap")
    if sys.version_info[:2] != (3, 11):
        pytest.skip("the wheels are made by this Python for that of Debian 12, which is 3.11")
    made = BareMachine(tmp_path_factory.mktemp("machine") / "root", tmp_path_factory.mktemp("stick") / "wheelhouse")
    command = [str(Path(sys.executable).with_name("idc-browser")), "wheelhouse", "--to", str(made.wheelhouse)]
    subprocess.run([*command, "--platform", "linux", "--python", "3.11", "--standalone"], check=True, stdout=subprocess.DEVNULL)
    made.make()
    made.run([SCRIPT, "packages"])
    yield made
    for pid in made.processes():
        made.kill(pid)


@pytest.fixture(scope="module")
def world(machine: BareMachine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = open_world(phantom_folder=tmp_path_factory.mktemp("phantom"))
    (machine.root / "srv").mkdir(exist_ok=True)
    for file in made.catalog_sources:
        shutil.copy(file, machine.root / "srv")
    yield made
    made.close()


def start(machine: BareMachine, world: World) -> str:
    """Start the session; gives its password."""
    sources = " ".join(f"--catalog-source /srv/{file.name}" for file in world.catalog_sources)
    machine.run_as_user(["idc-browser-desktop", "start"], f"{sources} --endpoint-url {world.endpoint_url}")
    return machine.run_as_user(["idc-browser-desktop", "password"]).stdout.strip()


def pids(machine: BareMachine, part: str) -> list[int]:
    return [pid for pid, command in machine.processes().items() if part in command and "setpriv" not in command]


def test_it_installs_from_a_wheelhouse_without_a_network(machine: BareMachine) -> None:
    machine.run(INSTALL, network=False)
    assert "idc-browser" in machine.run_as_user(["idc-browser", "--version"]).stdout


def test_a_second_run_changes_nothing(machine: BareMachine) -> None:
    before = [machine.state_of_files(folder) for folder in ("/opt", "/usr/local", "/etc")]
    machine.run(INSTALL, network=False)
    assert [machine.state_of_files(folder) for folder in ("/opt", "/usr/local", "/etc")] == before


def test_slicers_python_gets_its_packages_without_a_network(machine: BareMachine) -> None:
    machine.run(["sh", "-c", "mkdir -p /opt/Slicer/bin && python3 -m venv /opt/Slicer/lib && install /dev/null /opt/Slicer/Slicer"])
    launcher = machine.root / "opt" / "Slicer" / "bin" / "PythonSlicer"
    launcher.write_text('#!/bin/sh\nexec /opt/Slicer/lib/bin/python "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)
    install = [*INSTALL, "--slicer", "/opt/Slicer"]
    assert "done" in machine.run(install, network=False).stdout
    assert "already" in machine.run(install, network=False).stdout
    machine.run(["/opt/Slicer/lib/bin/python", "-c", "import duckdb, idc_index, pydicom"], network=False)
    # The sessions of the other tests are those of the standalone program.
    machine.run(["rm", "/opt/idc-browser/slicer"])


def test_root_starts_no_session(machine: BareMachine) -> None:
    done = machine.run(["idc-browser-desktop", "start"], check=False)
    assert done.returncode == 5 and "ordinary user" in done.stderr


def test_everything_of_a_first_start_is_done_beforehand(machine: BareMachine) -> None:
    machine.run(["idc-browser", "setup", "--all-users", "--set", f"Transfer/Limit={LIMIT_MB_S}", "--yes"], network=False)
    done = machine.run_as_user(["idc-browser", "setup", "--yes"])
    assert "failed" not in done.stdout
    assert (machine.root / "home" / USER / ".local/share/IDCBrowser/DICOM/ctkDICOM.sql").is_file()


def test_a_person_finds_a_case_downloads_it_and_sees_it_in_the_web_page(machine: BareMachine, world: World) -> None:
    password = start(machine, world)
    assert len(password) >= 12
    with browser_page() as page:
        desktop = Desktop(page)
        desktop.open(password)
        desktop.wait_for_window()
        desktop.wait_for_rest()
        _check_rate(desktop, 5.0, BYTES_AT_REST)
        page.keyboard.press("Control+f")
        before = desktop.picture()
        page.keyboard.type(PATIENT_ID, delay=30)
        desktop.wait_for_change(before, "hits are listed", 2_000)
        desktop.wait_for_rest()
        before = desktop.picture()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        desktop.wait_for_change(before, "the case is shown", 10_000)
        desktop.wait_for_rest()
        assert colored(desktop.picture()[:, 640:]) < 20_000
        page.keyboard.press("Alt+l")
        page.wait_for_timeout(2_000)
        _check_rate(desktop, 5.0, BYTES_WHILE_DOWNLOADING)
        wait_until(lambda: _shows_segments(desktop), "segments over the CT are seen", 300)
        desktop.wait_for_rest()
        _check_rate(desktop, 5.0, BYTES_AT_REST)
        _keep_picture(desktop)
        assert desktop.state()["series"] == 6


def test_a_link_asks_and_then_opens_the_series(machine: BareMachine, world: World) -> None:
    password = machine.run_as_user(["idc-browser-desktop", "password"]).stdout.strip()
    uid = next(one.series_instance_uid for one in world.series if one.key == "ct")
    with browser_page() as page:
        desktop = Desktop(page)
        desktop.open(password, f"?series={uid}")
        assert uid in page.inner_text("#link")
        page.click("#open-link")
        page.wait_for_selector("#state", state="hidden", timeout=120_000)
        opened = machine.root / "tmp" / f"idc-browser-desktop-{_user_id(machine)}" / "inbox" / "opened"
        wait_until(lambda: opened.is_dir() and any(uid in file.read_text("utf-8") for file in opened.iterdir()), "the window takes the link")
        manifest = {"name": "cart.s5cmd", "mimeType": "text/plain", "buffer": b"cp s3://idc-open-data/x/* .\n"}
        page.set_input_files("#file", files=[manifest])  # type: ignore[list-item]
        wait_until(lambda: any(file.name.endswith("cart.s5cmd") for file in opened.iterdir()), "the window takes the manifest")
        desktop.drop("dropped.csv", "SeriesInstanceUID\n1.2.3\n")
        wait_until(lambda: any(file.name.endswith("dropped.csv") for file in opened.iterdir()), "the window takes the dropped list")


def test_text_goes_both_ways_through_the_clipboard(machine: BareMachine) -> None:
    password = machine.run_as_user(["idc-browser-desktop", "password"]).stdout.strip()
    with browser_page() as page:
        desktop = Desktop(page)
        desktop.open(password)
        desktop.wait_for_window()
        desktop.keys("Control+f", "Control+a")
        page.keyboard.type("from the window", delay=30)
        desktop.keys("Control+a", "Control+c")
        wait_until(lambda: desktop.clipboard() == "from the window", "what is copied in the window arrives in the page")
        page.evaluate("document.getElementById('menu').open = true")
        page.fill("#clipboard", "from the page")
        page.evaluate("document.getElementById('menu').open = false")
        page.focus("#screen canvas")
        desktop.keys("Control+f", "Control+a", "Control+v", "End")
        page.keyboard.type("!", delay=30)
        desktop.keys("Control+a", "Control+c")
        wait_until(lambda: desktop.clipboard() == "from the page!", "what is typed in the page can be pasted in the window")
        desktop.keys("Control+a", "Delete")


def test_without_the_password_a_browser_sees_the_login_page_alone(machine: BareMachine) -> None:
    with browser_page() as page:
        page.goto(f"{ADDRESS}/desktop")
        assert "password" in page.content().lower() and page.query_selector("canvas") is None


def test_it_listens_on_this_machine_alone(machine: BareMachine) -> None:
    listening = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    addresses = {line[1].partition(":")[0] for line in listening if line[3] == "0A" and int(line[1].partition(":")[2], 16) == PORT}
    assert addresses == {"0100007F"}


@pytest.mark.parametrize("part", PARTS)
def test_the_session_survives_the_end_of_each_of_its_processes(machine: BareMachine, part: str) -> None:
    (before,) = pids(machine, part)[:1]
    machine.kill(before)
    wait_until(lambda: all(pids(machine, one) for one in PARTS) and before not in pids(machine, part), f"{part} is there again")
    password = machine.run_as_user(["idc-browser-desktop", "password"]).stdout.strip()
    with browser_page() as page:
        desktop = Desktop(page)
        desktop.open(password)
        desktop.wait_for_window()


def test_the_end_of_a_session_in_its_menu_leaves_no_process_and_is_final(machine: BareMachine) -> None:
    password = machine.run_as_user(["idc-browser-desktop", "password"]).stdout.strip()
    with browser_page() as page:
        Desktop(page).open(password)
        page.on("dialog", lambda dialog: dialog.accept())
        page.click("#menu summary")
        page.click("#end")
        page.wait_for_function("document.getElementById('state').textContent === 'The session has ended.'", timeout=60_000)
    wait_until(lambda: not machine.processes(), "all processes end")
    assert machine.run_as_user(["idc-browser-desktop", "status"], check=False).returncode == 3


def test_a_session_that_was_ended_starts_again_and_asks_an_open_page_for_the_password(machine: BareMachine, world: World) -> None:
    password = start(machine, world)
    with browser_page() as page:
        Desktop(page).open(password)
        machine.run_as_user(["idc-browser-desktop", "restart"])
        page.wait_for_selector("#password", timeout=120_000)
    machine.run_as_user(["idc-browser-desktop", "stop"])
    wait_until(lambda: not machine.processes(), "all processes end")


def test_a_shared_store_is_used_where_it_lies_and_cannot_be_written(machine: BareMachine, world: World) -> None:
    series = next(one.series_instance_uid for one in world.series if one.key == "ct")
    sources = [part for file in world.catalog_sources for part in ("--catalog-source", f"/srv/{file.name}")]
    fetch = ["idc-browser", "download", series, *sources, "--endpoint-url", world.endpoint_url, "--json", "--to"]
    machine.run([*fetch, "/data/idc"])
    machine.run(["idc-browser", "setup", "--all-users", "--also-look-in", "/data/idc", "--yes"], network=False)
    before = machine.state_of_files("/data/idc")
    machine.run(["useradd", "--create-home", "--shell", "/bin/bash", "student"])
    for user in (USER, "student"):
        done = machine.run_as_user([*fetch, f"/home/{user}/mine"], user=user)
        assert '"state": "complete"' in done.stdout and '"directory": "/data/idc/' in done.stdout and '"bytes_transferred": 0' in done.stdout
        directory = json.loads(done.stdout)["series"][0]["directory"]
        machine.run_as_user(["idc-browser", "import", directory, "--database", f"/home/{user}/database"], user=user)
        files = _files_in_database(machine.root / "home" / user / "database" / "ctkDICOM.sql", series)
        assert len(files) > 1 and all(file.startswith("/data/idc/") for file in files)
        assert machine.run_as_user(["touch", "/data/idc/x"], check=False, user=user).returncode != 0
    assert machine.state_of_files("/data/idc") == before


@pytest.mark.parametrize("command", [["shellcheck", "desktop.sh"], ["cloud-init", "schema", "--config-file", "cloud-init.yaml"]])
def test_script_and_recipes_pass_their_checkers(command: list[str]) -> None:
    if not shutil.which(command[0]):
        pytest.skip(f"needs {command[0]}")
    done = subprocess.run(command, cwd=DESKTOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _files_in_database(database: Path, series: str) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT Filename FROM Images WHERE SeriesInstanceUID = ?", [series])]


def _check_rate(desktop: Desktop, seconds: float, limit: int) -> None:
    before = desktop.state()["bytes_sent"]
    desktop.page.wait_for_timeout(seconds * 1000)
    rate = (desktop.state()["bytes_sent"] - before) / seconds
    print(f"{rate:,.0f} bytes a second through the web socket")
    assert rate < limit


def _shows_segments(desktop: Desktop) -> bool:
    """Where the views come up, between the tables and the panel of segments, it is dark, with colors in it."""
    views = desktop.picture()[40:, 470:900]
    return bool(views.mean() < 128 and colored(views) > 3_000)


def _keep_picture(desktop: Desktop) -> None:
    folder = SOURCE / "test-output"
    folder.mkdir(exist_ok=True)
    desktop.page.screenshot(path=folder / "desktop.png")


def _user_id(machine: BareMachine) -> str:
    return machine.run(["id", "-u", USER]).stdout.strip()
