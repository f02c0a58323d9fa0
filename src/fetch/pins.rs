//! Which copy of ONNX Runtime belongs to this version of the program, for each system that has one.
//!
//! The build script includes this file, so it uses nothing but the standard library.
//! To move to another version: change the constant, download each wheel with the command in `src/fetch/pip.rs`,
//! and put in the new sums (`sha256sum` of the wheel, and of the library inside it).

/// The version of ONNX Runtime that the build obtains and that messages recommend.
pub const VERSION: &str = "1.31.1";

/// The package that holds it, at the registry of the Python world.
pub const PACKAGE: &str = "onnxruntime";

/// The Python for which wheels are asked; the library inside does not depend on it, but a wheel's name does.
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

/// The folder of every wheel in which the library lies.
pub const FOLDER: &str = "onnxruntime/capi";

/// All systems for which the build can obtain the library.
pub const PINS: [Pin; 4] = [
    Pin {
        os: "linux",
        arch: "x86_64",
        platform: "manylinux_2_28_x86_64",
        wheel: "onnxruntime-1.31.1-cp311-cp311-manylinux_2_28_x86_64.whl",
        wheel_sha256: "5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f",
        library: "libonnxruntime.so.1.31.1",
        library_sha256: "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
    },
    Pin {
        os: "linux",
        arch: "aarch64",
        platform: "manylinux_2_28_aarch64",
        wheel: "onnxruntime-1.31.1-cp311-cp311-manylinux_2_28_aarch64.whl",
        wheel_sha256: "da05378364c44d4407e463982d2bf8d5e4cfea873283757e48beeb41df97b7f3",
        library: "libonnxruntime.so.1.31.1",
        library_sha256: "8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
    },
    Pin {
        os: "macos",
        arch: "aarch64",
        platform: "macosx_14_0_arm64",
        wheel: "onnxruntime-1.31.1-cp311-cp311-macosx_14_0_arm64.whl",
        wheel_sha256: "60b6b69bfe580eab576cacc5d132a0e9cf2a37fcfd18d46dd191042b1d1ed0d7",
        library: "libonnxruntime.1.31.1.dylib",
        library_sha256: "f8b06155feece624e55e49124340eea279da812529ae6fbc46a9f2be9c9cad2e",
    },
    Pin {
        os: "windows",
        arch: "x86_64",
        platform: "win_amd64",
        wheel: "onnxruntime-1.31.1-cp311-cp311-win_amd64.whl",
        wheel_sha256: "c3d91b5de31e2fc82d71bd65b2b22bddee8b49057a3a36338e9a868e0ea90c05",
        library: "onnxruntime.dll",
        library_sha256: "8482d2ee174e28504f99730fb01d6861575870283de4ed3a897ad39170d9a9b9",
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
            assert_eq!(
                pin.wheel,
                format!(
                    "onnxruntime-{VERSION}-cp{PYTHON}-cp{PYTHON}-{}.whl",
                    pin.platform
                )
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
