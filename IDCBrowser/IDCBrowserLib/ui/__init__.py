"""The Qt panels. ``qtbinding`` is the only place that imports a Qt binding."""
