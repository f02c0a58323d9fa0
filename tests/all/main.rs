//! The tests of the library and of the program, as modules of one binary: each binary links the whole library, which
//! takes longer than compiling its tests. Only what needs a process or a time of its own stands beside this folder.

#[path = "../common/mod.rs"]
mod common;

mod animation;
mod bench;
mod best;
mod blend;
mod bombs;
mod brush;
mod bundled;
mod collections;
mod colors;
mod example_pictures;
mod film;
mod film_survive;
mod folders;
#[cfg(feature = "live")] // some targets are of camera and remote control
mod fuzz_replay;
mod gatys;
mod gatys_objective;
mod hostile_pictures;
mod leftovers;
mod library;
mod limits;
mod live;
#[cfg(feature = "live")] // with the mutations of a fuzz target
mod model_mutations;
mod oldest_rust;
mod osc;
mod permissions;
mod photo_files;
mod pins;
mod plain_pictures;
mod precision;
mod privacy;
mod properties;
mod quality;
mod refine;
mod regions;
mod runtime_install;
mod serve;
mod shard;
mod special_files;
mod steady;
mod styles;
mod stylize;
mod survive;
mod tiles;
mod verify;
mod web;
