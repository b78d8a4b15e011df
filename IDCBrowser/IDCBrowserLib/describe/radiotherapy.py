"""RTPLAN and RTDOSE as cards (PS3.3 C.8.8.3, C.8.8.9 to C.8.8.14)."""

from __future__ import annotations

from functools import partial
from typing import Any

from IDCBrowserLib.describe.card import Card, number, whole_number
from IDCBrowserLib.describe.pixels import read_pixels
from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.wording import human_count

_SCALING = 0x3004000E


def describe_plan(file: DicomFile) -> Card:
    """Prescription, fractions, beams and isocenter."""
    root = file.root
    card = Card(title=root.text(0x300A0002) or root.text(0x300A0003))
    card.add("Name", root.text(0x300A0003), "name")
    card.add("Description", root.text(0x300A0004), "description")
    card.add("Date", root.text(0x300A0006), "date")
    card.add("Intent", root.text(0x300A000A), "intent")
    card.add("Prescription", root.text(0x300A000E), "prescription_description")
    card.add("Approval", root.text(0x300E0002), "approval")
    targets = _dose_references(root, card)
    fractions = _fractions(root, card)
    beams = _beams(root, card)
    isocenters = list(dict.fromkeys(tuple(beam["isocenter"]) for beam in beams if beam["isocenter"]))
    for isocenter in isocenters:
        card.add("Isocenter (mm, LPS)", ", ".join(f"{value:g}" for value in isocenter))
    card.put({"isocenters": [list(isocenter) for isocenter in isocenters], "beams": beams, "fraction_groups": fractions, "dose_references": targets})
    doses = [target["prescription_gy"] for target in targets if target["prescription_gy"]]
    planned = sum(group["fractions"] or 0 for group in fractions)
    # Without a target dose the sum over beams and fractions is what is planned.
    per_fraction = [sum(group["beam_doses_gy"]) * (group["fractions"] or 0) for group in fractions if group["beam_doses_gy"]]
    dose = f"{max(doses):g} Gy" if doses else f"{sum(per_fraction):.4g} Gy at the reference points" if sum(per_fraction) else ""
    parts = [dose] if dose else []
    parts += [f"in {human_count(planned, 'fraction', 'fractions')}" if parts else human_count(planned, "fraction", "fractions")] if planned else []
    text = " ".join(parts)
    beams_text = human_count(len(beams), "beam", "beams") if beams else ""
    card.text = ", ".join(part for part in (text, beams_text) if part) or "without prescription and beams"
    return card


def _dose_references(root: Elements, card: Card) -> list[dict[str, Any]]:
    found = []
    for item in root.iterate_items(0x300A0010):
        kind, about = item.text(0x300A0020), item.text(0x300A0016)
        prescribed, most = _amount(item, 0x300A0026), _amount(item, 0x300A002C)
        roi = item.text(0x30060084)
        found.append(
            {
                "type": kind,
                "description": about,
                "roi_number": whole_number(roi),
                "prescription_gy": prescribed,
                "maximum_gy": most,
            }
        )
        values = ", ".join(f"{name} {value:g} Gy" for name, value in (("prescribed", prescribed), ("at most", most)) if value is not None)
        card.add(kind.replace("_", " ").capitalize() or "Dose reference", ": ".join(part for part in (about or f"ROI {roi}", values) if part))
    return found


def _fractions(root: Elements, card: Card) -> list[dict[str, Any]]:
    found = []
    for item in root.iterate_items(0x300A0070):
        planned = item.text(0x300A0078)
        beams = list(item.iterate_items(0x300C0004))
        doses = [dose for beam in beams if (dose := _amount(beam, 0x300A0084)) is not None]
        fractions = whole_number(planned)
        found.append({"fractions": fractions, "beams": len(beams), "beam_doses_gy": doses})
        each = f", {sum(doses):.4g} Gy each" if doses else ""
        card.add("Fractions", f"{fractions if fractions is not None else 'not stated'}{each}")
    return found


def _beams(root: Elements, card: Card) -> list[dict[str, Any]]:
    found = []
    # Of photons and electrons, and of ions.
    for item in (*root.iterate_items(0x300A00B0), *root.iterate_items(0x300A03A2)):
        point = item.first(0x300A0111) or item.first(0x300A03A8)
        isocenter = card.value(partial(point.floats, count=3), 0x300A012C) if point is not None else None
        beam: dict[str, Any] = {
            "number": _of_digits(item.text(0x300A00C0)),
            "name": item.text(0x300A00C2),
            "radiation": item.text(0x300A00C6),
            "energy": _amount(point, 0x300A0114) if point is not None else None,
            "gantry_angle": _number(point, 0x300A011E) if point is not None else None,
            "machine": item.text(0x300A00B2),
            "isocenter": list(isocenter) if isocenter else None,
        }
        found.append(beam)
        unit = "MV" if beam["radiation"] == "PHOTON" else "MeV"
        energy = f", {beam['energy']:g} {unit}" if beam["energy"] else ""
        angle = f", gantry {beam['gantry_angle']:g} degrees" if beam["gantry_angle"] is not None else ""
        card.add(f"Beam {beam['number']}".strip(), f"{beam['name']}: {beam['radiation'].lower() or 'radiation'}{energy}{angle}")
    return found


def describe_dose(file: DicomFile) -> Card:
    """Units, what was summed, the largest dose that scaling allows, and stored histograms."""
    root, card = file.root, Card()
    pixels = read_pixels(root, card)
    units, summed = root.text(0x30040002), root.text(0x3004000A)
    card.add("Units", units, "units")
    card.add("Type", root.text(0x30040004), "type")
    card.add("Sum over", summed, "summation")
    scaling = _amount(root, _SCALING)
    if scaling:
        card.numbers(root, "Scaling", _SCALING, "scaling")
    card.add("Grid", pixels.grid)
    histograms = len(root.items(0x30040050))
    card.add("Stored dose-volume histograms", histograms or None, "histograms")
    words = {"GY": "in Gy", "RELATIVE": "relative, not in Gy"}.get(units, "of unstated units")
    what = {"PLAN": "of the whole plan", "BEAM": "of one beam", "FRACTION": "of one fraction"}.get(summed, "")
    card.text = ", ".join(part for part in (f"{words} {what}".strip(), f"{pixels.grid} voxels" if pixels.grid else "") if part)
    if not root.text(_SCALING):
        card.warnings.append("The dose has no Dose Grid Scaling (3004,000E), so its values cannot be converted to Gy.")
    elif not scaling:
        card.warn(root, _SCALING, "Dose Grid Scaling")
    return card


def _amount(item: Elements, tag: int) -> float | None:
    """A dose, an energy or a factor: not below 0."""
    value = _number(item, tag)
    return value if value is not None and value >= 0 else None


def _number(item: Elements, tag: int) -> float | None:
    return number(item.text(tag))


def _of_digits(text: str) -> str:
    return text if whole_number(text) is not None else ""
