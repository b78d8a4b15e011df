"""The web server of the ready-made desktop: who is let in, and what a browser may ask for."""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import session_machine
import session_server
from aiohttp import CookieJar, WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

PASSWORD = "correct horse battery"
Client = TestClient[Request, Application]
Use = Callable[[Client], Awaitable[None]]


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> argparse.Namespace:
    monkeypatch.setattr(session_server, "_WRONG_PASSWORD_S", 0.0)
    pages = Path(session_server.__file__).parents[1] / "pages"
    (tmp_path / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "novnc").mkdir()
    names = {"pages": pages, "password_file": tmp_path / "password", **{name: tmp_path / name for name in ("novnc", "inbox", "vnc")}}
    return argparse.Namespace(host=[], shared="", slicer=False, **{name: str(path) for name, path in names.items()})


def with_client(options: argparse.Namespace, use: Use) -> None:
    async def run() -> None:
        async with TestClient(TestServer(session_server.make_application(options))) as client:
            await use(client)

    asyncio.run(run())


def ours(client: Client) -> dict[str, str]:
    """What a browser sends along from a page of this server."""
    return {"Origin": str(client.make_url("/")).rstrip("/")}


async def log_in(client: Client, password: str = PASSWORD) -> int:
    answer = await client.post("/login", data={"password": password}, headers=ours(client))
    return answer.status


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/state"), ("GET", "/desktop"), ("POST", "/drop?name=a.csv"), ("POST", "/end"), ("GET", "/novnc/x")]
)
def test_nothing_is_given_without_the_password(options: argparse.Namespace, method: str, path: str) -> None:
    async def use(client: Client) -> None:
        assert (await client.request(method, path, headers=ours(client))).status == 401
        assert await log_in(client, "wrong") == 403
        assert (await client.request(method, path, headers=ours(client))).status == 401

    with_client(options, use)
    assert list(Path(options.inbox).iterdir()) == []


def test_the_start_page_is_the_login_page_until_the_password_was_given(options: argparse.Namespace) -> None:
    async def use(client: Client) -> None:
        assert "Password of this session" in await (await client.get("/")).text()
        assert await log_in(client) == 200
        assert "Open desktop" in await (await client.get("/")).text()

    with_client(options, use)


def test_the_cookie_is_not_for_scripts_nor_for_other_sites(options: argparse.Namespace) -> None:
    async def use(client: Client) -> None:
        answer = await client.post("/login", data={"password": PASSWORD}, headers={**ours(client), "X-Forwarded-Proto": "https"})
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" in cookie

    with_client(options, use)


def test_two_sessions_on_two_ports_do_not_log_each_other_out(options: argparse.Namespace) -> None:
    async def run() -> None:
        jar = CookieJar(unsafe=True)
        servers = [TestServer(session_server.make_application(options)) for _number in range(2)]
        async with TestClient(servers[0], cookie_jar=jar) as one, TestClient(servers[1], cookie_jar=jar) as other:
            assert [await log_in(one), await log_in(other)] == [200, 200]
            assert [(await client.get("/state")).status for client in (one, other)] == [200, 200]

    asyncio.run(run())


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "127.0.0.1:x", "127.0.0.1:²"])
def test_a_name_without_a_port_gets_a_cookie_as_well(options: argparse.Namespace, host: str) -> None:
    assert session_server._cookie_name(host) == "idc_browser_desktop"
    assert session_server._cookie_name("127.0.0.1:6080") == session_server._cookie_name("[::1]:6080") == "idc_browser_desktop_6080"


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"password=\xff\xfe"),
        (f"{FORM}; charset=none", b"password=x"),
        ("multipart/form-data", b"password=x"),
        ("multipart/form-data; boundary=x", b"password=x"),
        (FORM, b"password=" + b"x" * 100_000),
    ],
)
def test_what_is_no_form_is_no_password_and_no_fault_of_the_server(options: argparse.Namespace, kind: str, body: bytes) -> None:
    async def use(client: Client) -> None:
        headers = {**ours(client), "Content-Type": kind}
        assert (await client.post("/login", data=body, headers=headers)).status == 403
        assert await log_in(client) == 200
        assert (await client.post("/open", data=body, headers=headers)).status == 400

    with_client(options, use)


