"""Models of MHub (mhub.ai) as commands to copy: containers that read a folder of DICOM files and write a DICOM SEG.

Form of the command and folders in the container: github.com/MHubAI/documentation (run_mhub.md, ISBI 2025 hands-on session); models with their input
and the licenses of their weights: ``meta.json`` in github.com/MHubAI/models (2026-01). Listed are those that segment one DICOM series.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_INPUT, _OUTPUT = "/app/data/input_data", "/app/data/output_data"
# Each of these ends a text in single quotes, typographic ones too (about_Quoting_Rules of PowerShell).
_POWER_SHELL_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")


@dataclass(frozen=True)
class Model:
    """``name`` of the container, ``modality`` of the series that it reads ("CT", "MR", "CT MR"), license of its weights."""

    name: str
    title: str
    modality: str
    license: str


MODELS = (
    Model("totalsegmentator", "TotalSegmentator, 104 structures", "CT", "CC BY-NC 4.0"),
    Model("mrsegmentator", "MRSegmentator, 40 structures", "CT MR", "Apache 2.0"),
    Model("lungmask", "LungMask, lungs and lobes", "CT", "Apache 2.0"),
    Model("gc_lunglobes", "RTSU-Net, lobes of the lungs", "CT", "Apache 2.0"),
    Model("casust", "CaSuSt, parts of the heart", "CT", "Apache 2.0"),
    Model("platipy", "Platipy, parts of the heart", "CT", "CC BY-NC 4.0"),
    Model("nnunet_segthor", "nnU-Net, thoracic organs at risk", "CT", "CC BY-NC 4.0"),
    Model("bamf_nnunet_ct_liver", "BAMF, liver", "CT", "CC BY-NC 4.0"),
    Model("bamf_nnunet_ct_kidney", "BAMF, kidneys", "CT", "CC BY-NC 4.0"),
    Model("nnunet_pancreas", "nnU-Net, pancreas", "CT", "CC BY-NC 4.0"),
    Model("bamf_nnunet_mr_liver", "BAMF, liver (T1)", "MR", "CC BY-NC 4.0"),
    Model("bamf_nnunet_mr_prostate", "BAMF, prostate", "MR", "CC BY-NC 4.0"),
    Model("gc_spider_baseline", "SPIDER, lumbar spine", "MR", "Apache 2.0"),
)


def models_for(modality: str) -> tuple[Model, ...]:
    """Those that read series of a modality; all where that is not known, none of other modalities."""
    return tuple(model for model in MODELS if not modality or modality in model.modality.split())


def result_folder(model: str, series_uid: str, home: Path) -> str:
    """Where a result goes: a folder for each model and series, below that of the user."""
    safe = "".join(letter for letter in series_uid if letter.isdigit() or letter == ".")[:64] or "series"
    return str(home / "mhub" / model / safe)


def command_for(model: str, images: str, out: str, with_gpu: bool = True, platform: str = sys.platform) -> str:
    """For a terminal; for PowerShell on Windows. ``images`` and ``out`` are folders of this computer."""
    is_windows = platform == "win32"
    quoted = _in_power_shell if is_windows else shlex.quote
    parts = ["docker run --rm -t --network=none", *(["--gpus all"] if with_gpu else [])]
    folders = [_bound(images, _INPUT, True, quoted, is_windows), _bound(out, _OUTPUT, False, quoted, is_windows)]
    last = f"mhubai/{model}:latest --workflow default"
    if is_windows:
        return "\n".join([f"New-Item -ItemType Directory -Force {quoted(out)} | Out-Null", " ".join([*parts, *folders, last])])
    return "\n".join([f"mkdir -p {quoted(out)}", " \\\n  ".join([" ".join(parts), *folders, last])])


def folder_of(files: Sequence[str]) -> str:
    """The folder that holds all of them, "" where they lie in several."""
    folders = {os.path.dirname(os.path.abspath(file)) for file in files}
    return folders.pop() if len(folders) == 1 else ""


def _bound(folder: str, target: str, read_only: bool, quoted: Callable[[str], str], is_windows: bool) -> str:
    """A folder of this computer as one in the container."""
    if is_windows or ":" not in folder:
        return "-v " + quoted(f"{folder}:{target}" + (":ro" if read_only else ""))
    # A colon parts the folders of -v. This is a line of CSV.
    source = f"source={folder}".replace('"', '""')
    return "--mount " + quoted(f'type=bind,"{source}",target={target}' + (",readonly" if read_only else ""))


def _in_power_shell(text: str) -> str:
    return "'" + _POWER_SHELL_QUOTES.sub(r"\1\1", text) + "'"
