"""Handoff: owns the spine, every effect and the only pen. Start reading at `contact.py`."""
