"""Many small cases for a batch: a CT of few slices with a SEG on it each, made by changing UIDs in the bytes of one."""

from __future__ import annotations

from pathlib import Path

from helpers import seg_files

PATIENT = "P-000000"


def write_cases(folder: Path, count: int, size: int = 16, slices: int = 4, damaged: tuple[int, ...] = ()) -> Path:
    """``count`` cases of one CT series and one SEG series below ``folder``, each with labels 1 to 3. The SEGs of ``damaged`` are cut off."""
    source = seg_files.images(slices, size, size)
    for image in source:
        image.PatientID = PATIENT
        image.StudyInstanceUID = seg_files.uid(9, 1, 100000)
        image.SeriesInstanceUID = seg_files.uid(1, 2, 100000)
    made = seg_files.seg(source, seg_files.labels(slices, size, size))
    made.SeriesInstanceUID = seg_files.uid(5, 2, 100000)
    template = folder / "template"
    images = [path.read_bytes() for path in seg_files.save_images(source, template)]
    drawn = seg_files.save(made, template / "seg.dcm").read_bytes()
    for path in template.iterdir():
        path.unlink()
    template.rmdir()
    for number in range(count):
        case = folder / f"case-{number:06}"
        (case / "ct").mkdir(parents=True)
        for index, content in enumerate(images):
            (case / "ct" / f"{index}.dcm").write_bytes(of_case(content, number))
        content = of_case(drawn, number)
        (case / "seg.dcm").write_bytes(content[: len(content) // 2] if number in damaged else content)
    return folder


def of_case(content: bytes, number: int) -> bytes:
    """The same object in another case."""
    return content.replace(b".100000", f".{100000 + number}".encode()).replace(PATIENT.encode(), f"P-{number:06}".encode())


def outputs(folder: Path) -> dict[str, bytes]:
    """What a batch made, by path below its folder: everything but its own records, and receipts of what is arriving."""
    paths = (path for path in folder.rglob("*") if path.is_file() and ".idc-browser-batch" not in path.parts)
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return {name: content for name, content in found.items() if not content.startswith(b'{"key": "", ')}
