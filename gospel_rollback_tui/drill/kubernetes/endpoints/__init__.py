"""What each path of the API server answers.

Rule: an endpoint turns a request into a reply by way of the registry; it owns no state.
"""
