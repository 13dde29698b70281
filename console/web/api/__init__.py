"""The REST API, version 1: a module for each subject, with its `router`."""
