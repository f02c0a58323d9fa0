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
    let how = if extension == "y4m" {
        format!("impasto live --source {film} --style STYLE --headless --sink y4m:painted.y4m")
    } else {
        format!(
            "ffmpeg -i {film} -pix_fmt yuv420p -f yuv4mpegpipe - | impasto live --source - --style STYLE --headless \
             --sink y4m:- | ffmpeg -i - -i {film} -map 0:v -map 1:a? {output}"
        )
    };
    let reason = format!("is a film, and this command paints photos; for films: {how}");
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
        let mp4 = said("v.MP4");
        assert!(
            mp4.contains("ffmpeg -i v.MP4") && mp4.ends_with("-map 1:a? x.mp4"),
            "{mp4}"
        );
        assert!(said("v.y4m").contains("impasto live --source v.y4m"));
        refuse(Path::new("photo.jpg"), Path::new("x.png")).unwrap();
        refuse(Path::new("photos"), Path::new("out")).unwrap();
    }
}
