"""The index files of the catalog: where they lie, side indices, newer releases, and fetching them."""
