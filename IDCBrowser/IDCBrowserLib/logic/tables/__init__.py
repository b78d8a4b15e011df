"""The tables: rows, columns, states, copying."""
