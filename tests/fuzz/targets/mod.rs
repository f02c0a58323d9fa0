//! The bodies of the fuzz targets: ordinary functions, so that the corpus is replayed by stable Rust as well
//! (`tests/all/fuzz_replay.rs`). Each panics where a rule is broken, and only there.

mod animation;
mod camera;
mod check;
mod features;
mod graph;
pub mod graph_mutation;
mod http;
mod keyframes;
mod manifest;
mod midi;
mod osc;
mod picture;
mod style;
mod y4m;

/// A target: the name of its program and of its folders, and its body.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "animation",
        run: animation::run,
    },
    Target {
        name: "camera",
        run: camera::run,
    },
    Target {
        name: "features",
        run: features::run,
    },
    Target {
        name: "graph",
        run: graph::run,
    },
    Target {
        name: "graph_mutation",
        run: graph_mutation::run,
    },
    Target {
        name: "http",
        run: http::run,
    },
    Target {
        name: "keyframes",
        run: keyframes::run,
    },
    Target {
        name: "manifest",
        run: manifest::run,
    },
    Target {
        name: "midi",
        run: midi::run,
    },
    Target {
        name: "osc",
        run: osc::run,
    },
    Target {
        name: "picture",
        run: picture::run,
    },
    Target {
        name: "style",
        run: style::run,
    },
    Target {
        name: "y4m",
        run: y4m::run,
    },
];

/// Run the target `name`.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of that name").run)(data);
}
