"""The Kubernetes API as the tool uses it: raw JSON, one connection, every call with its own deadline.

Rule: vendor names, vendor errors and threads end here; callers see mappings, values of `domain`, and `domain.errors`.
Only reads are tried again by themselves; a change is sent once.

The whole interface, as the composition root uses it::

    connection = ClusterConnection(environment.cluster)    # nothing is read or imported yet
    connection.warm()                                      # optional, in a thread: imports, kubeconfig, credentials
    connection.server()                                    # "https://…": the address the pinned context names
    connection.renew()                                     # after a login: kubeconfig and credentials are read again
    connection.cluster_now()                               # the time by the API server's clock
    connection.close()

Roles over one connection; `deadline` is seconds for one question, retries included::

    identity = ClusterIdentity(connection)                 # identity.py
    identity.who_am_i()                                    # Identity(server, user, groups)
    identity.current()                                     # (server, user): engine's IdentityCheck
    identity.may("patch", "apps", "deployments", name="gospelib-gateway", namespace="")   # Permission(allowed, reason)
    identity.ready()                                       # Serving(ready, words); asked without credentials, `readyz`
    identity.live()                                        # the same with `livez`

    reader = ClusterReader(connection, deadline=15.0)      # reading.py
    reader.get("/api/v1/…", {"query": "value"})            # one object
    reader.list_pages("/api/v1/…", {"labelSelector": "…"}) # Page(items, resource_version), all pages

    workloads = ClusterWorkloads(connection)               # workloads.py; raw objects, in the pinned namespace
    workloads.deployment(name); workloads.deployments()
    workloads.replica_sets(raw_deployment)                 # those it controls
    workloads.pods(selector)
    workloads.events(kind="", name="", uid="")
    workloads.autoscalers()
    workloads.nodes(); workloads.config_maps()
    workloads.application(namespace, name)
    workloads.exists("ConfigMap", name)                    # also Secret, PersistentVolumeClaim, ServiceAccount, PriorityClass
    workloads.keys("ConfigMap", name)                      # its keys, never its values

    changes = ClusterChanges(connection)                   # changes.py; each sent once, never again by itself
    changes.patch_deployment(name, operations, dry_run=False)
    changes.patch_application(namespace, name, operations_or_merge, dry_run=False)

    applied = ClusterApply(connection)                     # applying.py; server-side apply, any kind the cluster serves
    applied.live(manifest); applied.apply(manifest, dry_run=False, force=False)

    streams = ClusterStreams(connection)                   # streams.py; iterate, and stop() from any thread
    streams.watch_lines("/api/v1/namespaces/NS/pods", resource_version, query={}, timeout=25)   # LineStream of JSON text
    streams.log_lines(pod, container, follow=True, since=None, tail=200, previous=False)        # LineStream of log text

    lease = EnvironmentLease(connection)                   # lease.py: the engine's EnvironmentLock

Errors: `CredentialsExpired`, `Forbidden`, `NoRoute`, `ServerDown`, `NotFound`, `VersionGone` (a list or watch must start again), `Throttled`,
`FactsMoved` (with what moved), `Refused`, `NotSent`, `OutcomeUnknown` (only from a change that may have been made).
"""
