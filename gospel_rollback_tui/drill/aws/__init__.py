"""A simulated AWS account on loopback: moto's RDS behind a door of ours that adds what moto lacks.

Changes take time, a rename onto a taken name is refused, a restore takes the region's defaults, and resource ids are
distinct. Nothing here ever reaches Amazon.
"""
