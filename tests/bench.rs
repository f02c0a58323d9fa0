//! `impasto bench`: that it measures, says what, and puts its table where it belongs. Never how fast.
#![allow(clippy::unwrap_used)]

mod common;

use common::{command, failure, folder, json, quick};

#[test]
fn every_size_and_number_of_threads_has_its_row() {
    let dir = folder();
    let report = json(&mut quick(
        &dir,
        "bench --json --runs 5 --device cpu --size 64x48,32x32 --threads 1,2",
    ));
    let benches = report["benches"].as_array().unwrap();
    assert_eq!(benches.len(), 2);
    for (bench, threads) in benches.iter().zip([1, 2]) {
        assert_eq!(
            (&bench["model"], &bench["device"], &bench["threads"]),
            (&"tiny".into(), &"cpu".into(), &threads.into())
        );
        assert_eq!(bench["rows"].as_array().unwrap().len(), 2);
        for row in bench["rows"].as_array().unwrap() {
            let frame = &row["frame"];
            let figure = |name: &str| frame[name].as_f64().unwrap();
            assert_eq!(frame["count"], 5);
            assert!(
                0.0 < figure("least_ms")
                    && figure("least_ms") <= figure("p50_ms")
                    && figure("p50_ms") <= figure("p95_ms")
            );
            assert!(row["transformer"]["p50_ms"].as_f64().unwrap() <= figure("p95_ms"));
        }
        assert!(bench["style_change_ms"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn the_table_stands_between_its_markers_and_nothing_else_changes() {
    let dir = folder();
    let path = dir.path().join("page.md");
    let line = "bench --runs 5 --device cpu --threads 1 --size 32x32 --update page.md";
    let mut bench = quick(&dir, line);
    std::fs::write(
        &path,
        "before\n<!-- impasto bench -->\nold\n<!-- /impasto bench -->\nafter\n",
    )
    .unwrap();
    bench.assert().success();
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(
        page.starts_with("before\n<!-- impasto bench -->\n")
            && page.ends_with("<!-- /impasto bench -->\nafter\n"),
        "{page}"
    );
    assert!(
        page.contains("| tiny | cpu, 1 thread |") && !page.contains("old"),
        "{page}"
    );
    std::fs::write(&path, "no markers").unwrap();
    assert!(failure(&mut bench).contains("page.md"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "no markers");
}

#[test]
fn nonsense_is_refused() {
    let dir = folder();
    for (flags, said) in [
        ("--size 0x32", "0x32"),
        ("--size 99999x32", "99999x32"),
        ("--size 32", "32"),
        ("--runs 1", "--runs"),
        ("--device abacus", "abacus"),
        ("--model nowhere", "nowhere"),
    ] {
        let complaint = failure(&mut command(&dir, &format!("bench {flags}")));
        assert!(complaint.contains(said), "{flags}: {complaint}");
    }
}
