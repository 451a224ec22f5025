"""The real kubectl against the simulated API server, without a drill around it."""
