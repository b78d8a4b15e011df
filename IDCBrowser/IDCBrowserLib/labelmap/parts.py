"""Several labelmaps of one object, told as one document: ``idc-browser convert --json`` and the engine's answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.labelmap.explain import SlicePlacement, Why
from IDCBrowserLib.labelmap.types import Labelmap, Segment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def parts_document(parts: Sequence[Labelmap]) -> dict[str, Any]:
    """One labelmap: ``Labelmap.to_json``. Several: ``parts`` with a document for each (and which frames or contours it holds); on top what all share.

    Segments on top count each place once: voxels of two parts that lie at one place are one. With ``placed`` there is ``explain``.
    """
    document: dict[str, Any] = {**parts[0].to_json()}
    if len(parts) > 1:
        for key in ("shape", "spacing", "origin", "directions", "layers", "label", "series_uid", "slice_thicknesses"):
            del document[key]
        document["segments"] = [segment.to_json() for segment in total_segments(parts)]
        document["overlapping_voxels"] = sum(part.overlapping_voxels for part in parts)
        document["warnings"] = list(all_warnings(parts))
        document["annotations"] = [annotation.to_json() for part in parts for annotation in part.annotations]
        document["parts"] = [{"part": number, **part.to_json(), **part.holds} for number, part in enumerate(parts, 1)]
    if any(part.placed for part in parts):
        document["explain"] = [entry for number, part in enumerate(parts, 1) for entry in _explained(part, number if len(parts) > 1 else 0)]
    return document


def all_warnings(parts: Sequence[Labelmap]) -> tuple[str, ...]:
    """Of every part, each sentence once."""
    return tuple(dict.fromkeys(warning for part in parts for warning in part.warnings))


def total_segments(parts: Sequence[Labelmap]) -> list[Segment]:
    """Each segment once, with the voxels and mm3 of all parts; what lies at one place in several counts once."""
    found: dict[int, list[tuple[Labelmap, Segment]]] = defaultdict(list)
    for part in parts:
        for segment in part.segments:
            found[segment.label_value].append((part, segment))
    return [_total(found[label]) for label in sorted(found)]


def _total(owned: list[tuple[Labelmap, Segment]]) -> Segment:
    import numpy as np

    first = owned[0][1]
    if len(owned) == 1:
        return first
    places: list[NDArray[np.float64]] = []
    volumes: list[NDArray[np.float64]] = []
    for part, segment in owned:
        index = np.argwhere(part.layers[segment.layer] == segment.label_value)
        matrix = part.geometry.index_to_lps()
        thickness = np.array(part.slice_thicknesses or [part.geometry.slice_step] * part.geometry.shape[0])
        places.append(index[:, ::-1] @ matrix[:3, :3].T + matrix[:3, 3])
        volumes.append(thickness[index[:, 0]] * (part.geometry.spacing[0] * part.geometry.spacing[1]))
    fresh = _first_at_place(np.concatenate(places), min(min(part.geometry.spacing) for part, _ in owned))
    return replace(first, voxels=len(fresh), volume_mm3=float(np.concatenate(volumes)[fresh].sum()))


def _first_at_place(places: NDArray[np.float64], spacing: float) -> NDArray[np.int64]:
    """Indices of the first of all voxel centers (n, 3; mm) at each place. Centers within a tenth of the voxel ``spacing`` (mm) are at one."""
    import numpy as np

    lattice = np.rint(places / (spacing / 5)).astype(np.int64)
    lattice -= lattice.min(axis=0, initial=0)
    sizes = lattice.max(axis=0, initial=0) + 1
    keys = (lattice[:, 0] * sizes[1] + lattice[:, 1]) * sizes[2] + lattice[:, 2]
    found: NDArray[np.int64] = np.unique(keys, return_index=True)[1]
    return found


def _explained(part: Labelmap, number: int) -> Iterator[dict[str, Any]]:
    kind = "contour" if part.source.kind == "RTSTRUCT" else "frame"
    known = {segment.label_value: segment for segment in part.segments}
    for label, placed in _by_segment(part):
        segment = known.get(label)
        entry: dict[str, Any] = {"segment": None, "name": "all segments"}
        if label:
            entry = {"segment": segment.number if segment is not None else label, "name": segment.name if segment is not None else ""}
        if number:
            entry["part"] = number
        yield {**entry, f"{kind}s": [one.to_json(kind) for one in placed]}


def _by_segment(part: Labelmap) -> list[tuple[int, list[SlicePlacement]]]:
    found: dict[int, list[SlicePlacement]] = defaultdict(list)
    for placed in part.placed:
        found[placed.segment].append(placed)
    return sorted(found.items())


def explain_text(parts: Sequence[Labelmap]) -> str:
    """The same for reading: a line for each run of frames or contours on neighboring slices for one reason."""
    lines: list[str] = []
    for number, part in enumerate(parts, 1):
        kind = "contour" if part.source.kind == "RTSTRUCT" else "frame"
        names = {segment.label_value: f"{segment.number} {segment.name}" for segment in part.segments}
        if len(parts) > 1:
            lines.append(f"Part {number} ({part.label}):")
        for segment, placed in _by_segment(part):
            lines.append(f"Segment {names.get(segment, segment)}" if segment else "All segments")
            lines += [f"  {_run_text(run, kind)}" for run in _runs(placed)]
    return "\n".join(lines)


def _runs(placed: Sequence[SlicePlacement]) -> list[list[SlicePlacement]]:
    runs: list[list[SlicePlacement]] = []
    for one in placed:
        last = runs[-1][-1] if runs else None
        if last is not None and _continues(last, one, runs[-1]):
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


def _continues(last: SlicePlacement, one: SlicePlacement, run: list[SlicePlacement]) -> bool:
    if (last.why, last.remark) != (one.why, one.remark) or one.number != last.number + 1:
        return False
    if last.k is None or one.k is None:
        return last.k is one.k
    return abs(one.k - last.k) == 1 and (len(run) < 2 or one.k - last.k == run[1].k - run[0].k)  # type: ignore[operator]


def _run_text(run: list[SlicePlacement], kind: str) -> str:
    first, last = run[0], run[-1]
    numbers = f"{kind} {first.number}" if first is last else f"{kind}s {first.number} to {last.number}"
    where = ""
    if first.k is not None:
        where = f" on slice {first.k}" if first is last else f" on slices {first.k} to {last.k}"
    why = f"{first.why.value}: {first.remark}" if first.remark else first.why.value
    distances = [abs(one.distance) for one in run if one.distance is not None]
    far = f" ({max(distances):.3g} mm off)" if first.why is not Why.OWN and distances and max(distances) > 0.0005 else ""
    return f"{numbers}{where}: {why}{far}"