def test_a_page_with_a_name_longer_than_any_is_not_there(options: argparse.Namespace) -> None:
    async def use(client: Client) -> None:
        assert (await client.get(f"/pages/{'a' * 4000}")).status == 404

    with_client(options, use)


def test_a_file_that_cannot_be_handed_over_leaves_nothing_in_the_inbox(options: argparse.Namespace) -> None:
    async def use(client: Client) -> None:
        await log_in(client)
        answer = await client.post(f"/drop?name={'𝔸' * 76}.csv", data=b"x", headers=ours(client))
        assert answer.status == 507 and "too long" in await answer.text()

    with_client(options, use)
    assert os.listdir(options.inbox) == []


def test_an_empty_password_file_lets_nobody_in(options: argparse.Namespace) -> None:
    Path(options.password_file).write_text("\n", encoding="utf-8")

    async def use(client: Client) -> None:
        assert await log_in(client, "") == 403

    with_client(options, use)


@pytest.mark.parametrize("origin", ["http://evil.example", "http://[", "null", ""])
def test_pages_of_others_can_change_nothing_even_with_the_cookie(options: argparse.Namespace, origin: str) -> None:
    async def use(client: Client) -> None:
        await log_in(client)
        headers = {"Origin": origin} if origin else {}
        assert (await client.post("/open", data={"series": "1.2.3"}, headers=headers)).status == 403
        assert (await client.post("/drop?name=a.csv", data=b"x", headers=headers)).status == 403
        with pytest.raises(WSServerHandshakeError):
            await client.ws_connect("/screen", headers=headers)

    with_client(options, use)
    assert list(Path(options.inbox).iterdir()) == []


def test_a_name_that_points_here_by_trickery_is_not_answered_and_a_given_one_is(options: argparse.Namespace) -> None:
    async def use(client: Client) -> None:
        assert (await client.get("/", headers={"Host": "rebound.example:6080"})).status == 421
        assert (await client.get("/", headers={"Host": "imaging.example.org"})).status == 200

    options.host = ["imaging.example.org"]
    with_client(options, use)


def test_a_dropped_manifest_lies_in_the_inbox_whole_under_a_safe_name(options: argparse.Namespace) -> None:
    async def use(client: Client) -> None:
        await log_in(client)
        answer = await client.post("/drop?name=../../my cart.s5cmd", data=b"cp s3://idc-open-data/a/* .\n", headers=ours(client))
        assert answer.status == 200

    with_client(options, use)
    (file,) = Path(options.inbox).iterdir()
    assert file.name.endswith("-my_cart.s5cmd") and file.read_bytes().startswith(b"cp s3")


@pytest.mark.parametrize("name", ["program.exe", "evil.link", ".csv", "", "a.desktop"])
def test_other_files_are_refused_with_the_endings_that_are_taken(options: argparse.Namespace, name: str) -> None:
    async def use(client: Client) -> None:
        await log_in(client)
        answer = await client.post("/drop", params={"name": name}, data=b"x", headers=ours(client))
        assert (answer.status, ".s5cmd" in await answer.text()) == (400, True)

    with_client(options, use)
    assert list(Path(options.inbox).iterdir()) == []


def test_a_link_becomes_a_file_that_names_the_series_and_nothing_else_does(options: argparse.Namespace) -> None:
    async def use(client: Client) -> None:
        await log_in(client)
        for wrong in ("", "abc", "1.2.3\n--evil", "1.2.3&manifest=/etc/passwd", "1." * 40 + "1"):
            assert (await client.post("/open", data={"series": wrong}, headers=ours(client))).status == 400
        assert (await client.post("/open", data={"series": "1.3.6.1.4"}, headers=ours(client))).status == 200

    with_client(options, use)
    (file,) = Path(options.inbox).iterdir()
    assert file.read_text(encoding="utf-8") == "slicer://idc-browser/?seriesInstanceUID=1.3.6.1.4\n"


def test_an_inbox_that_nobody_empties_does_not_grow_for_ever(options: argparse.Namespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_server, "_MAX_INBOX_FILES", 3)

    async def use(client: Client) -> None:
        await log_in(client)
        states = [(await client.post("/drop?name=a.csv", data=b"x", headers=ours(client))).status for _number in range(5)]
        assert states == [200, 200, 200, 507, 507]
        link = await client.post("/open", data={"series": "1.3.6.1.4"}, headers=ours(client))
        assert (link.status, "too many files" in await link.text()) == (507, True)

    with_client(options, use)


