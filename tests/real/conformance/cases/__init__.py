"""Every case, by what it is about."""

from tests.real.conformance.case import Case
from tests.real.conformance.cases import applications, events, identity, leases, logs, patching, reading, refusals, rollouts, troubles, watching

CASES: tuple[Case, ...] = (
    *refusals.CASES,
    *identity.CASES,
    *reading.CASES,
    *patching.CASES,
    *watching.CASES,
    *leases.CASES,
    *applications.CASES,
    *rollouts.CASES,
    *logs.CASES,
    *events.CASES,
    *troubles.CASES,
)
