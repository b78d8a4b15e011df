"""Prepare ``.venv`` for one purpose: ``python3 Resources/Setup/setup_environment.py demo|test|docs|bench|mutants|desktoptest|latest|libraries``.

Needs nothing but Python 3.10 with venv. Checks the system libraries that the Qt and VTK wheels load, installs the locked dependencies, and does
nothing when that has been done before. As root on Debian or Ubuntu missing libraries are installed; otherwise the line to run is printed.

``libraries`` installs the system libraries alone and makes no environment (for continuous integration, where only this step is run as root).
``latest`` fills ``.venv-latest`` with the newest release of everything instead, again at each call; it leaves the lock and ``.venv`` alone.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
VENV_LATEST = ROOT / ".venv-latest"
PURPOSES = ("demo", "test", "docs", "bench", "mutants", "desktoptest", "latest", "libraries")
CONSTRAINTS = Path(__file__).with_name("constraints.txt")

# Shared library that the wheels load -> Debian and Ubuntu package that brings it.
# PySide6-Essentials: Qt's xcb platform plugin and QtGui; vtk: rendering through EGL or X.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXcursor.so.1": "libxcursor1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgomp.so.1": "libgomp1",
}
# Not libraries by name: the OpenGL driver for machines without a graphics card, and a font, so that text can be drawn.
FILES = {
    "libgl1-mesa-dri": ("/usr/lib/*/dri/swrast_dri.so", "/usr/lib/*/libgallium*.so", "/usr/lib*/dri/*.so"),
    "libegl-mesa0": ("/usr/lib/*/libEGL_mesa.so.0", "/usr/lib*/libEGL_mesa.so.0", "/usr/lib*/libEGL_nvidia.so.0"),
    "fonts-dejavu-core": ("/usr/share/fonts/**/*.ttf", "/usr/share/fonts/**/*.otf"),
}
# Programs that benchmarks compare with and that are no Python packages -> Debian and Ubuntu package. Nothing else needs them.
PEERS = {"plastimatch": "plastimatch"}
# Packages with the name of a module of Python, for a Python that had none: rt-utils brings one.
BACKPORTS = ("dataclasses",)
# Programs with which the ready-made desktop is tried on a machine made for it.
BARE_MACHINE = {"debootstrap": "debootstrap", "chromium": "chromium", "cloud-init": "cloud-init", "shellcheck": "shellcheck"}


def main() -> int:
    """Do what is missing for the purpose named on the command line."""
    purpose = sys.argv[1] if len(sys.argv) > 1 else "demo"
    if purpose not in PURPOSES:
        return fail(f"Usage: {Path(__file__).name} {'|'.join(PURPOSES)}")
    if sys.version_info < (3, 10):  # noqa: UP036 (whoever has an older one must be told)
        return fail(f"Python 3.10 or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12 {purpose}")
    if purpose != "docs" and sys.platform.startswith("linux") and not provide(missing_packages(purpose)):
        return 1
    if purpose == "libraries":
        return 0
    if purpose == "bench":
        provide_peers()
    venv = VENV_LATEST if purpose == "latest" else VENV
    if not venv.exists() and not create_venv(venv):
        return 1
    return install_latest() if purpose == "latest" else install(purpose)


def missing_packages(purpose: str) -> list[str]:
    """Packages whose libraries, drivers, fonts or programs are not on this machine."""
    missing = [package for library, package in LIBRARIES.items() if not can_load(library)]
    missing += [package for package, patterns in FILES.items() if not any(found(pattern) for pattern in patterns)]
    if purpose == "desktoptest":
        missing += [package for program, package in BARE_MACHINE.items() if shutil.which(program) is None]
    return missing


def can_load(library: str) -> bool:
    """Whether the dynamic loader finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def found(pattern: str) -> bool:
    """Whether a file of that pattern exists."""
    return next(Path("/").glob(pattern.lstrip("/")), None) is not None


