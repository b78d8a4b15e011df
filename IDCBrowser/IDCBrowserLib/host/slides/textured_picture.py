"""A picture that lies in a 2D renderer as a texture: moving and zooming it costs no more than its four corners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from vtkmodules.vtkRenderingCore import vtkRenderer


class TexturedPicture:
    """Add ``actor`` to a renderer after what it is to lie over."""

    def __init__(self, renderer: vtkRenderer, smooth: bool) -> None:
        from vtkmodules.vtkCommonCore import vtkFloatArray, vtkPoints
        from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkImageData, vtkPolyData
        from vtkmodules.vtkRenderingCore import vtkPolyDataMapper2D, vtkTexture, vtkTexturedActor2D

        self._image = vtkImageData()
        self._points = vtkPoints()
        self._points.SetNumberOfPoints(4)
        corners, cells = vtkFloatArray(), vtkCellArray()
        corners.SetNumberOfComponents(2)
        for across, down in ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)):
            corners.InsertNextTuple2(across, down)
        cells.InsertNextCell(4, (0, 1, 2, 3))
        self._shape = vtkPolyData()
        self._shape.SetPoints(self._points)
        self._shape.SetPolys(cells)
        self._shape.GetPointData().SetTCoords(corners)
        texture, mapper = vtkTexture(), vtkPolyDataMapper2D()
        texture.SetInputData(self._image)
        texture.SetInterpolate(smooth)
        texture.EdgeClampOn()
        mapper.SetInputData(self._shape)
        self.actor = vtkTexturedActor2D()
        self.actor.SetTexture(texture)
        self.actor.SetMapper(mapper)
        self.actor.GetProperty().SetDisplayLocationToBackground()
        self.actor.SetVisibility(False)
        self._renderer = renderer
        renderer.AddViewProp(self.actor)

    def set_pixels(self, pixels: NDArray[Any]) -> None:
        """Bytes of red, green, blue and perhaps alpha, (rows, columns, 3 or 4), the top row first."""
        import numpy as np
        from vtkmodules.util.numpy_support import numpy_to_vtk

        rows, columns, samples = pixels.shape
        self._image.SetDimensions(columns, rows, 1)
        self._image.GetPointData().SetScalars(numpy_to_vtk(np.ascontiguousarray(pixels).reshape(-1, samples), deep=True))
        self._image.Modified()

    def place(self, to_view: NDArray[Any]) -> None:
        """Show it where ``to_view`` (3, 3) leads from 0 to 1 of its width and, downwards, of its height; to pixels of the view, whose centers are
        whole numbers and whose rows go upwards.
        """
        for number, (across, down) in enumerate(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))):
            x, y, _one = to_view @ [across, down, 1.0]
            self._points.SetPoint(number, float(x) + 0.5, float(y) + 0.5, 0.0)
        self._points.Modified()
        self._shape.Modified()
        self.actor.SetVisibility(True)

    def hide(self) -> None:
        """Show nothing."""
        self.actor.SetVisibility(False)

    def remove(self) -> None:
        """Take it out of the renderer."""
        self._renderer.RemoveViewProp(self.actor)
