"""The configuration: found, read, and turned into frozen settings.

Every complaint names file, line and key, and what to write instead. No secret is read, resolved or shown here: passwords
and tokens stay where the ecosystem's own tools look for them.
"""
