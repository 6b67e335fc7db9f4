"""The workspace: one server where the parties of programmes meet; Git holds what they write, a database what they do."""

from __future__ import annotations
