"""One suite of calls played against the simulated and the real estate: what allows the simulated one to be believed."""
