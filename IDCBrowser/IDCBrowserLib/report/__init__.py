"""Structured reports (PS3.3 C.17, C.18): their content as a tree, the measurements of TID 1500 as rows, and where on images these were made."""
