#!/usr/bin/env bash
# `kernel.sh DIR`: puts a kernel and the modules that the guest loads into DIR, unless they are there already:
#   DIR/vmlinuz, DIR/vivid/*.ko (numbered in the order in which they load), DIR/loopback/v4l2loopback.ko
# Everything comes as packages through this machine's apt, which checks their signatures. They are only unpacked, never
# installed. Without DIR/loopback (no compiler, no headers) the guest goes without Motion-JPEG; DIR/loopback.txt says why.
set -euo pipefail
umask 022

die() {
    echo "kernel.sh: $*" >&2
    exit 1
}

into=${1:?usage: kernel.sh DIR}
[ ! -e "$into/complete" ] || exit 0
[ "$(uname -m)" = x86_64 ] || die "only x86-64 is provided for, this is $(uname -m)"
mkdir -p "$(dirname "$into")"
work=$(mktemp -d "$into.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir debs root out out/vivid

# apt's own helper user may not write here, and need not.
obtain() { (cd debs && apt-get -q -o APT::Sandbox::User= download "$@" >apt.log 2>&1) || { cat debs/apt.log >&2; return 1; }; }
unpack() { for deb in debs/"$1"_*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x -C root "${@:2}"; done; }
depends() { apt-cache depends --important "$1" 2>/dev/null | sed -n 's/^ *Depends: //p'; }

# The newest kernel, by the package that always depends on it: linux-image-amd64 in Debian. The small "cloud" kernel
# has no camera drivers at all.
image=$(depends linux-image-amd64 | grep -m1 '^linux-image-.*-amd64$') ||
    die "apt knows no package linux-image-amd64 (not Debian, or \`apt-get update\` was never run)"
version=${image#linux-image-}
echo "kernel.sh: obtaining $image" >&2
obtain "$image"
unpack "$image" ./boot ./lib
cp "root/boot/vmlinuz-$version" out/vmlinuz

depmod -b root "$version"
number=10
for name in virtio_pci virtio_blk vivid; do
    modprobe -d "$work/root" -S "$version" --show-depends "$name" | while read -r verb file _; do
        [ "$verb" = insmod ] && echo "$file"
    done
done | awk '!seen[$0]++' >order
while read -r file; do
    cp "$file" "out/vivid/$number-$(basename "$file")"
    number=$((number + 1))
done <order

# v4l2loopback is source code in Debian, one file of C, built against the headers of that kernel.
loopback() {
    local common kbuild headers=linux-headers-$version
    common=$(depends "$headers" | grep -m1 -- '-common$') && kbuild=$(depends "$headers" | grep -m1 '^linux-kbuild-') ||
        { echo "no $headers"; return 1; }
    obtain "$headers" "$common" "$kbuild" v4l2loopback-dkms || { echo "no download of $headers or v4l2loopback-dkms"; return 1; }
    for package in "$headers" "$common" "$kbuild" v4l2loopback-dkms; do unpack "$package"; done
    # Their Makefile names the other headers by the place where an installation would put them.
    sed -i "s|/[^ ]*/\(linux-headers-\)|$(realpath root/usr/src)/\1|" "root/usr/src/$headers/Makefile"
    local compiler
    compiler=$(sed -n 's/^CC = .*\(gcc-[0-9]*\)$/\1/p' "root/usr/src/$headers/.kernelvariables")
    local tool
    for tool in "${compiler:-gcc}" make strip; do
        command -v "$tool" >/dev/null || { echo "no $tool"; return 1; }
    done
    mkdir module && cp root/usr/src/v4l2loopback-*/*.[ch] module/ && echo 'obj-m := v4l2loopback.o' >module/Kbuild
    make -s -C "root/usr/src/$headers" "M=$work/module" modules >make.log 2>&1 && strip --strip-debug module/v4l2loopback.ko ||
        { cat make.log >&2; echo "its build failed"; return 1; }
    mkdir out/loopback && cp module/v4l2loopback.ko out/loopback/
}
if [ "${IMPASTO_GUEST_LOOPBACK:-yes}" = no ]; then
    echo "switched off by IMPASTO_GUEST_LOOPBACK=no" >out/loopback.txt
else
    echo "kernel.sh: building v4l2loopback" >&2
    loopback >out/loopback.txt || echo "kernel.sh: no v4l2loopback: $(cat out/loopback.txt)" >&2
fi

# Whole or not at all; where two runs did this at once, one of them wins.
echo "$version" >out/complete
rm -rf "$into"
mv -T out "$into"
