//! Contents in; a name for the outputs of each out, which says where it came from where names clash.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::standard_stream::is_standard_stream;

/// How many folders above a file its name may tell.
const MOST_FOLDERS: usize = 4;

/// The folder (within the output's) and the stem of each content's outputs. `folders` has for each content the folder that
/// it is in within the tree that was searched.
///
/// Where several would have one name, all of them say more: `a.jpg` and `a.png` of one folder become `a-jpg` and `a-png`,
/// `x/a.jpg` and `y/a.jpg` become `x-a` and `y-a`; what is still the same gets a number.
pub(super) fn output_names(contents: &[PathBuf], folders: &[PathBuf]) -> Vec<(PathBuf, String)> {
    let mut names: Vec<String> = contents.iter().map(|c| stem(c)).collect();
    let mut groups: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (index, (name, folder)) in names.iter().zip(folders).enumerate() {
        let key = (lossy(folder).to_lowercase(), name.to_lowercase());
        groups.entry(key).or_default().push(index);
    }
    for group in groups.values().filter(|group| group.len() > 1) {
        let tell = |way: &dyn Fn(&Path) -> String| {
            let told: Vec<String> = group.iter().map(|n| way(&contents[*n])).collect();
            let different: HashSet<String> = told.iter().map(|t| t.to_lowercase()).collect();
            (different.len() == group.len()).then_some(told)
        };
        let told = tell(&with_extension).or_else(|| {
            (1..=MOST_FOLDERS).find_map(|depth| {
                tell(&|path| with_folders(path, depth, stem(path)))
                    .or_else(|| tell(&|path| with_folders(path, depth, with_extension(path))))
            })
        });
        for (index, told) in group.iter().zip(told.unwrap_or_default()) {
            names[*index] = told;
        }
    }
    numbered(names, folders)
}

/// What the name of a file says, without its extension.
fn stem(content: &Path) -> String {
    match content.file_stem() {
        Some(stem) if !is_standard_stream(content) => stem.to_string_lossy().into_owned(),
        _ => "picture".to_owned(),
    }
}

fn with_extension(content: &Path) -> String {
    match content.extension() {
        Some(extension) => format!("{}-{}", stem(content), extension.to_string_lossy()),
        None => stem(content),
    }
}

/// `name` behind the last `depth` folders above `content`.
fn with_folders(content: &Path, depth: usize, name: String) -> String {
    let above = content.parent().into_iter().flat_map(Path::components);
    let mut parts: Vec<String> = above
        .filter_map(|part| match part {
            std::path::Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    parts.drain(..parts.len().saturating_sub(depth));
    parts.push(name);
    parts.join("-")
}

/// With `-2`, `-3` ... behind names that a folder has already.
fn numbered(names: Vec<String>, folders: &[PathBuf]) -> Vec<(PathBuf, String)> {
    let mut taken = HashSet::new();
    let free = |(name, folder): (String, &PathBuf)| {
        let mut unique = name.clone();
        let mut number = 2;
        while !taken.insert((lossy(folder).to_lowercase(), unique.to_lowercase())) {
            unique = format!("{name}-{number}");
            number += 1;
        }
        (folder.clone(), unique)
    };
    names.into_iter().zip(folders).map(free).collect()
}

fn lossy(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(contents: &[&str]) -> Vec<String> {
        let contents: Vec<PathBuf> = contents.iter().map(PathBuf::from).collect();
        let folders = vec![PathBuf::new(); contents.len()];
        let named = output_names(&contents, &folders).into_iter();
        named.map(|(_, name)| name).collect()
    }

    #[test]
    fn a_name_that_is_alone_stays() {
        assert_eq!(names(&["x/a.jpg", "x/b.jpg", "-"]), ["a", "b", "picture"]);
    }

    #[test]
    fn names_that_clash_say_where_they_came_from() {
        assert_eq!(names(&["a.jpg", "a.png", "b.png"]), ["a-jpg", "a-png", "b"]);
        assert_eq!(names(&["x/a.jpg", "y/A.jpg"]), ["x-a", "y-A"]);
        assert_eq!(names(&["a.jpg", "y/a.jpg"]), ["a", "y-a"]);
        let deep = ["../2023/trip/a.jpg", "../2024/trip/a.jpg"];
        assert_eq!(names(&deep), ["2023-trip-a", "2024-trip-a"]);
        let mixed = ["x/a.jpg", "x/a.png", "y/a.jpg"];
        assert_eq!(names(&mixed), ["x-a-jpg", "x-a-png", "y-a-jpg"]);
    }

    #[test]
    fn what_is_still_the_same_gets_a_number() {
        assert_eq!(names(&["x/a.jpg", "x/a.jpg"]), ["a", "a-2"]);
        // A name that says more may be another's own.
        assert_eq!(names(&["a.jpg", "a.png", "a-jpg.bmp"]).len(), 3);
        let all: HashSet<_> = names(&["a.jpg", "a.png", "a-jpg.bmp"])
            .into_iter()
            .collect();
        assert_eq!(all.len(), 3);
    }

    #[test]
    fn folders_of_a_tree_keep_their_names_apart() {
        let contents = ["t/a.jpg", "t/s/a.jpg"].map(PathBuf::from);
        let folders = ["", "s"].map(PathBuf::from);
        let named = output_names(&contents, &folders);
        assert!(named.iter().all(|(_, name)| name == "a"), "{named:?}");
        assert_eq!(named[1].0, Path::new("s"));
    }
}
