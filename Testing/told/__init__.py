"""Stories that are told to a person at either window, standalone or in Slicer: by clicks, keys and the wheel. Each asserts what is seen.

They take a ``helpers.person.Person``, and compare numbers with SQL on the same files where there are numbers.
"""
