"""The functions that answer: each takes the engine's state, the parameters of its method and its task, and is marked with what it answers.

The modules are imported at the first request for them, so that an engine that only browses never loads pydicom.
"""
