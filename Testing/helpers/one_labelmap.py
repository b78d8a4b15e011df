"""One labelmap from objects that make one."""

from IDCBrowserLib.labelmap.rtstruct import convert_rtstruct as module
from IDCBrowserLib.labelmap.types import Labelmap


def convert_rtstruct(*arguments: object, **options: object) -> Labelmap:
    """``convert_rtstruct`` of a structure set that lies on one grid."""
    (only,) = module.convert_rtstruct(*arguments, **options)
    return only
