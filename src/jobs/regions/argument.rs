//! A mask as the user writes it (`sky.png=@irises,strength=0.7`) becomes its file, the styles of that region, and options.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::style::{StyleArgument, StyleSource};

/// What `brush=` may be.
const BRUSHES: std::ops::RangeInclusive<f32> = 0.25..=4.0;

/// A region of the picture with a style of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// A picture: white, or opaque where it has transparency, is this style.
    pub mask: PathBuf,
    /// The style, or several to blend.
    pub styles: Vec<StyleArgument>,
    /// 0 is the photo, 1 the painting; that of the whole picture when absent.
    pub strength: Option<f32>,
    /// How large the strokes are, 0.25..=4; those of the whole picture when absent.
    pub brush: Option<f32>,
}

/// One `--mask`.
#[derive(Debug, Clone, PartialEq)]
pub enum MaskArgument {
    /// `MASK=STYLE`, with options behind it.
    Styled(Region),
    /// `MASK` alone, which says where the photo is kept.
    Alone(PathBuf),
}

impl FromStr for MaskArgument {
    type Err = Error;

    /// `MASK=STYLE[,strength=S][,brush=B]` or `MASK`. STYLE is as in [`StyleArgument`], and `A:0.7+B:0.3` is a blend.
    ///
    /// Paths may hold `=`, `,`, `+` and `:`: a file that is there decides where the mask's name ends.
    fn from_str(text: &str) -> Result<Self> {
        if text.is_empty() {
            return refuse(text, "is empty; MASK.png=STYLE is meant".into());
        }
        let alone = || Ok(Self::Alone(PathBuf::from(text)));
        if Path::new(text).exists() {
            return alone();
        }
        let (rest, options) = options(text)?;
        let Some((mask, style)) = split(rest) else {
            if options.any() {
                return refuse(
                    text,
                    format!("has no style; write {rest}=STYLE before the options"),
                );
            }
            return alone();
        };
        let styles = styles(style).map_err(|error| match error {
            Error::Style { style, reason } if style == "''" => Error::invalid(
                "mask",
                format!("'{text}': the style {reason}; MASK.png=STYLE is meant"),
            ),
            other => other,
        })?;
        if let [one] = styles.as_slice()
            && one.weight != 1.0
        {
            let reason = format!(
                "a weight is for blends, as in A:0.7+B:0.3; write {mask}={},strength={} for part strength",
                name(one),
                one.weight
            );
            return refuse(text, reason);
        }
        if let Some((option, style)) = unknown_option(&styles) {
            let reason = format!(
                "there is no file {style}, and no option '{option}'; the options are strength and brush"
            );
            return refuse(text, reason);
        }
        Ok(Self::Styled(Region {
            mask: PathBuf::from(mask),
            styles,
            strength: options.strength,
            brush: options.brush,
        }))
    }
}

fn refuse<T>(text: &str, reason: String) -> Result<T> {
    Err(Error::invalid("mask", format!("'{text}': {reason}")))
}

/// The style as the user writes it, without its weight.
fn name(style: &StyleArgument) -> String {
    match &style.source {
        StyleSource::Named(name) => format!("@{name}"),
        StyleSource::Picture(path) => path.display().to_string(),
    }
}

#[derive(Default)]
struct Options {
    strength: Option<f32>,
    brush: Option<f32>,
}

impl Options {
    fn any(&self) -> bool {
        self.strength.is_some() || self.brush.is_some()
    }
}

/// The options at the end of `text`, and what stands before them.
fn options(text: &str) -> Result<(&str, Options)> {
    let (mut rest, mut options) = (text, Options::default());
    while let Some((before, option)) = rest.rsplit_once(',') {
        let (slot, number, range) = match option.split_once('=') {
            Some(("strength", number)) => (&mut options.strength, number, 0.0..=1.0),
            Some(("brush", number)) => (&mut options.brush, number, BRUSHES),
            _ => break,
        };
        // A painting may be called so.
        if split(rest).is_some_and(|(_, style)| Path::new(style).exists()) {
            break;
        }
        let (what, (least, most)) = (
            option.split('=').next().unwrap_or(option),
            (range.start(), range.end()),
        );
        match number.parse::<f32>() {
            Ok(number) if range.contains(&number) => {
                if slot.replace(number).is_some() {
                    return refuse(text, format!("{what} is given twice"));
                }
            }
            _ => {
                let reason = format!("{what} '{number}' is not a number from {least} to {most}");
                return refuse(text, reason);
            }
        }
        rest = before;
    }
    Ok((rest, options))
}

