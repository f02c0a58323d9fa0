//! The contents as the user named them in; the pictures to paint out. Also reads and writes a picture by its path.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use image::{GrayImage, RgbImage};

use crate::error::{Error, Result};
use crate::jobs::output_paths::is_standard_stream;
use crate::picture::{self, Format, Limits, Picture, SaveOptions, Search};

/// The pictures to paint.
pub(super) struct Inputs {
    pub(super) files: Vec<PathBuf>,
    /// For each the folder of its outputs within the output's.
    pub(super) folders: Vec<PathBuf>,
    /// Whether one of the contents was a folder or a pattern.
    pub(super) any_collection: bool,
    /// Folders below a content that cannot be read, and why.
    pub(super) unreadable: Vec<(PathBuf, Error)>,
    /// What the user may want to know.
    pub(super) notes: Vec<String>,
}

impl Inputs {
    /// Files, with folders and patterns replaced by their pictures; `recursive`: with those of subfolders, except the folder
    /// `output`. A missing file among several is kept: it is reported when its turn comes.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty folder and a pattern that matches nothing; [`Error::Read`] where a lone content is
    /// missing.
    pub(super) fn find(contents: &[PathBuf], recursive: bool, output: &Path) -> Result<Self> {
        let mut inputs = Self {
            files: Vec::new(),
            folders: Vec::new(),
            any_collection: false,
            unreadable: Vec::new(),
            notes: Vec::new(),
        };
        let several = contents.iter().filter(|c| c.is_dir()).count() > 1;
        for content in contents {
            if is_standard_stream(content) {
                inputs.files.push(content.clone());
            } else if content.is_dir() {
                let search = Search {
                    recursive,
                    except: Some(output),
                };
                // Trees side by side must not run into one.
                let name = content.file_name().filter(|_| several && recursive);
                inputs.add_folder(content, &search, name.unwrap_or_default().as_ref())?;
            } else if picture::is_collection(content) {
                inputs.files.extend(picture::find_pictures(content)?);
                inputs.any_collection = true;
            } else if contents.len() == 1 {
                inputs.files.extend(picture::find_pictures(content)?);
            } else {
                inputs.files.push(content.clone());
            }
        }
        // What was not found in a tree goes into the output's folder itself.
        inputs.folders.resize(inputs.files.len(), PathBuf::new());
        Ok(inputs)
    }

    fn add_folder(&mut self, content: &Path, search: &Search<'_>, below: &Path) -> Result<()> {
        let found = search.find(content)?;
        self.any_collection = true;
        self.folders.resize(self.files.len(), PathBuf::new());
        for (file, folder) in found.pictures {
            self.files.push(file);
            self.folders.push(below.join(folder));
        }
        self.unreadable.extend(found.unreadable);
        if let Some(example) = found.unconverted.first() {
            let count = found.unconverted.len();
            self.notes.push(format!(
                "{}: AVIF, HEIC and JPEG XL are not read; passed over ({count}): {}{}",
                content.display(),
                example.display(),
                if count > 1 { " ..." } else { "" }
            ));
        }
        Ok(())
    }
}

/// The picture in the file `path`, or on standard input.
///
/// # Errors
/// As [`picture::open`].
pub(super) fn open(path: &Path) -> Result<Picture> {
    let limits = Limits::default();
    if !is_standard_stream(path) {
        return picture::open(path, &limits);
    }
    let name = Path::new("standard input");
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(limits.max_file_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(Error::read(name))?;
    picture::decode(&bytes, name, &limits)
}

/// Write the picture to the file `path`, or in `format` to standard output.
///
/// # Errors
/// As [`picture::save_with`].
pub(super) fn save(
    path: &Path,
    format: Format,
    (rgb, alpha): (&RgbImage, Option<&GrayImage>),
    options: &SaveOptions<'_>,
) -> Result<()> {
    if !is_standard_stream(path) {
        return picture::save_with(path, rgb, alpha, options);
    }
    let bytes = picture::encode_as(format, rgb, alpha, options)?;
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(&bytes).and_then(|()| stdout.flush()) {
        // Whoever reads it has seen enough, which is no error.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => done.map_err(Error::write("standard output")),
    }
}
