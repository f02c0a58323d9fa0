//! ONNX Runtime, loaded once per process: takes a device and the user's path, gives the [`Runtime`].

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{elf, library, telemetry};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::fetch::pins;

/// The one runtime of this process; see [`Runtime::load`].
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

/// ONNX Runtime, loaded and ready. Cheap to clone: all clones are the same runtime.
#[derive(Debug, Clone)]
pub struct Runtime(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    environment: ort::environment::Environment,
    library: PathBuf,
    version: String,
}

impl Runtime {
    /// As [`Runtime::load_for`], for [`Device::Auto`].
    ///
    /// # Errors
    /// The same.
    pub fn load(explicit: Option<&Path>) -> Result<Self> {
        Self::load_for(Device::Auto, explicit)
    }

    /// Finds and loads the library for networks on `device`; `explicit` is a file or folder that goes before all other
    /// places (see [`library::Lookup::find`] for those).
    ///
    /// A process can load ONNX Runtime once. Every later call returns the same runtime, whatever thread it comes from.
    /// It stays loaded until the process ends, because unloading it while its threads wind down is a known way to crash.
    ///
    /// # Errors
    /// [`Error::LibraryNotFound`]; [`Error::LibraryUnusable`]: it cannot be loaded, is too old, would report its use to
    /// its maker (ONNX Runtime 1.29 and newer from Microsoft, unless `ORT_DISABLE_TELEMETRY=1` is set), or another one
    /// than `explicit` has been loaded already. The message says what to do.
    pub fn load_for(device: Device, explicit: Option<&Path>) -> Result<Self> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = loaded.as_ref() {
            return match explicit {
                Some(_) => runtime
                    .clone()
                    .unless_other_than(&library::Lookup::here(explicit, device).find()?),
                None => Ok(runtime.clone()),
            };
        }
        let runtime = Self::start(library::Lookup::here(explicit, device).find()?)?;
        *loaded = Some(runtime.clone());
        Ok(runtime)
    }

    fn unless_other_than(self, wanted: &Path) -> Result<Self> {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if real(wanted) == real(self.library()) {
            return Ok(self);
        }
        let message = format!(
            "{} cannot be loaded: this process already uses {}, and can use only one; name it before anything else is done",
            wanted.display(),
            self.library().display()
        );
        Err(Error::LibraryUnusable {
            message,
            source: None,
        })
    }

    fn start(library: PathBuf) -> Result<Self> {
        if let Some(file) = elf::cut_off(&library) {
            let message = format!(
                "{} is cut off: its end is missing. To get a whole one: {}",
                file.display(),
                library::how_to_get("cpu", &format!("onnxruntime=={}", pins::VERSION))
            );
            return Err(Error::LibraryUnusable {
                message,
                source: None,
            });
        }
        telemetry::refuse(&library)?;
        let mut builder = ort::init_from(&library)
            .map_err(|error| unusable(&library, error))?
            .with_name("impasto")
            // Counts on Windows, where the library traces events to the system.
            .with_telemetry(false);
        // What the library would log comes back as an error too, and is reported once, there. `ort` reads ORT_LOG when
        // no logger is given: set it to see the whole log.
        let quiet = std::env::var_os("ORT_LOG").is_none();
        if quiet {
            builder = builder.with_logger(Arc::new(|_, _, _, _, _| {}));
        }
        let environment = builder.build().map_err(|error| Error::LibraryUnusable {
            message: format!(
                "{}: ONNX Runtime could not be started: {error}",
                library.display()
            ),
            source: Some(Box::new(error)),
        })?;
        if quiet {
            // With a logger set, the level starts at verbose, and formatting those messages takes time.
            environment.set_log_level(ort::logging::LogLevel::Error);
        }
        let version = version_of(&library);
        Ok(Self(Arc::new(Inner {
            environment,
            library,
            version,
        })))
    }

    /// The library that was loaded, as an absolute path.
    pub fn library(&self) -> &Path {
        &self.0.library
    }

    /// Its version, as far as it can be known: `1.28.0` where the name of the file or of its folder agrees with what
    /// the library says of itself, else `1.28`.
    pub fn version(&self) -> String {
        self.0.version.clone()
    }

    /// What sessions are opened in.
    pub(super) fn environment(&self) -> &ort::environment::Environment {
        &self.0.environment
    }
}

/// Why the library that was found cannot be used.
fn unusable(library: &Path, error: ort::LoadDynamicError) -> Error {
    use ort::LoadDynamicError as Load;
    let remedy = library::how_to_get("cpu", &format!("onnxruntime=={}", pins::VERSION));
    let message = match &error {
        Load::BadVersion { version_str, path } => format!(
            "{} is ONNX Runtime {version_str}, which is too old: 1.{} or newer is needed. To get {}: {remedy}",
            path.display(),
            ort::MINOR_VERSION,
            pins::VERSION
        ),
        Load::MissingApi { path } => {
            format!(
                "{} is a library, but not ONNX Runtime. To get it: {remedy}",
                path.display()
            )
        }
        Load::Dlopen { error, path } => format!(
            "{} cannot be loaded ({error}); it may be damaged, or made for another system. To get a good one: {remedy}",
            path.display()
        ),
        error => format!(
            "{} cannot be loaded ({error}). To get a good one: {remedy}",
            library.display()
        ),
    };
    Error::LibraryUnusable {
        message,
        source: Some(Box::new(error)),
    }
}

/// File names carry the whole version; what can be read from the library without `unsafe` is the minor number only.
/// So the name is used where it agrees with that number.
fn version_of(library: &Path) -> String {
    let real = library
        .canonicalize()
        .unwrap_or_else(|_| library.to_owned());
    let minor = ort::util::probe(&real).unwrap_or(ort::MINOR_VERSION);
    let short = format!("1.{minor}");
    real.ancestors()
        .take(2)
        .filter_map(|path| path.file_name()?.to_str())
        .find_map(|name| {
            let start = name.find(&format!("{short}."))?;
            let digits = |c: char| c.is_ascii_digit() || c == '.';
            let version = name[start..]
                .split(|c| !digits(c))
                .next()?
                .trim_end_matches('.');
            (version.split('.').count() == 3).then(|| version.to_owned())
        })
        .unwrap_or(short)
}
