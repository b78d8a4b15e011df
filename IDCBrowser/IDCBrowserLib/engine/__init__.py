"""The child process that queries, transfers, hashes and converts, and the host's side of the pipe to it.

Why a process: ``Resources/Decisions/0001-engine.md``.
"""
