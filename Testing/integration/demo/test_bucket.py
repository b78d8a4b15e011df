import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from IDCBrowserLib.demo import bucket
from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.transfer.s5cmd.binary import find_s5cmd

SERIES = "37541d2f-c057-54fa-b89d-259cb6637870"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("it's a bücket")
    (folder / SERIES).mkdir()
    for n in range(3):
        (folder / SERIES / f"instance-{n}.dcm").write_bytes(bytes([n]) * (1000 + n))
    (folder / "phantom.json").write_text("{}")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> bucket.Bucket:
    server = bucket.start(folder)
    yield server
    server.stop()


def test_everyone_may_list_and_read_without_signing(server: bucket.Bucket, folder: Path) -> None:
    listing = requests.get(f"{server.endpoint_url}/idc-open-data", params={"list-type": "2", "prefix": f"{SERIES}/"}, timeout=10)
    assert listing.text.count("<Key>") == 3 == server.objects
    part = requests.get(f"{server.endpoint_url}/idc-open-data/{SERIES}/instance-2.dcm", headers={"Range": "bytes=0-9"}, timeout=10)
    assert (part.status_code, part.content) == (206, b"\2" * 10)


def test_s5cmd_fetches_a_series_as_from_idc(server: bucket.Bucket, folder: Path, tmp_path: Path) -> None:
    source = f"s3://idc-open-data/{SERIES}/*"
    command = [str(find_s5cmd()), "--no-sign-request", "--endpoint-url", server.endpoint_url, "cp", source, f"{tmp_path}/"]
    subprocess.run(command, check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {path.name: path.read_bytes() for path in (folder / SERIES).iterdir()}


def test_several_buckets_keep_their_objects_apart(folder: Path, tmp_path: Path) -> None:
    with bucket.serve({"idc-open-data": [folder], "idc-open-data-two": [tmp_path]}) as url:
        assert requests.get(f"{url}/idc-open-data", timeout=10).text.count("<Key>") == 3
        assert requests.get(f"{url}/idc-open-data-two", timeout=10).text.count("<Key>") == 0


def test_stopping_twice_is_fine_and_ends_the_server(tmp_path: Path) -> None:
    server = bucket.start(tmp_path)
    server.stop()
    server.stop()
    assert not server.is_running
    with pytest.raises(requests.ConnectionError):
        requests.get(server.endpoint_url, timeout=5)


def test_a_server_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "moto").mkdir()
    (tmp_path / "moto" / "__init__.py").write_text("raise ImportError('no moto here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(TransferError, match=r"no moto here.*pip install"):
        bucket.start(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import json, time\nfrom IDCBrowserLib.demo import bucket\n"
        f"server = bucket.start({str(tmp_path)!r})\nprint(json.dumps([server._process.pid, server.endpoint_url]), flush=True)\ntime.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(bucket.__file__).parents[2])}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        _, url = json.loads(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert ends_within(url, 10.0)


def ends_within(url: str, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            requests.get(url, timeout=1)
        except requests.RequestException:
            return True
        time.sleep(0.05)
    return False
