//! A path that a user gave as a photo in; for a film, how films are painted out.

use std::path::Path;

use impasto::{Error, Result};

/// The extensions of films.
const EXTENSIONS: [&str; 11] = [
    "mp4", "m4v", "mov", "mkv", "avi", "webm", "mpg", "mpeg", "wmv", "flv", "y4m",
];

/// Refuses a film among photos, with the command that paints it.
///
/// # Errors
/// [`Error::Invalid`] for a film.
pub fn refuse(content: &Path, output: &Path) -> Result<()> {
    let extension = content.extension().unwrap_or_default().to_ascii_lowercase();
    if !EXTENSIONS.iter().any(|film| extension == *film) {
        return Ok(());
    }
    let (film, output) = (content.display(), output.display());
    let reason = format!(
        "is a film, and this command paints photos; for films: impasto film {film} --style STYLE -o {output}"
    );
    Err(Error::invalid(film.to_string(), reason))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_film_is_refused_with_the_command_that_paints_it() {
        let said = |content: &str| {
            let refused = refuse(Path::new(content), Path::new("x.mp4"));
            refused.unwrap_err().to_string()
        };
        for film in ["v.MP4", "v.y4m"] {
            let command = format!("impasto film {film} --style STYLE -o x.mp4");
            assert!(said(film).ends_with(&command), "{}", said(film));
        }
        refuse(Path::new("photo.jpg"), Path::new("x.png")).unwrap();
        refuse(Path::new("photos"), Path::new("out")).unwrap();
    }
}
