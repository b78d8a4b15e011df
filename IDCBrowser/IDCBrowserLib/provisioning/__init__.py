"""Prepares machines: what a first start would ask or fetch, beforehand; and the same from a folder, for machines without internet."""
