//! The floors of the house: which module may import which. Reads the sources; compiles nothing.
//!
//! `#[cfg(test)]` code counts; comments, documentation and strings do not.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Every top-level module and what it may import. The same table stands in the documentation of `src/lib.rs`.
const TABLE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("frame", &["error"]),
    ("timing", &["error"]),
    ("tensor", &["error"]),
    ("catalog", &["error"]),
    ("io", &["error", "frame"]),
    ("runtime", &["error", "tensor"]),
    ("style", &["error", "runtime", "tensor", "catalog"]),
    ("gatys", &["error", "runtime", "tensor"]),
    (
        "engine",
        &["error", "catalog", "style", "tensor", "timing", "runtime"],
    ),
    (
        "app",
        &[
            "error", "frame", "timing", "tensor", "catalog", "io", "runtime", "style", "gatys",
            "engine",
        ],
    ),
];

/// May import anything: the root, the command line, and the build script (which is no part of the library).
const FREE: &[&str] = &["lib", "main", "cli", "build"];

/// The only module that may name the crate `ort`.
const HOME_OF_ORT: &str = "runtime";

#[test]
fn modules_import_only_from_lower_floors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    assert!(files.len() > 5, "found only {} source files", files.len());
    let exports = reexports(&std::fs::read_to_string(root.join("src/lib.rs")).unwrap());
    let mut findings = Vec::new();
    for file in files {
        let name = file
            .strip_prefix(root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        findings.extend(check(
            &name,
            &std::fs::read_to_string(&file).unwrap(),
            &exports,
        ));
    }
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// The Rust files below `folder`, without those of crates of their own.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.join("Cargo.toml").exists() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

// ---------------------------------------------------------------- the rule

/// What is wrong in one file; `name` is its path from the root of the repository, with slashes.
/// `exports` tells which module an item of the root comes from.
fn check(name: &str, source: &str, exports: &BTreeMap<String, String>) -> Vec<String> {
    let place = module_path(name);
    let module = place.first().map_or("lib", String::as_str);
    let tokens = tokens(source);
    let mut findings = Vec::new();
    if module != HOME_OF_ORT && names_ort(&tokens) {
        findings.push(format!(
            "`{name}` must not name `ort`: only src/{HOME_OF_ORT} does"
        ));
    }
    if FREE.contains(&module) {
        return findings;
    }
    let Some((_, allowed)) = TABLE.iter().find(|(known, _)| *known == module) else {
        findings.push(format!("`{name}` belongs to module `{module}`, which is in no layer: put it in the table of tests/layers.rs"));
        return findings;
    };
    for import in imports(&tokens, &place) {
        // An item re-exported by the root counts as its module's.
        let target = exports.get(&import).unwrap_or(&import);
        if target == "*" {
            findings.push(format!(
                "`{name}` must name what it imports from the root of the crate, not take all of it"
            ));
        } else if target != module && !allowed.contains(&target.as_str()) {
            findings.push(format!("`{name}` must not import crate::{import}"));
        }
    }
    findings
}

/// `src/io/file.rs` is module `io::file`; the root is empty.
fn module_path(name: &str) -> Vec<String> {
    let inner = name.trim_start_matches("src/").trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if parts.len() > 1 && parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    if parts == ["lib"] { Vec::new() } else { parts }
}

fn names_ort(tokens: &[String]) -> bool {
    tokens.iter().enumerate().any(|(n, token)| {
        let before = n.checked_sub(1).map_or("", |n| tokens[n].as_str());
        let after = tokens.get(n + 1).map_or("", String::as_str);
        token == "ort" && (after == "::" || before == "use" || before == "crate")
    })
}

/// First segments below the root of the crate of every path that starts with `crate` or climbs there by `super`.
/// `*` stands for all of it. `place` is the module of the file.
fn imports(tokens: &[String], place: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // Modules written out inside the file, and how many braces were open around each.
    let mut inner: Vec<(String, usize)> = Vec::new();
    let mut depth = 0;
    for n in 0..tokens.len() {
        let at = |k: usize| tokens.get(k).map_or("", String::as_str);
        match at(n) {
            "{" => depth += 1,
            "}" => {
                depth = usize::saturating_sub(depth, 1);
                inner.retain(|(_, outside)| *outside < depth);
            }
            "mod" if at(n + 2) == "{" => inner.push((at(n + 1).to_owned(), depth)),
            "crate" | "super" if n == 0 || at(n - 1) != "::" => {
                let here: Vec<String> = place
                    .iter()
                    .cloned()
                    .chain(inner.iter().map(|(name, _)| name.clone()))
                    .collect();
                path(tokens, n, &here, &mut found);
            }
            _ => {}
        }
    }
    found
}

/// Reads one path or group that begins at token `n` and means things in module `here`; returns the token after it.
fn path(tokens: &[String], mut n: usize, here: &[String], found: &mut BTreeSet<String>) -> usize {
    let at = |k: usize| tokens.get(k).map_or("", String::as_str);
    let mut here = here.to_vec();
    loop {
        match at(n) {
            "crate" => here.clear(),
            "super" => {
                here.pop();
            }
            "self" => {}
            "{" => {
                n += 1;
                while n < tokens.len() && at(n) != "}" {
                    n = if at(n) == "," {
                        n + 1
                    } else {
                        path(tokens, n, &here, found)
                    };
                }
                return n + 1;
            }
            segment => {
                if here.is_empty() && (segment == "*" || is_name(segment)) {
                    found.insert(segment.to_owned());
                }
                // Deeper segments stay in the module just named; only the shape of the path still matters.
                here.push(segment.to_owned());
            }
        }
        n += 1;
        if at(n) == "as" {
            // `use crate as other` hides every later import.
            if here.is_empty() {
                found.insert("*".to_owned());
            }
            return n + 2;
        }
        if at(n) != "::" {
            return n;
        }
        n += 1;
    }
}

/// Names that `lib.rs` re-exports from its modules, with the module each comes from.
fn reexports(source: &str) -> BTreeMap<String, String> {
    let tokens = tokens(source);
    let mut exports = BTreeMap::new();
    for n in 0..tokens.len() {
        if tokens[n] != "use" {
            continue;
        }
        let tree: Vec<&str> = tokens[n + 1..]
            .iter()
            .map(String::as_str)
            .take_while(|token| *token != ";")
            .collect();
        let tree = match tree.as_slice() {
            ["crate" | "self", "::", rest @ ..] => rest,
            all => all,
        };
        let Some((module, leaves)) = tree.split_first() else {
            continue;
        };
        // The last name of every branch is the one the root then has.
        for (k, leaf) in leaves.iter().enumerate() {
            let next = leaves.get(k + 1).copied().unwrap_or("");
            if is_name(leaf) && *leaf != "as" && next != "::" && next != "as" {
                exports.insert((*leaf).to_owned(), (*module).to_owned());
            }
        }
    }
    exports
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

// ---------------------------------------------------------------- words of Rust

/// Names and signs of `source`, without comments, strings, characters, lifetimes and numbers.
fn tokens(source: &str) -> Vec<String> {
    let text: Vec<char> = source.chars().collect();
    let at = |n: usize| text.get(n).copied().unwrap_or('\0');
    let mut tokens = Vec::new();
    let mut n = 0;
    while n < text.len() {
        let c = at(n);
        if c == '/' && at(n + 1) == '/' {
            while n < text.len() && at(n) != '\n' {
                n += 1;
            }
        } else if c == '/' && at(n + 1) == '*' {
            n = after_comment(&text, n);
        } else if c == '"' {
            n = after_string(&text, n);
        } else if c == '\'' {
            n = after_quote(&text, n);
        } else if c.is_alphanumeric() || c == '_' {
            let start = n;
            while at(n).is_alphanumeric() || at(n) == '_' {
                n += 1;
            }
            let word: String = text[start..n].iter().collect();
            let raw = ["r", "br", "cr"].contains(&word.as_str());
            let hashes = (n..).take_while(|k| at(*k) == '#').count();
            if raw && at(n + hashes) == '"' {
                n = after_raw_string(&text, n + hashes, hashes);
            } else if word == "r" && hashes == 1 {
                // `r#name` is the name.
                n += 1;
            } else if !c.is_ascii_digit()
                && !(["b", "c"].contains(&word.as_str()) && (at(n) == '"' || at(n) == '\''))
            {
                tokens.push(word);
            }
        } else if c == ':' && at(n + 1) == ':' {
            tokens.push("::".to_owned());
            n += 2;
        } else {
            if !c.is_whitespace() {
                tokens.push(c.to_string());
            }
            n += 1;
        }
    }
    tokens
}

/// Past the comment that opens at `n`; comments nest.
fn after_comment(text: &[char], mut n: usize) -> usize {
    let mut depth = 0;
    while n < text.len() {
        match (text[n], text.get(n + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                n += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                n += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => n += 1,
        }
    }
    n
}

/// Past the string whose quote stands at `n`.
fn after_string(text: &[char], mut n: usize) -> usize {
    n += 1;
    while n < text.len() && text[n] != '"' {
        n += if text[n] == '\\' { 2 } else { 1 };
    }
    n + 1
}

/// Past the raw string whose quote stands at `n`, opened with `hashes` signs.
fn after_raw_string(text: &[char], mut n: usize, hashes: usize) -> usize {
    n += 1;
    while n < text.len() {
        if text[n] == '"' && text[n + 1..].iter().take_while(|c| **c == '#').count() >= hashes {
            return n + 1 + hashes;
        }
        n += 1;
    }
    n
}

/// Past the character or the lifetime whose quote stands at `n`.
fn after_quote(text: &[char], n: usize) -> usize {
    if text.get(n + 1) == Some(&'\\') {
        let close = text[(n + 3).min(text.len())..]
            .iter()
            .position(|c| *c == '\'');
        return close.map_or(text.len(), |close| n + 4 + close);
    }
    // A character closes right after one sign; a lifetime does not, and its name is left to be read as a word.
    if text.get(n + 2) == Some(&'\'') {
        return n + 3;
    }
    let name = text[n + 1..]
        .iter()
        .take_while(|c| c.is_alphanumeric() || **c == '_')
        .count();
    n + 1 + name
}

// ---------------------------------------------------------------- the reader itself, put to the test

/// Findings for a file with no re-exports in the root.
fn found(name: &str, source: &str) -> Vec<String> {
    check(name, source, &BTreeMap::new())
}

#[test]
fn a_forbidden_import_is_named() {
    assert_eq!(
        found("src/frame.rs", "use crate::engine::Engine;"),
        ["`src/frame.rs` must not import crate::engine"]
    );
    assert_eq!(found("src/frame.rs", "use crate::error::Result;"), [""; 0]);
    assert_eq!(
        found("src/error.rs", "use crate::tensor;"),
        ["`src/error.rs` must not import crate::tensor"]
    );
}

#[test]
fn groups_and_renames_are_opened() {
    let source = "use crate::{error::{Error, Result}, app::stylize as job, tensor};";
    assert_eq!(
        found("src/io/file.rs", source),
        [
            "`src/io/file.rs` must not import crate::app",
            "`src/io/file.rs` must not import crate::tensor"
        ]
    );
    assert_eq!(
        found("src/io/file.rs", "use {crate::engine::Engine, std::fs};"),
        ["`src/io/file.rs` must not import crate::engine"]
    );
}

#[test]
fn paths_in_the_middle_of_code_count() {
    let source = "fn f() -> Result<()> { let e: Vec<crate::engine::Engine> = g(crate :: app :: run)?; Ok(()) }";
    assert_eq!(found("src/timing.rs", source).len(), 2);
    assert_eq!(
        found(
            "src/timing.rs",
            "macro_rules! m { () => { $crate::app::run() } }"
        )
        .len(),
        1
    );
}

#[test]
fn tests_inside_a_module_count() {
    let source = "#[cfg(test)] mod tests { use super::*; use crate::engine::Engine; }";
    assert_eq!(
        found("src/tensor/mod.rs", source),
        ["`src/tensor/mod.rs` must not import crate::engine"]
    );
}

#[test]
fn super_is_followed_out_of_the_module_and_no_further() {
    assert_eq!(
        found(
            "src/io/file.rs",
            "use super::latest::Latest; use super::super::error::Result;"
        ),
        [""; 0]
    );
    assert_eq!(
        found("src/io/file.rs", "use super::super::engine::Engine;"),
        ["`src/io/file.rs` must not import crate::engine"]
    );
    assert_eq!(
        found(
            "src/io/mod.rs",
            "use super::{error, style::StyleEmbedding};"
        ),
        ["`src/io/mod.rs` must not import crate::style"]
    );
    // One storey deeper, the same word means the module itself...
    assert_eq!(
        found("src/io/mod.rs", "mod inner { use super::style::Own; }"),
        [""; 0]
    );
    // ... and after its closing brace it means the root again.
    assert_eq!(
        found(
            "src/io/mod.rs",
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
        /// [`crate::app::run`] and `ort::Session`.
        /* crate::app /* crate::engine */ ort::Session */
        const A: &str = "crate::engine \" ort::x"; const B: &str = r#"crate::app " ort::y"#;
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
            "`src/sound/mod.rs` belongs to module `sound`, which is in no layer: put it in the table of tests/layers.rs"
        ]
    );
    assert_eq!(found("src/sound.rs", "").len(), 1);
}

#[test]
fn what_the_root_re_exports_counts_as_its_module() {
    let exports = reexports(
        "pub mod engine; pub use engine::{Engine, builder::Builder as Maker}; pub use self::error::Error;",
    );
    assert_eq!(exports.get("Engine").map(String::as_str), Some("engine"));
    assert_eq!(exports.get("Maker").map(String::as_str), Some("engine"));
    assert_eq!(exports.get("Builder"), None);
    assert_eq!(
        check("src/io/file.rs", "use crate::{Engine, Error};", &exports),
        ["`src/io/file.rs` must not import crate::Engine"]
    );
}

#[test]
fn the_whole_root_cannot_be_taken() {
    for source in ["use crate::*;", "use crate as all;", "use super::*;"] {
        assert_eq!(found("src/frame.rs", source).len(), 1, "{source}");
    }
    assert_eq!(found("src/lib.rs", "pub use crate::engine::*;"), [""; 0]);
    assert_eq!(found("src/cli/mod.rs", "use crate::app;"), [""; 0]);
}

#[test]
fn the_table_has_no_cycles() {
    // Rows stand in the order of the floors: each imports only from rows above it.
    for (row, (module, allowed)) in TABLE.iter().enumerate() {
        for import in *allowed {
            assert!(
                TABLE[..row].iter().any(|(above, _)| above == import),
                "{module} may import {import}, which stands below it"
            );
        }
    }
}
