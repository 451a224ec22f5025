"""A simulated Argo CD: REST API, accounts, tokens, projects, sync windows and operations, as Argo CD 3.2 was seen to behave.

Rule: the Application objects in the simulated Kubernetes store are the one truth; nothing here keeps another.
"""
