"""The drill's real estate: a Kubernetes control plane built from source, on loopback, for as long as one process wants it.

Rule: standard library and PyYAML only; every program started here belongs to a supervisor that ends it whatever happens
to the process that asked for it, and every address is one this package picked itself.
"""
