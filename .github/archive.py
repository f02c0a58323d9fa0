"""Takes a target triple, after `cargo build --release --target TRIPLE`; gives `target/release-archive/impasto-VERSION-TRIPLE.zip`,
which holds the program, ONNX Runtime's library beside it, the licences of both, and the README."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    triple = sys.argv[1]
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"$', manifest, re.MULTILINE).group(1)
    name = f"impasto-{version}-{triple}"
    out = ROOT / "target" / "release-archive"
    folder = out / name
    shutil.rmtree(out, ignore_errors=True)
    folder.mkdir(parents=True)

    program = "impasto.exe" if "windows" in triple else "impasto"
    shutil.copy2(ROOT / "target" / triple / "release" / program, folder)
    # The build leaves exactly one library there.
    runtime = Path(os.environ["IMPASTO_CACHE"]) / "runtime"
    libraries = [f for f in runtime.glob("*/*") if "onnxruntime" in f.name]
    if len(libraries) != 1:
        sys.exit(f"{runtime}: expected one library, found {libraries}")
    shutil.copyfile(libraries[0], folder / libraries[0].name)
    for text in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"]:
        shutil.copyfile(ROOT / text, folder / text)
    notices(folder)
    # zip everywhere: `cargo binstall` unpacks it and keeps the program executable.
    shutil.make_archive(str(out / name), "zip", root_dir=out, base_dir=name)
    print(out / f"{name}.zip")


def notices(folder: Path) -> None:
    """Copies the licence texts of ONNX Runtime, which its package carries, into `folder`."""
    pins = (ROOT / "src/fetch/pins.rs").read_text(encoding="utf-8")
    version = re.search(r'VERSION: &str = "(.+)"', pins).group(1)
    with tempfile.TemporaryDirectory() as scratch:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--target", scratch]
        subprocess.run([*pip, f"onnxruntime=={version}"], check=True)
        for text in ["LICENSE", "ThirdPartyNotices.txt"]:
            shutil.copyfile(Path(scratch) / "onnxruntime" / text, folder / f"onnxruntime-{text}")


if __name__ == "__main__":
    main()
