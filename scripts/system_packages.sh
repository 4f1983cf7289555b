#!/usr/bin/env bash
# Installs the Debian packages that setup and the browser tests need when root; otherwise prints the one line to run and goes on.
set -euo pipefail

command -v dpkg-query >/dev/null || exit 0 # not Debian: nothing we know how to name

needed=(
    chromium       # browser journeys and pictures of the screens
    libnss3-tools  # certutil: puts our own authority into a test browser's profile
    fonts-inter    # the interface's font, for pictures that look like the product
    openssl        # a second opinion on our certificates
    postgresql     # the relay's tests and bench, in a private cluster (scripts/postgresql.sh)
)
# Debian's own python3.11 comes without venv; any other Python 3.11 has it.
python3.11 -c 'import ensurepip, venv' 2>/dev/null || needed+=(python3.11 python3.11-venv)

missing=()
for package in "${needed[@]}"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
# The same engine without a window: most journeys in a third of the processor time. Journeys go on without it.
# It is of chromium's very version: who has an older chromium takes both.
faster=()
dpkg-query -W -f '${db:Status-Status}' chromium-headless-shell 2>/dev/null | grep -qx installed || faster=(chromium-headless-shell chromium)
[ ${#missing[@]} -eq 0 ] && [ ${#faster[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
    echo "Installing ${missing[*]} ${faster[*]}"
    # Debian's postgresql would start a cluster of its own at once: the tests make private ones.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    export DEBIAN_FRONTEND=noninteractive
    fetch() { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }
    [ ${#missing[@]} -eq 0 ] || fetch "${missing[@]}"
    [ ${#faster[@]} -eq 0 ] || fetch "${faster[@]}" || echo "Without chromium-headless-shell: browser journeys take longer."
elif [ ${#missing[@]} -gt 0 ]; then
    echo "Some Debian packages are missing; what needs them is skipped until you run:"
    echo "    sudo apt-get install --no-install-recommends ${missing[*]}"
fi
