#!/usr/bin/env bash
# Compute the embeddings of twelve paintings in the public domain and write them to models/gallery.toml.
#
#   export/ship/gallery.sh FOLDER      FOLDER contains great-wave.jpg, starry-night.jpg ...
#
# Run it after every change of models/predictor.onnx: embeddings of another predictor are invalid.
set -euo pipefail
paintings=${1:?usage: export/ship/gallery.sh FOLDER}
cd "$(dirname "$0")/../.."
rm -f models/gallery.toml.new
add() {
    ${IMPASTO:-cargo run --release --quiet --} styles add "$paintings/$1.jpg" --name "$1" --title "$2" --painter "$3" --year "$4" \
        --model models --gallery models/gallery.toml.new --device cpu
}
add great-wave         "The Great Wave off Kanagawa"        "Katsushika Hokusai"     "about 1831"
add starry-night       "The Starry Night"                   "Vincent van Gogh"       "1889"
add irises             "Irises"                             "Vincent van Gogh"       "1889"
add the-scream         "The Scream"                         "Edvard Munch"           "1893"
add the-kiss           "The Kiss"                           "Gustav Klimt"           "1908"
add water-lilies       "Water Lilies"                       "Claude Monet"           "1897-1926, series"
add flower-girl        "Flower Girl"                        "Kazimir Malevich"       "dated 1903"
add shipwreck          "The Shipwreck"                      "J. M. W. Turner"        "1805"
add deluge             "Deluge"                             "Wassily Kandinsky"      "1912"
add port-en-bessin     "Port-en-Bessin"                     "Georges Seurat"         "1888"
add red-and-blue-horse "Red and Blue Horse"                 "Franz Marc"             "1912"
add tableau-7          "Tableau No. 7"                      "Piet Mondrian"          "about 1925"
mv models/gallery.toml.new models/gallery.toml
