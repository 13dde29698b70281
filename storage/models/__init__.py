"""The tables of the archive: one for each word of the glossary (docs/glossary.md), a module for each subject.

Every table and column says what it holds, for people who query the database themselves; `docs/tables.md` is made
from these words. Values of `state`, `kind` and the like are listed in the column's comment. Import tables from here:
then all of them are known to the metadata, whichever are used.
"""

from storage.models.accounts import Account, SignIn, Token
from storage.models.attachments import Attachment, AttachmentVersion, in_order
from storage.models.base import Base
from storage.models.deliveries import Channel, Delivery, DeliveryAlert, DeliveryPart
from storage.models.desk import Assignment, Mark, Note, Tag
from storage.models.documents import Document, Organ, Reading, Reference, Validity, Version
from storage.models.events import Event
from storage.models.identity import Fingerprint, IdentityDecision, PossibleCopy
from storage.models.pages import Lead, Page, Sighting, Snapshot
from storage.models.proof import ChainLink
from storage.models.sources import Fetch, Run, Source
from storage.models.upkeep import Lease, SearchEntry, SearchText, Setting
from storage.models.watches import Alert, Enrichment, Mute, Owner, Watch, WatchChannel

__all__ = [
    "Account",
    "Alert",
    "Assignment",
    "Attachment",
    "AttachmentVersion",
    "Base",
    "ChainLink",
    "Channel",
    "Delivery",
    "DeliveryAlert",
    "DeliveryPart",
    "Document",
    "Enrichment",
    "Event",
    "Fetch",
    "Fingerprint",
    "IdentityDecision",
    "Lead",
    "Lease",
    "Mark",
    "Mute",
    "Note",
    "Organ",
    "Owner",
    "Page",
    "PossibleCopy",
    "Reading",
    "Reference",
    "Run",
    "SearchEntry",
    "SearchText",
    "Setting",
    "Sighting",
    "SignIn",
    "Snapshot",
    "Source",
    "Tag",
    "Token",
    "Validity",
    "Version",
    "Watch",
    "WatchChannel",
    "in_order",
]