def provide(packages: list[str]) -> bool:
    """Install the packages, or say how; False when the user has to act."""
    if not packages:
        return True
    can_install = shutil.which("apt-get") is not None
    if can_install and os.geteuid() == 0:
        return apt_install(packages)
    if can_install:
        line = f"sudo apt-get install {' '.join(packages)}"
        print(f"System libraries are missing. Run this once, then again what you ran:\n\n    {line}\n", file=sys.stderr)
        return False
    # Other distributions name them differently; the libraries may also be found in ways this check does not know.
    print(f"Note: these libraries seem to be missing (names of Debian's packages): {' '.join(packages)}", file=sys.stderr)
    return True


def provide_peers() -> None:
    """Install the programs that are measured, or note that they are left out: benchmarks run without them."""
    missing = [package for program, package in PEERS.items() if shutil.which(program) is None]
    can_install = sys.platform.startswith("linux") and shutil.which("apt-get") is not None and os.geteuid() == 0
    if missing and not (can_install and apt_install(missing)):
        line = f"sudo apt-get install {' '.join(missing)}"
        print(f"Note: the comparison with {' and '.join(missing)} is left out. On Debian and Ubuntu: {line}", flush=True)


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages as root; one line when that fails."""
    print(f"Installing system packages: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode != 0:
            print(f"This failed: {' '.join(command)}", file=sys.stderr)
            return False
    return True


def create_venv(folder: Path) -> bool:
    """Make a virtual environment; one clear line when Python came without venv."""
    if not can_import_ensurepip() and not provide(["python3-venv"]):
        return False
    result = subprocess.run([sys.executable, "-m", "venv", str(folder)], check=False)
    if result.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        print("The virtual environment could not be made. On Debian and Ubuntu: sudo apt-get install python3-venv", file=sys.stderr)
    return result.returncode == 0


def can_import_ensurepip() -> bool:
    """Debian ships Python without it unless python3-venv is installed."""
    return subprocess.run([sys.executable, "-c", "import ensurepip"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def install(purpose: str) -> int:
    """Install the project with the extra of that name, unless that was done with these very files."""
    stamp = VENV / f"installed-{purpose}"
    state = fingerprint()
    if stamp.exists() and stamp.read_text() == state:
        compile_bytecode()
        return 0
    print(f"Installing the locked dependencies for '{purpose}' into .venv (once; a few minutes)", flush=True)
    if not pip(VENV, "--constraint", str(CONSTRAINTS), "--editable", f".[{purpose}]"):
        return fail("The dependencies could not be installed; pip's message is above.")
    if purpose == "bench":
        take_out_backports()
    stamp.write_text(state)
    compile_bytecode()
    return 0


def take_out_backports() -> None:
    """They break every program that finds installed packages before Python's own."""
    subprocess.run([str(python_of(VENV)), "-m", "pip", "uninstall", "--quiet", "--yes", *BACKPORTS], cwd=ROOT, check=False)


def compile_bytecode() -> None:
    """As pip does for what it copies: otherwise each command compiles the program anew where Python may not write bytecode."""
    command = [str(python_of(VENV)), "-m", "compileall", "-q", str(ROOT / "IDCBrowser")]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def install_latest() -> int:
    """The newest that fits together, then the newest of what the library names, even where other packages do not allow it yet."""
    print("Installing the newest release of everything into .venv-latest (minutes)", flush=True)
    newest = ["--upgrade", "--upgrade-strategy", "eager", "--editable", ".[test]"]
    if not pip(VENV_LATEST, *newest) or not pip(VENV_LATEST, "--upgrade", "--no-deps", *named_packages()):
        return fail("The dependencies could not be installed; pip's message is above.")
    return 0


def named_packages() -> list[str]:
    """What the library asks for, without versions; a test keeps requirements.txt equal to pyproject.toml, which Python 3.10 cannot read."""
    lines = (ROOT / "IDCBrowser" / "Resources" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [line.partition(">=")[0] for line in lines if line and not line.startswith("#")]


def pip(venv: Path, *arguments: str) -> bool:
    """Install with the pip of a virtual environment."""
    command = [str(python_of(venv)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def python_of(venv: Path) -> Path:
    """Its interpreter."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint() -> str:
    """Changes when what is to be installed changes."""
    parts = [(ROOT / "pyproject.toml").read_bytes(), CONSTRAINTS.read_bytes(), str(ROOT).encode(), sys.version.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def fail(message: str) -> int:
    """Print and end with 1."""
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
