"""What Slicer's views show: layouts, the first look after loading, slices that come, slides, surfaces."""
