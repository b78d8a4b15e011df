"""Further kinds of objects of the phantom patient, with known truth: reports, quantities, surfaces, registrations, cine, slides."""
