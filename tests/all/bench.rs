//! `impasto bench`: that it measures, says what, and puts its table where it belongs. Never how fast.
#![allow(clippy::unwrap_used)]

use crate::common::{command, failure, folder, json, quick};

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
            let cold = &row["cold_start"];
            assert_eq!(cold["first_picture"]["count"], 3);
            assert!(cold["first_picture"]["least_ms"].as_f64().unwrap() > 0.0);
            if cfg!(target_os = "linux") {
                // The program and the runtime library take more than this by themselves.
                assert!(cold["peak_memory_mib"].as_u64().unwrap() > 8);
            }
        }
        assert!(bench["style_change_ms"].as_f64().unwrap() > 0.0);
    }
    let stages = report["stages"].as_array().unwrap();
    assert_eq!(stages.len(), 2);
    for (stages, size) in stages.iter().zip([[64, 48], [32, 32]]) {
        assert_eq!(stages["size"], serde_json::json!(size));
        for stage in ["decode", "preprocess", "postprocess", "show"] {
            let live = matches!(stage, "decode" | "show");
            if !live || cfg!(feature = "live") {
                assert_eq!(stages[stage]["count"], 5, "{stage}");
                assert!(stages[stage]["p95_ms"].as_f64().unwrap() > 0.0, "{stage}");
            }
        }
    }
}

#[test]
fn frames_only_leaves_out_the_rest() {
    let dir = folder();
    let line = "bench --json --frames-only --runs 5 --device cpu --size 32x32 --threads 1";
    let report = json(&mut quick(&dir, line));
    assert_eq!(report["stages"], serde_json::json!([]));
    let row = &report["benches"][0]["rows"][0];
    assert_eq!(row["frame"]["count"], 5);
    assert!(row["cold_start"].is_null());
}

#[test]
fn help_explains_every_figure_that_json_has() {
    let dir = folder();
    let help = command(&dir, "bench --help").output().unwrap().stdout;
    let help = String::from_utf8(help).unwrap();
    let report = json(&mut quick(
        &dir,
        "bench --json --runs 5 --device cpu --size 32x32 --threads 1",
    ));
    let bench = &report["benches"][0];
    for part in [bench, &bench["rows"][0], &report["stages"][0]] {
        for name in part.as_object().unwrap().keys() {
            let known = [
                "model",
                "device",
                "precision",
                "threads",
                "rows",
                "size",
                "fps",
            ];
            let row = format!("\n  {name} ");
            assert!(
                known.contains(&name.as_str()) || help.contains(&row),
                "{name}"
            );
        }
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
        page.contains("| tiny | cpu, f32, 1 thread |") && !page.contains("old"),
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
