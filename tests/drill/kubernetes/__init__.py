"""Tests of the simulated Kubernetes API server, by real HTTP over TLS."""
