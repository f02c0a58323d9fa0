#!/usr/bin/env bash
# Writes src/bindings.rs anew. See README.md for what it needs.
set -euo pipefail
cd "$(dirname "$0")"

want=0.72.1
[ "$(bindgen --version 2>/dev/null)" = "bindgen $want" ] || {
    echo "bindgen $want is needed: cargo install bindgen-cli --version $want --locked" >&2
    exit 1
}

# The types that `v4l` 0.14.0 and `nokhwa-bindings-linux` 0.1.4 name; bindgen adds those that they are made of.
types='v4l2_(audio|audioout|buffer|capability|captureparm|control|crop|cropcap|edid|enc_idx|encoder_cmd|exportbuffer'
types+='|ext_control|ext_controls|fmtdesc|format|fract|framebuffer|frequency|frmivalenum|frmivaltypes|frmsizeenum|frmsizetypes'
types+='|input|jpegcompression|modulator|output|outputparm|pix_format|query_ext_ctrl|queryctrl|querymenu|requestbuffers'
types+='|sliced_vbi_cap|standard|std_id|streamparm|tuner)|time_t'
# Controls of hardware codecs: only pointed at, so their size is enough.
opaque='v4l2_ctrl_(h264|hevc|vp8|vp9|mpeg2|fwht|hdr10|av1)_.*'

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
echo '#include <linux/videodev2.h>' >"$tmp/header.h"

# generate ARCHITECTURE INCLUDE_FOLDER
generate() {
    bindgen "$tmp/header.h" --no-doc-comments --rust-target 1.85 --rust-edition 2021 \
        --allowlist-type "$types" --allowlist-var 'V4L2_(CID|CTRL_FLAG)_.*' --opaque-type "$opaque" \
        -- "--target=$1-unknown-linux-gnu" -isystem "$2" >"$tmp/$1.rs"
}
generate x86_64 "${X86_64_INCLUDE:-/usr/include/x86_64-linux-gnu}"
generate aarch64 "${AARCH64_INCLUDE:-/usr/aarch64-linux-gnu/include}"

cmp "$tmp/x86_64.rs" "$tmp/aarch64.rs" || {
    echo "x86-64 and aarch64 differ: keep one file for each, chosen in src/lib.rs" >&2
    exit 1
}
cp "$tmp/x86_64.rs" src/bindings.rs
echo "src/bindings.rs: $(wc -l <src/bindings.rs) lines"
