//! Photos that are told one by one, while the networks stay loaded: lines in, a pastiche for each out.

use std::ops::ControlFlow;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::done_work::Writer;
use super::shard::key;
use super::{Failure, StylizeJob, StylizeProgress, Summary, Workshop};
use crate::error::{Error, Result};
use crate::jobs::output_paths::{Distinct, OutputPaths, check_folder, make_folder, means_folder};
use crate::picture;

/// A photo to paint.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    content: PathBuf,
    /// The file to write, from the folder of the job on.
    output: Option<PathBuf>,
}

/// Paint the photos that `lines` name, as they come. A line is the path of a photo, or a JSON object such as
/// `{"content": "a/1.jpg", "output": "a/1.png"}`, whose `output` lies in the folder of the job; without it the file is
/// called after the photo, with a number where two have one name. Empty lines are passed over.
///
/// [`StylizeJob::contents`] must be empty and [`StylizeJob::output`] a folder. What each line gave is told to `progress`.
///
/// # Errors
/// As [`stylize`](super::stylize), and what `lines` gives as an error; a photo that cannot be painted is listed in
/// [`Summary::failed`].
pub fn stylize_lines(
    job: &StylizeJob,
    lines: &mut dyn Iterator<Item = Result<Vec<u8>>>,
    progress: &mut dyn StylizeProgress,
) -> Result<Summary> {
    job.check()?;
    if !job.contents.is_empty() {
        let reason = "are given, and so is a list; give one of them";
        return Err(Error::invalid("contents", reason));
    }
    if !means_folder(&job.output, true) {
        let reason = format!(
            "{} is one file, and photos of a list need a folder (it may be new)",
            job.output.display()
        );
        return Err(Error::invalid("output", reason));
    }
    check_folder(&job.output)?;
    let mut workshop = Workshop::open(job, progress)?;
    make_folder(&job.output)?;
    let mut done = workshop.done_work(&Writer::Feed)?;
    let mut names = Distinct::default();
    let mut index = 0;
    for line in lines {
        let line = match line {
            Err(Error::Interrupted) => {
                progress.stopped(&[]);
                return Err(Error::Interrupted);
            }
            line => line?,
        };
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let (content, outputs) = match Request::parse(&line) {
            Ok(request) => {
                let paths: [&Path; 0] = [];
                let key = key(&paths, &request.content);
                if job.shard.is_some_and(|shard| !shard.takes(&key)) {
                    continue;
                }
                (request.content.clone(), request.outputs(job, &mut names))
            }
            Err(error) => (String::from_utf8_lossy(&line).trim().into(), Err(error)),
        };
        let painted = outputs.and_then(|outputs| {
            let contents = index + 1;
            workshop.paint(
                (&outputs, 0),
                &content,
                done.as_mut(),
                (index, contents),
                progress,
            )
        });
        index += 1;
        match painted {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => {
                workshop.summary.interrupted = true;
                progress.stopped(&[]);
                return Ok(workshop.summary);
            }
            Err(Error::Interrupted) => {
                progress.stopped(std::slice::from_ref(&content));
                return Err(Error::Interrupted);
            }
            Err(error) if error.ends_all() => {
                progress.stopped(std::slice::from_ref(&content));
                return Err(error);
            }
            Err(error) => workshop.fail(Failure { content, error }, progress),
        }
    }
    Ok(workshop.summary)
}

impl Request {
    fn parse(line: &[u8]) -> Result<Self> {
        let line = line.trim_ascii_end();
        if !line.starts_with(b"{\"") {
            return Ok(Self {
                content: path_of(line)?,
                output: None,
            });
        }
        let request: Self = serde_json::from_slice(line).map_err(|e| {
            let form = "{\"content\": \"a/1.jpg\", \"output\": \"a/1.png\"}";
            let text = String::from_utf8_lossy(line);
            Error::invalid("line", format!("{text}: {e}; it should be like {form}"))
        })?;
        // Lists may come from elsewhere: they must not write to just any place.
        let outside = |path: &PathBuf| {
            let mut parts = path.components();
            parts.any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
        };
        if let Some(output) = request.output.as_ref().filter(|path| outside(path)) {
            let reason = format!("{} is not inside of the folder", output.display());
            return Err(Error::invalid("output", reason));
        }
        Ok(request)
    }

    fn outputs(&self, job: &StylizeJob, names: &mut Distinct) -> Result<OutputPaths> {
        let (content, styles) = (self.content.clone(), &job.styles);
        let Some(output) = &self.output else {
            let files = (job.files.format, job.palette());
            let mut outputs =
                OutputPaths::next(&job.output, content, (styles, job.each), files, names)?;
            outputs.protect(job.regions.files())?;
            job.files.check(outputs.format())?;
            return Ok(outputs);
        };
        if job.each {
            let reason =
                "is given for a photo, and every photo is painted in each style; leave it out";
            return Err(Error::invalid("output", reason));
        }
        let output = job.output.join(output);
        let pictures = styles.iter().filter_map(|style| style.picture());
        let inputs: Vec<&Path> = pictures
            .chain([content.as_path()])
            .chain(job.palette())
            .chain(job.regions.files())
            .collect();
        picture::check_output(&output, &inputs)?;
        let outputs = OutputPaths::exactly(output);
        job.files.check(outputs.format())?;
        Ok(outputs)
    }
}

/// A path as the system has it, not only those that are text.
#[cfg(unix)]
fn path_of(line: &[u8]) -> Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Ok(std::ffi::OsStr::from_bytes(line).into())
}

#[cfg(not(unix))]
fn path_of(line: &[u8]) -> Result<PathBuf> {
    let text = std::str::from_utf8(line);
    text.map(PathBuf::from)
        .map_err(|_| Error::invalid("line", "is not text in UTF-8"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_path_or_an_object() {
        let plain = Request::parse(b"a dir/1.jpg\r").unwrap();
        assert_eq!(plain.content, Path::new("a dir/1.jpg"));
        assert_eq!(plain.output, None);
        let named = br#"{"content": "a\n.jpg", "output": "b/c.png"}"#;
        let named = Request::parse(named).unwrap();
        assert_eq!(named.content, Path::new("a\n.jpg"));
        assert_eq!(named.output, Some("b/c.png".into()));
        assert!(Request::parse(br#"{"content": "#).is_err());
        assert!(Request::parse(br#"{"content": "a", "style": "b"}"#).is_err());
    }

    #[test]
    fn a_line_does_not_write_outside_of_the_folder() {
        for output in ["../x.png", "/tmp/x.png", "a/../../x.png"] {
            let line = format!(r#"{{"content": "a.jpg", "output": "{output}"}}"#);
            let said = Request::parse(line.as_bytes()).unwrap_err().to_string();
            assert!(said.contains("not inside"), "{said}");
        }
    }
}
