"""Inputs of every kind that are damaged at random: the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from copy import deepcopy
from itertools import count
from pathlib import Path

from pydicom import dcmread
from pydicom.uid import JPEGLSLossless, RLELossless

from helpers import rtstruct_files as rt
from helpers import seg_files as sf
from helpers.dicom_files import save, write_stack
from helpers.seg_fuzz import damaged_bytes, damaged_elements, valid_files
from helpers.small_catalog import GONE_UID, GONE_UUID, SERIES, uuid

_MANIFESTS = (
    "# To download\ncp s3://idc-open-data/{0}/* .\ncp s3://idc-open-data/{1}/* dir/\n",
    "s5cmd --no-sign-request --endpoint-url https://s3.amazonaws.com cp 's3://idc-open-data/{0}/*' .\n",
    "aws s3 cp --no-sign-request --recursive s3://idc-open-data/{1}/ ./x\n",
    "collection_id,PatientID,SeriesInstanceUID,crdc_series_uuid,idc_version\nlung_ct,P2,1.2.1.1,{0},25\nlung_ct,P2,1.2.1.2,{1},25\n",
    'crdc_series_uuid\tsource_DOI\n{0}\t10.7937/lung\n"{1}"\t"10.7937/lung"\n',
    '[{{"SeriesInstanceUID": "1.2.1.1", "crdc_series_uuid": "{0}"}}, {{"SeriesInstanceUID": "1.2.1.2"}}]',
    '{{"idc_browser_lock": 1, "series": [{{"crdc_series_uuid": "{0}", "SeriesInstanceUID": "1.2.1.1"}}]}}',
    "1.2.1.1\n1.2.1.2, 1.2.1.3; lung_ct\nP10 10.7937/lung drs://dg.4DFC/{0}\n",
    "downloadServerUrl=https://x\nincludeAnnotation=true\nListOfSeriesToDownload=\n1.2.1.1\n1.2.1.2\n",
    "https://storage.googleapis.com/idc-open-data/{0}/x.dcm\ngs://idc-open-data/{1}/\n{2}\n",
)
_WORDS = (
    *(
        "../..",
        "*",
        "|",
        "\x00",
        "\u202e",
        "=cmd()",
        "\ufeff",
        "'",
        '"',
        "`id`",
        "$(id)",
        "--",
        "\r",
        "\u00a0",
        "9" * 5000,
        "A" * 70_000,
        "-rm",
        "\ud83d",
    ),
    *("s3://", "cp ", "rm s3://x/y ", ",", "\t", "{", "[[[[", "null", "1e999", "NaN", "-1", "%2e%2e%2f", "\n" * 50, "é", "[" * 3000),
)
# Of the images of the structure sets.
STACK = rt.axial(4)
_ENDINGS = (".s5cmd", ".csv", ".tsv", ".json", ".txt", ".tcia", ".lock.json")


def manifests(number: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """(ending of the name, content)."""
    chance = random.Random(seed)
    for _ in range(number):
        text = chance.choice(_MANIFESTS).format(uuid(1), uuid(2), GONE_UUID)
        for _ in range(chance.randint(1, 4)):
            at, length = chance.randrange(len(text) + 1), chance.randint(0, 12)
            text = (
                text[:at]
                + chance.choice(("", text[at : at + length] * 2, chance.choice(_WORDS), chr(chance.randrange(0x2100))))
                + text[at + length :]
            )
        encoding = chance.choice(("utf-8",) * 6 + ("utf-16", "latin-1", "utf-8-sig", "cp037"))
        content = bytearray(text.encode(encoding, "replace"))
        if chance.random() < 0.2 and content:
            content[chance.randrange(len(content))] = chance.randrange(256)
        yield chance.choice(_ENDINGS), bytes(content)


def originals(folder: Path) -> dict[str, dict[str, bytes]]:
    """By kind and name; the images beside them go into ``folder``: ``ct-*`` of the SEGs, ``rt-*`` of the structure sets, ``im-*`` a series."""
    images = sf.images(3, 10, 12)
    for path in sf.save_images(images, folder / "made"):
        path.rename(folder / f"ct-{path.name}")
    stack = STACK
    for path in stack.write(folder):
        path.rename(folder / f"rt-{path.name}")
    slices = write_stack(folder, [(0, 0, 2.5 * number) for number in range(3)], RescaleSlope="2", RescaleIntercept="-10")
    for path in slices:
        path.rename(folder / f"im-{path.name}")
    plain = dcmread(folder / "im-001.dcm")
    made = {"plain": (folder / "im-001.dcm").read_bytes()}
    for name, syntax in (("rle", RLELossless), ("jls", JPEGLSLossless)):
        copy = deepcopy(plain)
        copy.compress(syntax, generate_instance_uid=False)
        made[name] = save(copy, folder / f"{name}.dcm").read_bytes()
    rois = [
        rt.R(number, [rt.flat(stack, k, rt.box(1 + number, 1, 5 + number, 6), named=bool(k % 2)) for k in range(4)], f"Part {number}")
        for number in (1, 2)
    ]
    reference = ((rt.FRAME, stack.series, [stack.uid(k) for k in range(4)]),)
    structures = {
        "plain": rt.write(rt.structure_set(rois, reference), folder / "rs.dcm").read_bytes(),
        "undefined": rt.write(rt.structure_set(rois, reference), folder / "rsu.dcm", undefined_length=True).read_bytes(),
    }
    (folder / "segs").mkdir()
    return {"seg": valid_files(folder / "segs"), "image": made, "rtstruct": structures}


def dicom(files: dict[str, bytes], number: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """(name of the original, damaged copy); two of three damaged in their bytes, the rest element by element."""
    names = sorted(files)
    for turn in count():
        name = names[turn % len(names)]
        damage = damaged_elements if turn % 3 == 2 else damaged_bytes
        for data in damage(files[name], 10, seed=seed * 1000 + turn):
            if number <= 0:
                return
            number -= 1
            yield name, data


__all__ = ["GONE_UID", "SERIES", "dicom", "manifests", "originals"]
