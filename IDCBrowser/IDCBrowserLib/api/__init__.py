"""What the engine can be asked and what it answers: one declaration per method, its parameters and its result as ``TypedDict``.

Everything here is plain JSON at run time. The module of a method here has the name of the one in ``engine.methods`` that answers it.
"""
