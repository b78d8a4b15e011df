"""Downloads: the queue, the steps of a download, and the results for each series."""
