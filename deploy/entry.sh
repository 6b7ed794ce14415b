#!/bin/sh
# Start `alltobit` with its compiled loops where numba may write. Needs a writable /tmp.
set -eu
[ -d "$NUMBA_CACHE_DIR" ] || cp -R /opt/alltobit/numba "$NUMBA_CACHE_DIR"
exec alltobit "$@"
