"""The pages: a module each, with its `router`."""
