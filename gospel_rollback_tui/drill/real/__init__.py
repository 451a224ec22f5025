"""The drill's real estate: a Kubernetes control plane built from source, on loopback, for as long as one process wants it.

Rule: every program started here belongs to a supervisor that ends it whatever happens to the process that asked for it,
every address is one this package picked itself, and scripts, services, logs and the Application's owner are those of the
simulated estate: only the cluster differs.
"""
