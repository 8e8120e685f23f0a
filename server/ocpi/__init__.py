"""OCPI documents at the wire: their shapes, and what they become here."""
