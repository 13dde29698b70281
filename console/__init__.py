"""How people use it: the command line, and the demonstration on an embedded sample site.

The only part that wires finding, keeping and telling together; nothing imports it.
Nothing in a face but presentation.
"""
