//! Files of one folder that import each other, directly or through others.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::{imports, module_path, reexports};
use super::words::tokens;

/// The circles in each folder of `sources` (path from the root of the repository, and text), as `a -> b -> a`. A folder
/// counts as one node of the folder around it, and its `mod.rs` only for what it re-exports.
pub fn circles(sources: &[(String, String)]) -> Vec<String> {
    let exports: BTreeMap<Vec<String>, BTreeMap<String, String>> = sources
        .iter()
        .map(|(name, text)| (module_path(name), reexports(text, name == "src/lib.rs")))
        .collect();
    // Folder -> file or folder in it -> those that it imports.
    let mut graphs: BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (name, text) in sources {
        let place = module_path(name);
        let words = tokens(text);
        for import in imports(&words, &place) {
            // The one folder that holds both, in different children.
            let shared = place
                .iter()
                .zip(&import)
                .take_while(|(a, b)| a == b)
                .count();
            let (folder, Some(from), Some(to)) = (
                place[..shared].to_vec(),
                place.get(shared),
                import.get(shared),
            ) else {
                continue;
            };
            let to = exports.get(&folder).and_then(|e| e.get(to)).unwrap_or(to);
            let is_file = exports.contains_key(&[folder.clone(), vec![to.clone()]].concat());
            if !folder.is_empty() && to != from && is_file {
                let graph = graphs.entry(folder).or_default();
                graph.entry(from.clone()).or_default().insert(to.clone());
            }
        }
    }
    let mut found = Vec::new();
    for (folder, graph) in &graphs {
        for start in graph.keys() {
            if let Some(way) = way_back(graph, start) {
                found.push(format!("src/{}: {}", folder.join("/"), way.join(" -> ")));
            }
        }
    }
    found
}

/// The shortest way from `start` to itself, if `start` is the first name of that circle.
fn way_back(graph: &BTreeMap<String, BTreeSet<String>>, start: &String) -> Option<Vec<String>> {
    let mut ways = vec![vec![start.clone()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in graph.get(way.last()?).into_iter().flatten() {
                let extended = [way.clone(), vec![next.clone()]].concat();
                if next == start {
                    return extended
                        .iter()
                        .all(|name| name >= start)
                        .then_some(extended);
                }
                if seen.insert(next.clone()) {
                    longer.push(extended);
                }
            }
        }
        ways = longer;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::circles;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        circles(&files.iter().map(own).collect::<Vec<_>>())
    }

    #[test]
    fn a_circle_of_files_is_named_once() {
        let files = [
            ("src/gatys/mod.rs", "mod a; mod b; mod c; pub use b::Thing;"),
            ("src/gatys/a.rs", "use super::Thing;"),
            ("src/gatys/b.rs", "use crate::gatys::c::f;"),
            ("src/gatys/c.rs", "fn f() { super::a::g() }"),
        ];
        assert_eq!(found(&files), ["src/gatys: a -> b -> c -> a"]);
        assert_eq!(found(&files[..3]), [""; 0]);
    }

    #[test]
    fn a_folder_is_one_node_and_has_circles_of_its_own() {
        let files = [
            ("src/jobs/mod.rs", "mod x; mod y;"),
            ("src/jobs/x/mod.rs", "mod p; mod q;"),
            ("src/jobs/x/p.rs", "use super::q::Q; use crate::jobs::y::Y;"),
            ("src/jobs/x/q.rs", "use super::p::P;"),
            ("src/jobs/y.rs", "use super::x::X;"),
        ];
        let both = ["src/jobs: x -> y -> x", "src/jobs/x: p -> q -> p"];
        assert_eq!(found(&files), both);
    }
}
