"""RT Structure Sets: reading them and placing their contours on a grid."""
