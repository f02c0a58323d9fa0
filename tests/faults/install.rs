//! `impasto models add`, and `impasto runtime install` with a script in the place of pip.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use crate::campaign::Job;
use crate::common::folder;
use crate::common::optimise::weights;
use crate::process::{HUP, INT, Running, TERM, To, impasto, orphans};
use crate::snapshot::files;

fn network(folder: &Path) {
    std::fs::write(
        folder.join("vgg.safetensors"),
        weights(&[2, 2, 4, 4, 2], false),
    )
    .unwrap();
}

fn models() -> Job {
    Job::new("models add", "models add vgg19 vgg.safetensors", network)
}

#[test]
fn a_model() {
    models().short();
}

#[test]
#[ignore = "100 signals"]
fn long_model() {
    models().long();
}

/// A `python3` whose pip does not end by itself for a minute, with a child as pip has them.
fn slow_pip(folder: &Path) {
    let bin = folder.join("bin");
    std::fs::create_dir(&bin).unwrap();
    let script = "#!/bin/sh\ncase \"$*\" in *--version*) exit 0;; esac\n\
                  while [ \"$1\" != -d ]; do shift; done\n\
                  printf half > \"$2/half.whl\"\ntouch downloading\nexec sleep 60\n";
    let python = bin.join("python3");
    std::fs::write(&python, script).unwrap();
    std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn an_installation_ends_at_once_while_pip_downloads() {
    for signal in [INT, TERM, HUP] {
        for to in [To::Process, To::Group] {
            let root = folder();
            let work = root.path().canonicalize().unwrap();
            slow_pip(&work);
            let mut command = impasto(&work, "runtime install openvino");
            command.env("IMPASTO_CACHE", work.join("cache")).env(
                "PATH",
                format!("{}:/bin:/usr/bin", work.join("bin").display()),
            );
            let log = folder();
            let mut run = Running::start(&mut command, &log.path().join("log"));
            run.wait_until("downloading", |_| work.join("downloading").exists());
            run.send(signal, to);
            let status = run.wait(Duration::from_secs(2));
            let case = format!("{signal:?} to the {to:?}: {status:?}: {}", run.said());
            assert_eq!(status.and_then(|s| s.code()), Some(130), "{case}");
            assert_eq!(orphans(&work, Duration::from_secs(2)), [""; 0], "{case}");
            let left = files(&work.join("cache"));
            assert!(left.is_empty(), "{case}: {:?}", left.keys());
        }
    }
}
