"""Color tables for what is shown over an image: PET, dose, and maps of measured quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slicer import vtkMRMLScene

# Red, green and blue from 0 to 255 at even distances; between them they are mixed.
_TABLES = {
    # Black, red, yellow, white: hot where much of the tracer is.
    "PET heat": ((0, 0, 0), (90, 0, 0), (180, 20, 0), (240, 100, 0), (255, 190, 20), (255, 240, 120), (255, 255, 255)),
    # As isodoses are colored: blue where it is low, red where it is high.
    "Dose wash": ((20, 20, 150), (20, 90, 230), (0, 180, 220), (40, 200, 90), (190, 220, 30), (255, 180, 0), (250, 80, 10), (200, 0, 30)),
    # Viridis (Matplotlib, CC0): equal steps look equal, also to people who do not see all colors.
    "Quantity": (
        (68, 1, 84),
        (71, 44, 122),
        (59, 81, 139),
        (44, 113, 142),
        (33, 144, 141),
        (39, 173, 129),
        (92, 200, 99),
        (170, 220, 50),
        (253, 231, 37),
    ),
}
_OF_KIND = {"pet": "PET heat", "dose": "Dose wash", "map": "Quantity"}
_COLORS = 256


def color_table(scene: vtkMRMLScene, kind: str) -> str:
    """The id of the color table for "pet", "dose" or "map"; made at the first use."""
    name = _OF_KIND[kind]
    there = scene.GetFirstNode(name, "vtkMRMLColorTableNode")
    if there is not None:
        return there.GetID()
    node = scene.CreateNodeByClass("vtkMRMLColorTableNode")
    node.UnRegister(None)
    node.SetName(name)
    node.SetTypeToUser()
    node.SetNumberOfColors(_COLORS)
    anchors = _TABLES[name]
    for index in range(_COLORS):
        place = index / (_COLORS - 1) * (len(anchors) - 1)
        low = min(int(place), len(anchors) - 2)
        red, green, blue = (a + (b - a) * (place - low) for a, b in zip(anchors[low], anchors[low + 1], strict=True))
        node.SetColor(index, str(index), red / 255, green / 255, blue / 255, 1.0)
    node.GetLookupTable().SetTableRange(0, _COLORS - 1)
    scene.AddNode(node)
    return node.GetID()