def test_the_screen_is_carried_both_ways_and_counted(options: argparse.Namespace) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"RFB 003.008\n")
        writer.write((await reader.read(100))[::-1])
        await writer.drain()
        writer.close()

    async def use(client: Client) -> None:
        await log_in(client)
        assert (await client.get("/screen", headers=ours(client))).status == 503
        server = await asyncio.start_unix_server(answer, options.vnc)
        async with server:
            socket = await client.ws_connect("/screen", headers=ours(client), protocols=("binary",))
            assert await socket.receive_bytes() == b"RFB 003.008\n"
            await socket.send_bytes(b"abc")
            assert await socket.receive_bytes() == b"cba"
            assert (await socket.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
        state = await (await client.get("/state")).json()
        assert (state["bytes_sent"], state["bytes_received"]) == (15, 3)

    with_client(options, use)


def test_pages_may_run_only_scripts_of_this_server(options: argparse.Namespace) -> None:
    async def use(client: Client) -> None:
        policy = (await client.get("/")).headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy

    with_client(options, use)


def test_the_state_of_the_machine_is_read_from_the_system(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal:       16000 kB\nMemAvailable:    4000 kB\n", encoding="ascii")
    (tmp_path / "uptime").write_text("3600.53 7000.00\n", encoding="ascii")
    assert session_machine.memory("MemAvailable", tmp_path / "meminfo") == 4_096_000
    assert session_machine.memory("MemTotal", tmp_path / "nothing") is None
    assert session_machine.up_seconds(tmp_path / "uptime") == 3600
    assert session_machine.series_count(tmp_path / "no.sql") is None


def test_the_page_does_not_wait_for_the_count_of_a_shared_store(options: argparse.Namespace, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = threading.Event()
    monkeypatch.setattr(session_machine, "folder_count", lambda _shared: 7 if counted.wait(60) else None)
    options.shared = "/data/idc"

    async def use(client: Client) -> None:
        await log_in(client)
        first = await (await client.get("/state")).json()
        assert (first["shared"], first["shared_series"], first["shared_counting"]) == ("/data/idc", None, True)
        counted.set()
        while (state := await (await client.get("/state")).json())["shared_counting"]:
            await asyncio.sleep(0.01)
        assert state["shared_series"] == 7

    with_client(options, use)


def test_the_machine_is_asked_beside_the_screen(options: argparse.Namespace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[threading.Thread] = []
    state = session_machine.state
    monkeypatch.setattr(session_machine, "state", lambda: asked.append(threading.current_thread()) or state())

    async def use(client: Client) -> None:
        await log_in(client)
        await client.get("/state")

    with_client(options, use)
    assert len(asked) == 1 and asked[0] is not threading.main_thread()


@pytest.mark.parametrize("slicer", [False, True])
def test_series_are_not_counted_in_the_database_of_a_program_that_does_not_run(options: argparse.Namespace, slicer: bool) -> None:
    options.slicer = slicer

    async def use(client: Client) -> None:
        await log_in(client)
        assert ("series" in await (await client.get("/state")).json()) is not slicer

    with_client(options, use)


def test_the_server_tells_its_port_once_it_listens_and_never_when_another_has_it(options: argparse.Namespace, tmp_path: Path) -> None:
    listening = tmp_path / "listening"
    names = ("vnc", "password_file", "inbox", "pages", "novnc")
    command = [sys.executable, session_server.__file__, *(f"--{name.replace('_', '-')}={getattr(options, name)}" for name in names)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command += [f"--listening={listening}", f"--port={port}"]
        assert subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, timeout=120, check=False).returncode != 0
        assert not listening.exists()
    with subprocess.Popen(command, env=environment) as server:
        while not (listening.exists() and listening.read_text(encoding="ascii").endswith("\n")):
            assert server.poll() is None
        socket.create_connection(("127.0.0.1", int(listening.read_text(encoding="ascii")))).close()
        server.terminate()


def test_series_of_a_shared_store_are_folders_with_dicom_files(tmp_path: Path) -> None:
    (tmp_path / "a" / "CT_1").mkdir(parents=True)
    (tmp_path / "a" / "CT_1" / "x.dcm").touch()
    (tmp_path / "a" / "empty").mkdir()
    assert session_machine.folder_count(tmp_path) == 1
    assert session_machine.folder_count(tmp_path / "gone") is None
