"""HTTP/1.1 over TLS on loopback: sockets, requests, answers and streams.

Rule: nothing here knows what Kubernetes is.
"""
