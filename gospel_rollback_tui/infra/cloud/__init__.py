"""Adapters for Amazon's own services; vendor errors end here."""
