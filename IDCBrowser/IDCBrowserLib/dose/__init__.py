"""RT Dose: how much of which region of interest receives how much."""
