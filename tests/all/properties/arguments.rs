//! The command line: any list of the program's flags and any text for them parses or is refused with a reason, and never
//! panics. In process, as thousands of lists are tried.

use std::ffi::OsString;

use clap::Command;
use impasto::cli;
use proptest::prelude::*;

use super::{check, words};

/// A command with the words that lead to it and its flags.
#[derive(Debug, Clone)]
struct Leaf {
    words: Vec<String>,
    flags: Vec<String>,
}

/// Every command below `command`.
fn leaves(command: &Command, words: &[String], found: &mut Vec<Leaf>) {
    let long = command.get_arguments().filter_map(clap::Arg::get_long);
    let short = command.get_arguments().filter_map(clap::Arg::get_short);
    let flags = long
        .map(|name| format!("--{name}"))
        .chain(short.map(|letter| format!("-{letter}")));
    found.push(Leaf {
        words: words.to_vec(),
        flags: flags.chain(["--".to_owned()]).collect(),
    });
    for below in command.get_subcommands() {
        let words = [words, &[below.get_name().to_owned()]].concat();
        leaves(below, &words, found);
    }
}

fn all_leaves() -> Vec<Leaf> {
    let mut found = Vec::new();
    let mut command = cli::command();
    // Global flags go down to every command.
    command.build();
    leaves(&command, &[], &mut found);
    found
}

/// A text for a flag: often a number, as most flags want one.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => words::text(),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => (0..2000_u32).prop_map(|number| number.to_string()),
        1 => (0..9000_u32, 0..9000_u32, 0..200_u32).prop_map(|(w, h, f)| format!("{w}x{h}@{f}")),
        1 => (0..100_u32, 0..100_u32).prop_map(|(m, s)| format!("{m}:{s:02}")),
    ]
}

/// The words of a command and up to six flags, each alone, with a text behind it, or with one behind `=`.
fn lists() -> impl Strategy<Value = Vec<String>> {
    let leaf = prop::sample::select(all_leaves());
    leaf.prop_flat_map(|Leaf { words, flags }| {
        let word = (prop::sample::select(flags), value(), 0..4_u8).prop_map(
            |(flag, value, how)| match how {
                0 => vec![flag],
                1 => vec![flag, value],
                2 => vec![format!("{flag}={value}")],
                _ => vec![value],
            },
        );
        prop::collection::vec(word, 0..6).prop_map(move |rest| {
            let start = ["impasto".to_owned()].into_iter().chain(words.clone());
            start.chain(rest.into_iter().flatten()).collect()
        })
    })
}

/// Parses or is refused; gives whether it parsed.
fn parses(list: Vec<OsString>) -> Result<bool, TestCaseError> {
    match cli::check(list) {
        Ok(()) => Ok(true),
        Err(said) => {
            prop_assert!(!said.to_string().trim().is_empty());
            // 0 for help and version, 2 for everything else: what shells and scripts expect.
            let status = if said.use_stderr() { 2 } else { 0 };
            prop_assert_eq!(said.exit_code(), status);
            Ok(false)
        }
    }
}

#[test]
fn any_list_of_flags_parses_or_is_refused() {
    check(file!(), 768, lists(), |list| {
        parses(list.into_iter().map(OsString::from).collect()).map(drop)
    });
}

#[test]
fn every_flag_takes_any_text_or_refuses_it() {
    // All flags are tried in each case, one after the other, so that no flag is left to chance.
    let leaves = all_leaves();
    check(file!(), 6, value(), |value| {
        for leaf in &leaves {
            for flag in &leaf.flags {
                let list = ["impasto".to_owned()].into_iter().chain(leaf.words.clone());
                let list = list.chain([format!("{flag}={value}")]);
                parses(list.map(OsString::from).collect())?;
            }
        }
        Ok(())
    });
}

#[cfg(unix)]
#[test]
fn words_that_are_not_unicode_parse_or_are_refused() {
    use std::os::unix::ffi::OsStringExt;
    let words = prop::collection::vec(prop::collection::vec(1..=255_u8, 0..12), 0..5);
    let lists = (prop::sample::select(all_leaves()), words);
    check(file!(), 256, lists, |(leaf, words)| {
        let list = ["impasto".to_owned()]
            .into_iter()
            .chain(leaf.words)
            .map(OsString::from);
        parses(
            list.chain(words.into_iter().map(OsString::from_vec))
                .collect(),
        )
        .map(drop)
    });
}

#[test]
fn numbers_in_their_range_parse_and_others_do_not() {
    // (line, flag, least, most): whole numbers that the command line itself checks.
    let flags = [
        ("stylize a.jpg --style b.jpg -o c.jpg", "--threads", 1, 1024),
        ("stylize a.jpg --style b.jpg -o c.jpg", "--tile", 128, 4096),
        ("stylize a.jpg --style b.jpg -o c.jpg", "--quality", 1, 100),
    ];
    for (line, flag, least, most) in flags {
        check(
            file!(),
            128,
            prop_oneof![-10..5000_i64, any::<i64>()],
            |number| {
                let list = format!("impasto {line} {flag}={number}");
                let parsed = parses(list.split_whitespace().map(OsString::from).collect())?;
                prop_assert_eq!(parsed, (least..=most).contains(&number), "{}", list);
                Ok(())
            },
        );
    }
}
