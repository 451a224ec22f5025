"""The drill's estates: everything here serves on loopback and reaches nothing but itself.

Rule: no client of a vendor, and no import of `ui` or `infra`. What the tool meets here it
meets through the same clients, addresses and certificates as in production.
"""
