"""Every case, by what it is about."""

from tests.real.conformance.case import Case
from tests.real.conformance.cases import (
    applications,
    as_the_tool_asks,
    events,
    identity,
    leases,
    logs,
    patching,
    proxying,
    reading,
    refusals,
    rollouts,
    troubles,
    watching,
)

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
    *proxying.CASES,
    *troubles.CASES,
    *as_the_tool_asks.CASES,
)
