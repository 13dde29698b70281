"""What leaves the archive and what comes into it: exports for machines and people, and the import of an export.

May be imported by console. Imports nothing but storage. An export reads one state of the archive and holds a few
documents in memory at a time; of news it carries title, excerpt and link alone. docs/export.md describes the formats.
"""
