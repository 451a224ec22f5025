//go:build tools

// Package etcd pins the command that peers/build.sh builds.
package etcd

import _ "go.etcd.io/etcd/server/v3"
