#!/usr/bin/env bash
# The camera, for real: `tests/camera/run.sh IMPASTO [--runtime LIBRARY] [--keep DIR]` boots Linux in QEMU, whose kernel
# brings V4L2 cameras of its own (vivid, v4l2loopback), and runs the program IMPASTO there. See README.md.
# Exit status: 0 all passed; 1 a check failed; 2 wrongly called; 77 skipped, as something is missing here (stderr says what).
set -euo pipefail
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)

stop() {
    echo "tests/camera/run.sh: $2" >&2
    exit "$1"
}

program='' runtime=${ORT_DYLIB_PATH:-} keep=''
while [ $# -gt 0 ]; do
    case $1 in
    --runtime | --keep)
        [ $# -gt 1 ] || stop 2 "$1 needs a value"
        if [ "$1" = --keep ]; then keep=$2; else runtime=$2; fi
        shift
        ;;
    -*) stop 2 "unknown option $1" ;;
    *) program=$1 ;;
    esac
    shift
done
[ -f "$program" ] && [ -x "$program" ] || stop 2 "'$program' is not a program; usage: run.sh IMPASTO [--runtime LIBRARY] [--keep DIR]"

[ "$(uname -sm)" = 'Linux x86_64' ] || stop 77 "skipped: runs on Linux on x86-64 only, this is $(uname -sm)"
# An ordinary user's PATH has no depmod and modprobe.
PATH=$PATH:/usr/sbin:/sbin
for tool in qemu-system-x86_64 busybox cpio depmod modprobe v4l2-ctl; do
    command -v "$tool" >/dev/null ||
        stop 77 "skipped: no $tool here (apt-get install qemu-system-x86 busybox-static cpio kmod v4l-utils)"
done
! ldd "$(command -v busybox)" >/dev/null 2>&1 || stop 77 "skipped: busybox is not the static one (apt-get install busybox-static)"

cache=${IMPASTO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/impasto}
if [ -z "$runtime" ]; then
    # Where the build keeps it: src/fetch/cache_dirs.rs. The cache may hold other versions too.
    version=$(sed -n 's/^pub const VERSION: &str = "\(.*\)";/\1/p' "$top/src/fetch/pins.rs")
    runtime=$cache/runtime/onnxruntime-$version-linux-x86_64/libonnxruntime.so.$version
fi
[ -f "$runtime" ] || stop 2 "no ONNX Runtime in $cache/runtime: build the program first, or name its library with --runtime"
kernel=$cache/guest/kernel
timeout 120 "$here/kernel.sh" "$kernel" || stop 77 "skipped: no kernel for the guest (the reason stands above)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# All that the guest has lies in its memory: programs, with their libraries where the loader looks for them, modules,
# the tiny networks, a style.
root=$work/root
mkdir -p "$root"/{bin,usr/bin,data,modules,tests}
install "$(command -v busybox)" "$root/bin/busybox"
install "$(command -v v4l2-ctl)" "$root/usr/bin/v4l2-ctl"
# What a debugger needs would fill most of that memory.
strip --strip-debug -o "$root/usr/bin/impasto" "$program" 2>/dev/null || install "$program" "$root/usr/bin/impasto"
install -m 644 "$runtime" "$root/data/libonnxruntime.so"
for file in "$program" "$runtime" "$(command -v v4l2-ctl)"; do
    ldd "$file" | grep -oE '/[^ ]+ \(0x' | sed 's/ .*//'
done | sort -u | while read -r library; do
    install -D "$library" "$root$library"
done
cp -r "$kernel/vivid" "$root/modules/"
[ ! -d "$kernel/loopback" ] || cp -r "$kernel/loopback" "$root/modules/"
cp -r "$top/tests/data/tiny" "$here/bars.jpg" "$root/data/"
cp "$top/examples/styles/mosaic.png" "$root/data/style.png"
cp "$here/guest/checks.sh" "$root/tests/"
install "$here/guest/init" "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$work/initramfs"
truncate -s 128M "$work/out.tar"

# No KVM: few machines that build things have it, and where it is nested it can hang. Slow, but alike everywhere.
began=$SECONDS
status=0
timeout --kill-after=5 "${IMPASTO_GUEST_SECONDS:-600}" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1G \
    -nodefaults -no-user-config -no-reboot -display none -serial stdio \
    -kernel "$kernel/vmlinuz" -initrd "$work/initramfs" -append 'console=ttyS0 quiet panic=-1 mitigations=off' \
    -drive "file=$work/out.tar,if=virtio,format=raw" </dev/null 2>&1 |
    sed -u 's/\r$//' | tee "$work/console.txt" || status=${PIPESTATUS[0]}
echo "the guest ran for $((SECONDS - began)) s on Linux $(cat "$kernel/complete")"

if [ -n "$keep" ]; then
    mkdir -p "$keep"
    cp "$work/console.txt" "$keep/"
    tar -x --no-same-owner -C "$keep" --strip-components=1 -f "$work/out.tar" 2>/dev/null ||
        echo "tests/camera/run.sh: the guest handed nothing over" >&2
fi
[ "$status" != 124 ] || stop 1 "the guest did not finish in ${IMPASTO_GUEST_SECONDS:-600} s (IMPASTO_GUEST_SECONDS)"
[ "$status" = 0 ] || stop 1 "QEMU ended with status $status"
grep -qE '^DONE [1-9][0-9]* passed, 0 failed$' "$work/console.txt" || stop 1 "checks failed"
