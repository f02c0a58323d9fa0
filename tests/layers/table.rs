//! The table of modules in the documentation of `src/lib.rs`.

use std::collections::BTreeMap;

/// Of every module: what it may import.
pub type Table = BTreeMap<String, Vec<String>>;

/// Reads the rows `| floor | modules | content | may import |`. `all above` stands for every module of the rows before.
///
/// # Panics
/// When a module may import one of its own floor or a higher one: then the table contradicts itself.
pub fn table(lib: &str) -> Table {
    let mut table = Table::new();
    let mut floors: BTreeMap<String, u32> = BTreeMap::new();
    for line in lib.lines() {
        let Some(row) = line.strip_prefix("//! | ") else {
            continue;
        };
        let cells: Vec<&str> = row
            .trim_end_matches('|')
            .split(" | ")
            .map(str::trim)
            .collect();
        let &[floor, modules, _, imports] = cells.as_slice() else {
            continue;
        };
        let Ok(floor) = floor.parse::<u32>() else {
            continue;
        };
        let imports: Vec<String> = match imports {
            "all above" => floors.keys().cloned().collect(),
            "the public interface" => continue,
            names => names.split(", ").map(str::to_owned).collect(),
        };
        for module in modules.split(", ") {
            let module = module.trim_matches(|c| "[]`".contains(c)).to_owned();
            for import in imports.iter().filter(|import| **import != module) {
                let below = floors.get(import).is_some_and(|under| *under < floor);
                assert!(
                    below || import == "error",
                    "{module} may not stand on {import}: it is no lower floor"
                );
            }
            table.insert(module, imports.clone());
        }
        for module in modules.split(", ") {
            floors.insert(module.trim_matches(|c| "[]`".contains(c)).to_owned(), floor);
        }
    }
    assert!(
        table.len() > 10,
        "found only {} modules in the table of src/lib.rs",
        table.len()
    );
    table
}
