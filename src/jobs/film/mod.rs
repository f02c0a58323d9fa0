//! `film`: a film in, the film painted out.

pub mod keyframes;
