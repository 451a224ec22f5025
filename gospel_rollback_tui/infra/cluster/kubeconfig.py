"""Reads the pinned context of a kubeconfig by kubectl's conventions, without running anything it names."""

import base64
import importlib
import os
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import urllib3
import yaml

from gospel_rollback_tui.domain.errors import ConfigurationError
from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.infra.loopback import is_loopback

DEFAULT_KUBECONFIG = "~/.kube/config"
_CERTIFICATE_KEYS = frozenset({"client-certificate", "client-certificate-data", "client-key", "client-key-data"})
_POOL_SIZE = 48
"""Connections kept: every watch and followed log holds one."""


class ClientConfiguration(Protocol):
    """What is used of `kubernetes.client.Configuration`."""

    host: str
    proxy: str | None
    no_proxy: str | None
    retries: bool | None
    keep_alive: bool
    connection_pool_maxsize: int
    cert_file: str | None
    key_file: str | None


class _Entry(Protocol):
    """A named entry of a merged kubeconfig: its content and the file it is from."""

    value: dict[str, Any]
    path: str | None


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API is and how its user is known there."""

    context: str
    server: str
    """Address without a trailing slash."""
    user: Mapping[str, Any]
    """The user's section of the kubeconfig, without certificates."""
    folder: str
    """What relative paths in the user's section are relative to."""
    cluster: Mapping[str, Any]
    """The cluster's section, for plugins that ask for it."""
    configuration: ClientConfiguration
    """Server, TLS, client certificate and proxy; no token."""


def kubeconfig_paths(cluster: Cluster) -> str:
    """Returns the files to read, joined by the path separator: the configured one, KUBECONFIG, or kubectl's default."""
    return cluster.kubeconfig or os.environ.get("KUBECONFIG", "") or DEFAULT_KUBECONFIG


def load_access(cluster: Cluster, certificate: tuple[str, str] | None = None) -> Access:
    """Reads the kubeconfig and returns the pinned context's access.

    Args:
        cluster: Names the context, and the file if it is not the usual one.
        certificate: PEM texts of a client certificate and its key that a plugin gave, instead of the kubeconfig's own.

    Raises:
        ConfigurationError: A file is missing or unreadable, or lacks the context.
    """
    paths = kubeconfig_paths(cluster)
    library = importlib.import_module("kubernetes.config.kube_config")
    mistake: type[Exception] = importlib.import_module("kubernetes.config.config_exception").ConfigException
    merged = _merged(paths, library, mistake)
    context = cluster.context or str(merged.get("current-context") or "")
    chosen = _named(merged, "contexts", context)
    if chosen is None:
        raise _unknown(context, merged, paths)
    section = chosen.value.get("context") or {}
    user = _named(merged, "users", section.get("user"))
    target = _named(merged, "clusters", section.get("cluster"))
    if target is None or not (target.value.get("cluster") or {}).get("server"):
        raise ConfigurationError(f"context {context!r} names no cluster with a server", file=_shown(paths))
    wishes = dict((user.value.get("user") if user is not None else None) or {})
    if user is not None:
        user.value["user"] = _certificates(wishes, certificate)
    configuration = _loaded(library, mistake, merged, context, paths)
    _prepare(configuration, target.value["cluster"], drill=bool(cluster.nonce))
    return Access(
        context=context,
        server=str(configuration.host).rstrip("/"),
        user={name: value for name, value in wishes.items() if name not in _CERTIFICATE_KEYS},
        folder=str(Path(user.path).absolute().parent) if user is not None and user.path else "",
        cluster=dict(target.value["cluster"]),
        configuration=configuration,
    )


def _merged(paths: str, library: ModuleType, mistake: type[Exception]) -> dict[str, Any]:
    try:
        config = library.KubeConfigMerger(paths).config
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ConfigurationError("is not YAML: " + clean(str(error), 200), file=_shown(paths), line=mark.line + 1 if mark else 0) from error
    except (mistake, OSError, UnicodeError, AttributeError, TypeError, KeyError) as error:
        raise ConfigurationError("cannot be read as a kubeconfig: " + clean(str(error), 200), file=_shown(paths)) from error
    if config is None:
        raise ConfigurationError(
            "no kubeconfig is there",
            file=_shown(paths),
            next_step="Log in to the cluster once, or set `kubeconfig` of the environment, or KUBECONFIG.",
        )
    merged: dict[str, Any] = config.value
    return merged


def _loaded(library: ModuleType, mistake: type[Exception], merged: Mapping[str, Any], context: str, paths: str) -> ClientConfiguration:
    configuration: ClientConfiguration = importlib.import_module("kubernetes.client").Configuration()
    whole = library.ConfigNode("kubeconfig", merged, None)
    try:
        # Without a base path each entry's relative paths are relative to the file it is from.
        library.KubeConfigLoader(config_dict=whole, active_context=context, config_base_path=None).load_and_set(configuration)
    except (mistake, OSError, ValueError, TypeError) as error:
        raise ConfigurationError(clean(str(error), 300), file=_shown(paths)) from error
    return configuration


def _unknown(context: str, merged: Mapping[str, Any], paths: str) -> ConfigurationError:
    names = sorted(str(entry.value.get("name")) for entry in merged["contexts"] if isinstance(entry.value, dict))
    return ConfigurationError(
        f"there is no context {context!r}; known: {clean(', '.join(names)) or 'none'}",
        file=_shown(paths),
        next_step="Name one of them as `context` of the environment, or point KUBECONFIG at the file that has it.",
    )


def _named(merged: Mapping[str, Any], section: str, name: object) -> _Entry | None:
    return next((entry for entry in merged[section] if isinstance(entry.value, dict) and entry.value.get("name") == name), None)


def _certificates(wishes: Mapping[str, Any], given: tuple[str, str] | None) -> dict[str, Any]:
    """Leaves the library nothing but certificates to work with, so that it never runs a plugin itself."""
    if given is None:
        return {name: value for name, value in wishes.items() if name in _CERTIFICATE_KEYS}
    encoded = [base64.b64encode(part.encode()).decode() for part in given]
    return {"client-certificate-data": encoded[0], "client-key-data": encoded[1]}


def _prepare(configuration: ClientConfiguration, section: Mapping[str, Any], *, drill: bool) -> None:
    """Nothing is tried again by the library, and proxies are used as kubectl uses them."""
    configuration.retries = False
    configuration.keep_alive = True
    configuration.connection_pool_maxsize = _POOL_SIZE
    if drill:
        configuration.proxy = None
    elif section.get("proxy-url"):
        configuration.no_proxy = None  # a proxy named for the cluster is used whatever NO_PROXY says
    elif is_loopback(configuration.host):
        configuration.proxy = None  # HTTPS_PROXY is not meant for this machine


def make_pool(access: Access, *, known: bool) -> urllib3.PoolManager:
    """Lets the library turn its configuration into a connection pool: TLS, proxies and keep-alives are its trade.

    Args:
        access: Whose server.
        known: With the client certificate.

    Raises:
        ConfigurationError: The proxy cannot be used.
    """
    configuration = copy(access.configuration)
    if not known:
        configuration.cert_file = configuration.key_file = None
    try:
        pool: urllib3.PoolManager = importlib.import_module("kubernetes.client.rest").RESTClientObject(configuration).pool_manager
    except (ImportError, ValueError, urllib3.exceptions.HTTPError) as error:
        reason = clean(str(error), 200)
        raise ConfigurationError(f"the proxy {clean(redact(str(configuration.proxy)))} cannot be used: {reason}", file=access.context) from error
    return pool


def _shown(paths: str) -> str:
    return clean(paths, 300)
