//! What is wrong in one file.

use std::collections::{BTreeMap, BTreeSet};

use super::words::tokens;
use super::{FREE, HOME_OF_ORT, Table};

/// What is wrong in one file; `name` is its path from the root of the repository, with slashes.
/// `exports` tells which module an item of the root comes from.
pub fn check(
    name: &str,
    source: &str,
    table: &Table,
    exports: &BTreeMap<String, String>,
) -> Vec<String> {
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
    let Some(allowed) = table.get(module) else {
        findings.push(format!("`{name}` belongs to module `{module}`, which is in no layer: put it in the table of src/lib.rs"));
        return findings;
    };
    let firsts: BTreeSet<String> = imports(&tokens, &place)
        .into_iter()
        .filter_map(|path| path.into_iter().next())
        .collect();
    for import in firsts {
        // An item re-exported by the root counts as its module's.
        let target = exports.get(&import).unwrap_or(&import);
        if target == "*" {
            findings.push(format!(
                "`{name}` must name what it imports from the root of the crate, not take all of it"
            ));
        } else if target != module && !allowed.contains(target) {
            findings.push(format!("`{name}` must not import crate::{import}"));
        }
    }
    findings
}

/// `src/video/slot.rs` is module `video::slot`; the root is empty.
pub fn module_path(name: &str) -> Vec<String> {
    let inner = name.trim_start_matches("src/").trim_end_matches(".rs");
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if parts.len() > 1 && parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    if parts == ["fetch", "build"] || parts == ["fetch", "obtain"] {
        return vec!["build".to_owned()]; // the build script, a crate of its own
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

/// Every path that starts with `crate` or `super`, from the root of the crate; `*` stands for all of a module. `place`
/// is the module of the file.
pub fn imports(tokens: &[String], place: &[String]) -> BTreeSet<Vec<String>> {
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
fn path(
    tokens: &[String],
    mut n: usize,
    here: &[String],
    found: &mut BTreeSet<Vec<String>>,
) -> usize {
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
            segment if segment == "*" || is_name(segment) => here.push(segment.to_owned()),
            _ => {}
        }
        n += 1;
        if at(n) == "as" {
            // `use crate as other` hides every later import.
            if here.is_empty() {
                here.push("*".to_owned());
            }
            found.insert(here);
            return n + 2;
        }
        if at(n) != "::" {
            found.insert(here);
            return n;
        }
        n += 1;
    }
}

/// Names that a root, or the `mod.rs` of a folder, re-exports from its modules, with the module each comes from.
pub fn reexports(source: &str, is_root: bool) -> BTreeMap<String, String> {
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
            ["self", "::", rest @ ..] => rest,
            ["crate", "::", rest @ ..] if is_root => rest,
            ["crate" | "super", ..] => continue,
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
