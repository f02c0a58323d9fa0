#!/usr/bin/env bash
# Fuzz targets, one after the other: tests/fuzz/run.sh [MINUTES] [TARGET...]; 30 minutes each and all of them by default.
#
# Needs nightly Rust and cargo-fuzz (cargo install cargo-fuzz). What grows the corpus stays in FUZZ_CORPUS (a folder outside the
# repository by default), findings in FUZZ_FOUND; `tests/fuzz/run.sh minimise` then rewrites tests/fuzz/corpus.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=${FUZZ_WORK:-${XDG_CACHE_HOME:-$HOME/.cache}/impasto-fuzz}
export CARGO_TARGET_DIR=${FUZZ_TARGET:-$work/target}
# No target runs a network, so the build need not fetch ONNX Runtime.
export IMPASTO_RUNTIME=skip

# The memory of one run; a target that needs more has found something. Of one allocation: the largest limit that a target sets.
RSS_MB=1500
MALLOC_MB=400
# The most files of a target's corpus in the repository, and kB of one.
MOST_FILES=60
MOST_KB=5

all() { cargo +nightly fuzz list --fuzz-dir tests/fuzz; }

# fuzz MINUTES TARGET
fuzz() {
    local corpus=$work/corpus/$2 found=$work/found/$2
    mkdir -p "$corpus" "$found" "$work/logs"
    cp -n tests/fuzz/corpus/"$2"/* "$corpus"/ 2>/dev/null || true
    local most=4096
    [ "$2" = http ] && most=2048
    printf '== %s, %s minutes\n' "$2" "$1"
    cargo +nightly fuzz run --fuzz-dir tests/fuzz "$2" "$corpus" -- -max_total_time=$(($1 * 60)) -max_len=$most -timeout=10 \
        -rss_limit_mb=$RSS_MB -malloc_limit_mb=$MALLOC_MB -artifact_prefix="$found/" -print_final_stats=1 \
        >"$work/logs/$2.log" 2>&1 || echo "$2 found something: see $found and $work/logs/$2.log"
    grep -E '^#[0-9]+.*DONE|stat::number_of_executed_units|SUMMARY' "$work/logs/$2.log" || true
}

# A set of files that together cover what the whole corpus covers; where it is too large for the repository, some of every size.
minimise() {
    local target small
    for target in "$@"; do
        small=$(mktemp -d)
        cargo +nightly fuzz run --fuzz-dir tests/fuzz "$target" -- -set_cover_merge=1 -rss_limit_mb=$RSS_MB "$small" "$work/corpus/$target" \
            >"$work/logs/$target-merge.log" 2>&1 || { echo "$target: the merge failed, see $work/logs/$target-merge.log"; continue; }
        rm -rf "tests/fuzz/corpus/$target"
        mkdir -p "tests/fuzz/corpus/$target"
        find "$small" -type f -size -"$MOST_KB"k -printf '%s %f\n' | sort -n | cut -d ' ' -f 2 |
            awk -v most=$MOST_FILES '{ all[NR - 1] = $0 } END { n = NR < most ? NR : most; for (i = 0; i < n; i++) print all[int(i * NR / n)] }' |
            while read -r file; do cp "$small/$file" "tests/fuzz/corpus/$target/${file:0:12}"; done
        printf '%s: %s of %s files, %s bytes\n' "$target" "$(find "tests/fuzz/corpus/$target" -type f | wc -l)" "$(find "$small" -type f | wc -l)" \
            "$(du -sb "tests/fuzz/corpus/$target" | cut -f 1)"
        rm -rf "$small"
    done
}

if [ "${1:-}" = minimise ]; then
    shift
    [ $# -gt 0 ] || set -- $(all)
    minimise "$@"
    exit
fi
minutes=${1:-30}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- $(all)
for target in "$@"; do fuzz "$minutes" "$target"; done
