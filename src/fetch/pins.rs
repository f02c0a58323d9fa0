//! Which copy of ONNX Runtime belongs to this version of the program, for each system that has one.
//!
//! The build script includes this file, so it uses nothing but the standard library.
//! To move to another version: change the constant, download each wheel with the command in `src/fetch/pip.rs`,
//! and put in the new sums (`sha256sum` of the wheel, and of the library inside it).

/// The version of ONNX Runtime that the build obtains and that messages recommend.
///
/// The newest one without a telemetry client: from 1.29 on, the packages for Linux and macOS write a device id and an
/// event database into the user's cache folder and contact a collector. Before moving to another version, check the
/// library for that (`nm -D` must list no `socket`, `strings` no `ORT_DISABLE_TELEMETRY`) and run `tests/all/privacy.rs`.
pub const VERSION: &str = "1.28.0";

/// The package at the Python registry that holds it.
pub const PACKAGE: &str = "onnxruntime";

/// The Python version of the wheels. The library does not depend on it; the name of the wheel does.
pub const PYTHON: &str = "311";

/// One system's wheel, and the one library inside it that we want.
#[derive(Debug, Clone, Copy)]
pub struct Pin {
    /// The operating system, as in [`std::env::consts::OS`].
    pub os: &'static str,
    /// The processor, as in [`std::env::consts::ARCH`].
    pub arch: &'static str,
    /// pip's platform tag.
    pub platform: &'static str,
    /// The wheel's file name.
    pub wheel: &'static str,
    /// The wheel's sha256, 64 lower-case hexadecimal digits.
    pub wheel_sha256: &'static str,
    /// The library's file name; inside the wheel it lies in [`FOLDER`].
    pub library: &'static str,
    /// The library's sha256, 64 lower-case hexadecimal digits.
    pub library_sha256: &'static str,
}

/// The folder of the wheel that holds the library.
pub const FOLDER: &str = "onnxruntime/capi";

/// All systems for which the build can obtain the library.
pub const PINS: [Pin; 4] = [
    Pin {
        os: "linux",
        arch: "x86_64",
        platform: "manylinux_2_28_x86_64",
        wheel: "onnxruntime-1.28.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        wheel_sha256: "a166b78ee04f3a37fa1ef82034b6a3ce96d9684e582d4d30b296de83e9998bb5",
        library: "libonnxruntime.so.1.28.0",
        library_sha256: "aa4079d18f4ea7a5f3a94d80cd4bbe0f2740436626622d64d793803a20381083",
    },
    Pin {
        os: "linux",
        arch: "aarch64",
        platform: "manylinux_2_28_aarch64",
        wheel: "onnxruntime-1.28.0-cp311-cp311-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl",
        wheel_sha256: "8d66f9ceb29909c70839e4e4fb3435c7b490050d8f162bd5f3aba4ca01ee517f",
        library: "libonnxruntime.so.1.28.0",
        library_sha256: "23a37c2994bc273e1d59a4f49af6cba5bf1cfbc29f04907ec27df375aba50a7d",
    },
    Pin {
        os: "macos",
        arch: "aarch64",
        platform: "macosx_14_0_arm64",
        wheel: "onnxruntime-1.28.0-cp311-cp311-macosx_14_0_arm64.whl",
        wheel_sha256: "f5c5daabd28aad610f83fdcf32acec8fb57e6adc6c6a39fe2a3c755db957b410",
        library: "libonnxruntime.1.28.0.dylib",
        library_sha256: "99909e99214e31fe2296c9f7fae5abc2eaf0145342efe8b0a6ed82e9ddb0a0a0",
    },
    Pin {
        os: "windows",
        arch: "x86_64",
        platform: "win_amd64",
        wheel: "onnxruntime-1.28.0-cp311-cp311-win_amd64.whl",
        wheel_sha256: "0d650aeee29368414367b65529e90afe4bf1bab76254789063b8b2f7ea3013c8",
        library: "onnxruntime.dll",
        library_sha256: "14e186627f109a15f28f0b36f6e8ea07c79eac666818e63c39a9792f415bf649",
    },
];

/// The pin of a system, given as in [`std::env::consts`]; `None` if the build cannot obtain a library for it.
pub fn pin(os: &str, arch: &str) -> Option<&'static Pin> {
    PINS.iter().find(|pin| pin.os == os && pin.arch == arch)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_sum_is_a_sha256_and_none_is_used_twice() {
        let sums: Vec<&str> = PINS
            .iter()
            .flat_map(|pin| [pin.wheel_sha256, pin.library_sha256])
            .collect();
        for sum in &sums {
            assert_eq!(sum.len(), 64, "{sum}");
            assert!(
                sum.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
                "{sum}"
            );
        }
        assert_eq!(sums.iter().collect::<BTreeSet<_>>().len(), sums.len());
    }

    #[test]
    fn names_agree_with_version_platform_and_system() {
        for pin in &PINS {
            // A wheel may carry several platform tags, of which pip is asked for one.
            assert!(
                pin.wheel
                    .starts_with(&format!("onnxruntime-{VERSION}-cp{PYTHON}-cp{PYTHON}-"))
                    && pin.wheel.ends_with(&format!("{}.whl", pin.platform)),
                "{} is not of {VERSION} for {}",
                pin.wheel,
                pin.platform
            );
            let (library, word) = match pin.os {
                "linux" => (format!("libonnxruntime.so.{VERSION}"), pin.arch.to_owned()),
                "macos" => (
                    format!("libonnxruntime.{VERSION}.dylib"),
                    "arm64".to_owned(),
                ),
                "windows" => ("onnxruntime.dll".to_owned(), "amd64".to_owned()),
                other => panic!("{other} is not a system we know"),
            };
            assert_eq!(pin.library, library);
            assert!(
                pin.platform.ends_with(&word),
                "{} is not for {}",
                pin.platform,
                pin.arch
            );
        }
    }

    #[test]
    fn each_promised_system_has_its_own_pin_and_others_have_none() {
        for (os, arch) in [
            ("linux", "x86_64"),
            ("linux", "aarch64"),
            ("macos", "aarch64"),
            ("windows", "x86_64"),
        ] {
            let pin = pin(os, arch).unwrap();
            assert_eq!((pin.os, pin.arch), (os, arch));
        }
        assert!(pin("freebsd", "x86_64").is_none());
        assert!(pin("macos", "x86_64").is_none());
    }
}
