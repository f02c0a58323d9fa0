#!/bin/sh
# Renders the pictures of this folder again from their scene files:
#   still-life.png   some ten minutes of one core
#   moving/000.png.. twenty-four frames of a looping pan, under a minute
# Needs POV-Ray 3.7 (Debian and Ubuntu: `apt-get install povray povray-includes`).
# One thread, so that what is sampled at random comes out the same each time.
set -eu
cd "$(dirname "$0")"
trap 'rm -f ./*.pov-state' EXIT
quiet="+WT1 -D -V -GR -GS -GD"

povray $quiet +Istill-life.pov +Ostill-life.png +W768 +H576 +A0.2 +AM2 +R2

mkdir -p moving
frame=0
while [ "$frame" -lt 24 ]; do
  name=$(printf 'moving/%03d.png' "$frame")
  clock=$(awk "BEGIN { printf \"%.6f\", $frame / 24 }")
  povray $quiet +Imoving.pov "+O$name" +W256 +H192 +A0.2 +AM2 +R2 "+K$clock"
  frame=$((frame + 1))
done
