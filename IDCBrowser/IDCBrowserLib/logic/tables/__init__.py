"""The tables: rows, columns, states and copying."""
