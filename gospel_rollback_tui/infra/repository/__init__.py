"""The git repository that Argo CD follows, through the real `git`, in a clone of our own under the state folder.

Rule: no work tree, index, hook or configuration file of the operator's is ever written; the remote is changed by one push of one commit, never by force.

The whole interface, as the composition root uses it::

    repository = GitRepository(place, folder)              # nothing is run yet; `folder` holds the clones of all repositories
    repository.fetch()                                     # makes the clone the first time; refuses a shallow one
    repository.head(); repository.remote_head(ref="")      # as fetched; as the remote says now
    repository.log(folder, limit); repository.tags(prefix)
    repository.restored(source, paths); repository.reverted(commits, mainline); repository.edited({path: text})
    repository.exported(revision, folder)                  # the files, for a builder
    repository.push(parcel); repository.pushed(mark, ref)

Errors: `NotSent` and its kinds, `Refused` (with the server's words), `NotFound`, `FactsMoved` (somebody pushed), `OutcomeUnknown` (only from `push`).
"""
