"""Tests of the package runner."""