/// The mask and the style of `MASK=STYLE`: the mask is the longest file that is there, else what stands before the first
/// `=`.
fn split(text: &str) -> Option<(&str, &str)> {
    let parts = || {
        text.rmatch_indices('=')
            .map(|(at, _)| (&text[..at], &text[at + 1..]))
    };
    let there = parts().find(|(mask, _)| Path::new(mask).is_file());
    there.or_else(|| text.split_once('='))
}

/// One style, or a blend joined by `+`. A file whose own name has a `+` wins over a blend.
fn styles(text: &str) -> Result<Vec<StyleArgument>> {
    let whole: Result<StyleArgument> = text.parse();
    let is_file = |style: &StyleArgument| style.picture().is_some_and(Path::exists);
    if !text.contains('+') || whole.as_ref().is_ok_and(is_file) {
        return whole.map(|style| vec![style]);
    }
    text.split('+').map(str::parse).collect()
}

/// `(option, style)` where a style that is not there ends as an option does, in `,option=...`.
fn unknown_option(styles: &[StyleArgument]) -> Option<(String, String)> {
    styles.iter().find_map(|style| {
        let name = name(style);
        if style.picture().is_some_and(Path::exists) {
            return None;
        }
        let (_, tail) = name.rsplit_once(',')?;
        let (option, _) = tail.split_once('=')?;
        Some((option.to_owned(), name.clone()))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn region(text: &str) -> Region {
        match text.parse().unwrap() {
            MaskArgument::Styled(region) => region,
            other => panic!("{other:?}"),
        }
    }

    fn refused(text: &str) -> String {
        text.parse::<MaskArgument>().unwrap_err().to_string()
    }

    #[test]
    fn masks_styles_and_options_are_read() {
        let plain = region("m.png=@irises");
        assert_eq!(plain.mask, Path::new("m.png"));
        assert_eq!(plain.styles, [StyleArgument::named("irises")]);
        assert_eq!((plain.strength, plain.brush), (None, None));
        let full = region("m.png=a.jpg,brush=2,strength=0.7");
        assert_eq!(full.styles, [StyleArgument::file("a.jpg")]);
        assert_eq!((full.strength, full.brush), (Some(0.7), Some(2.0)));
        let blend = region("m.png=a.jpg:0.7+@irises:0.3").styles;
        assert_eq!(blend.len(), 2);
        assert_eq!((blend[0].weight, blend[1].weight), (0.7, 0.3));
        let alone: MaskArgument = "m.png".parse().unwrap();
        assert_eq!(alone, MaskArgument::Alone("m.png".into()));
    }

    #[test]
    fn windows_paths_are_whole() {
        let region = region(r"C:\m,1.png=D:\a.jpg,strength=1");
        assert_eq!(region.mask, Path::new(r"C:\m,1.png"));
        assert_eq!(region.styles, [StyleArgument::file(r"D:\a.jpg")]);
    }

    #[test]
    fn a_file_that_is_there_decides_where_a_name_ends() {
        let dir = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, "").unwrap();
            path.display().to_string()
        };
        let (odd, style) = (make("a=b,c=d.png"), make("e=f,strength=0.5"));
        let region = region(&format!("{odd}={style}"));
        assert_eq!(region.mask, Path::new(&odd));
        assert_eq!(region.styles, [StyleArgument::file(&style)]);
        assert_eq!(region.strength, None);
        let alone: MaskArgument = odd.parse().unwrap();
        assert_eq!(alone, MaskArgument::Alone(odd.into()));
        let plus = make("x+y.jpg");
        let text = format!("m.png={plus}");
        let MaskArgument::Styled(one) = text.parse().unwrap() else {
            panic!("{text}");
        };
        assert_eq!(one.styles, [StyleArgument::file(&plus)]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_remedy() {
        for (text, said) in [
            ("", "MASK.png=STYLE"),
            ("m.png=", "MASK.png=STYLE"),
            ("m.png=@a+", "MASK.png=STYLE"),
            ("m.png=@a,strength=2", "not a number from 0 to 1"),
            ("m.png=@a,strength=NaN", "not a number from 0 to 1"),
            ("m.png=@a,strength=", "not a number from 0 to 1"),
            ("m.png=@a,brush=0.1", "not a number from 0.25 to 4"),
            ("m.png=@a,brush=1,brush=2", "given twice"),
            ("m.png=a.jpg,size=3", "no option 'size'"),
            ("m.png=@a,size=3", "no option 'size'"),
            ("m.png,strength=0.5", "has no style"),
            ("m.png=@a:0.5", "strength=0.5"),
            ("m.png=@a:70%", "@a:0.7"),
        ] {
            let refused = refused(text);
            assert!(refused.contains(said), "{text}: {refused}");
        }
    }
}
