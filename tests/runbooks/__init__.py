"""Tests of the package runbooks."""
