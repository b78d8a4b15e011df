"""The languages that ship, as files of Qt Linguist, and reading them."""
