"""The command `policy-crawler`: one module a group of commands, `main.py` puts them together.

Results go to standard output (`--json`: JSON lines and nothing else), progress and messages to standard error.
"""
