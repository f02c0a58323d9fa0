//! The reader itself, put to the test: it can be seen to fail.

use std::collections::BTreeMap;

use super::rule::{check, reexports};
use super::table::table;

/// Findings for a file with no re-exports in the root.
fn found(name: &str, source: &str) -> Vec<String> {
    let table = table(include_str!("../../src/lib.rs"));
    check(name, source, &table, &BTreeMap::new())
}

#[test]
fn a_forbidden_import_is_named() {
    assert_eq!(
        found("src/progress.rs", "use crate::engine::Engine;"),
        ["`src/progress.rs` must not import crate::engine"]
    );
    assert_eq!(
        found("src/progress.rs", "use crate::error::Result;"),
        [""; 0]
    );
    assert_eq!(
        found("src/error.rs", "use crate::picture;"),
        ["`src/error.rs` must not import crate::picture"]
    );
}

#[test]
fn groups_and_renames_are_opened() {
    let source = "use crate::{error::{Error, Result}, jobs::stylize as job, engine};";
    assert_eq!(
        found("src/picture/file.rs", source),
        [
            "`src/picture/file.rs` must not import crate::engine",
            "`src/picture/file.rs` must not import crate::jobs"
        ]
    );
    assert_eq!(
        found(
            "src/picture/file.rs",
            "use {crate::engine::Engine, std::fs};"
        ),
        ["`src/picture/file.rs` must not import crate::engine"]
    );
}

#[test]
fn paths_in_the_middle_of_code_count() {
    let source = "fn f() -> Result<()> { let e: Vec<crate::engine::Engine> = g(crate :: jobs :: run)?; Ok(()) }";
    assert_eq!(found("src/measure/mod.rs", source).len(), 2);
    assert_eq!(
        found(
            "src/measure/mod.rs",
            "macro_rules! m { () => { $crate::jobs::run() } }"
        )
        .len(),
        1
    );
}

#[test]
fn tests_inside_a_module_count() {
    let source = "#[cfg(test)] mod tests { use super::*; use crate::engine::Engine; }";
    assert_eq!(
        found("src/picture/mod.rs", source),
        ["`src/picture/mod.rs` must not import crate::engine"]
    );
}

#[test]
fn super_is_followed_out_of_the_module_and_no_further() {
    assert_eq!(
        found(
            "src/picture/file.rs",
            "use super::latest::Latest; use super::super::error::Result;"
        ),
        [""; 0]
    );
    assert_eq!(
        found("src/picture/file.rs", "use super::super::engine::Engine;"),
        ["`src/picture/file.rs` must not import crate::engine"]
    );
    assert_eq!(
        found(
            "src/video/mod.rs",
            "use super::{error, style::StyleEmbedding};"
        ),
        ["`src/video/mod.rs` must not import crate::style"]
    );
    // One storey deeper, the same word means the module itself...
    assert_eq!(
        found("src/video/mod.rs", "mod inner { use super::style::Own; }"),
        [""; 0]
    );
    // ... and after its closing brace it means the root again.
    assert_eq!(
        found(
            "src/video/mod.rs",
            "mod inner { fn f() { {} } } use super::style::Own;"
        )
        .len(),
        1
    );
}

#[test]
fn comments_documentation_and_strings_do_not_count() {
    let source = r####"
        //! See [`crate::engine`].
        /// [`crate::jobs::run`] and `ort::Session`.
        /* crate::jobs /* crate::engine */ ort::Session */
        const A: &str = "crate::engine \" ort::x"; const B: &str = r#"crate::jobs " ort::y"#;
        fn f<'a>(quote: char) -> bool { quote == '"' || quote == '\'' || quote == '\\' }
    "####;
    assert_eq!(found("src/error.rs", source), [""; 0]);
    // What follows all of these is read again.
    let more = format!("{source} use crate::engine::Engine;");
    assert_eq!(
        found("src/error.rs", &more),
        ["`src/error.rs` must not import crate::engine"]
    );
}

#[test]
fn only_the_runtime_names_ort() {
    for source in [
        "use ort::session::Session;",
        "fn f(s: &ort::Session) {}",
        "use ort as onnx;",
        "extern crate ort;",
    ] {
        assert_eq!(
            found("src/engine/mod.rs", source),
            ["`src/engine/mod.rs` must not name `ort`: only src/runtime does"],
            "{source}"
        );
        assert_eq!(found("src/main.rs", source).len(), 1, "{source}");
        assert_eq!(found("src/runtime/session.rs", source), [""; 0], "{source}");
    }
    assert_eq!(
        found(
            "src/engine/mod.rs",
            "fn f(r: &Report) { let ort = 1; report::write(r); }"
        ),
        [""; 0]
    );
}

#[test]
fn an_unknown_module_asks_for_its_place() {
    let findings = found("src/sound/mod.rs", "");
    assert_eq!(
        findings,
        [
            "`src/sound/mod.rs` belongs to module `sound`, which is in no layer: put it in the table of src/lib.rs"
        ]
    );
    assert_eq!(found("src/sound.rs", "").len(), 1);
}

#[test]
fn what_the_root_re_exports_counts_as_its_module() {
    let exports = reexports(
        "pub mod engine; pub use engine::{Engine, builder::Builder as Maker}; pub use self::error::Error;",
        true,
    );
    assert_eq!(exports.get("Engine").map(String::as_str), Some("engine"));
    assert_eq!(exports.get("Maker").map(String::as_str), Some("engine"));
    assert_eq!(exports.get("Builder"), None);
    assert_eq!(
        check(
            "src/picture/file.rs",
            "use crate::{Engine, Error};",
            &table(include_str!("../../src/lib.rs")),
            &exports
        ),
        ["`src/picture/file.rs` must not import crate::Engine"]
    );
}

#[test]
fn the_whole_root_cannot_be_taken() {
    for source in ["use crate::*;", "use crate as all;", "use super::*;"] {
        assert_eq!(found("src/progress.rs", source).len(), 1, "{source}");
    }
    assert_eq!(found("src/lib.rs", "pub use crate::engine::*;"), [""; 0]);
    assert_eq!(found("src/cli/mod.rs", "use crate::jobs;"), [""; 0]);
}

#[test]
#[should_panic(expected = "error may not stand on engine")]
fn a_table_that_contradicts_itself_is_refused() {
    table("//! | 0 | [`error`] | errors | engine |\n//! | 1 | [`engine`] | networks | error |");
}
