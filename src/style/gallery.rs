//! Galleries: a TOML text in, named embeddings of paintings out, and back.

use serde::{Deserialize, Serialize};

use super::StyleEmbedding;
use crate::error::{Error, Result};

/// A named style.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GalleryStyle {
    /// What `@name` calls it: lower-case letters, digits and hyphens.
    pub name: String,
    /// The painting's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who painted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub painter: Option<String>,
    /// When, as one writes it: `1889`, `about 1831`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<String>,
    /// The network that made the values (see [`StyleEmbedding::space`]).
    pub space: String,
    /// The embedding.
    pub values: Vec<f32>,
}

impl GalleryStyle {
    /// The embedding.
    ///
    /// # Errors
    /// [`Error::Style`] when the values are not those of an embedding.
    pub fn embedding(&self) -> Result<StyleEmbedding> {
        StyleEmbedding::new(self.values.clone(), self.space.clone()).map_err(|e| Error::Style {
            style: format!("@{}", self.name),
            reason: e.to_string(),
        })
    }

    /// One line for a reader: title, painter and year as far as they are known.
    pub fn caption(&self) -> String {
        let parts = [
            self.title.as_deref(),
            self.painter.as_deref(),
            self.year.as_deref(),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// An embedding that paints any photo as itself; where there is a predictor, it reads the photo instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhotoStyle {
    /// The network that made the values (see [`StyleEmbedding::space`]).
    pub space: String,
    /// The embedding.
    pub values: Vec<f32>,
}

impl PhotoStyle {
    /// The embedding.
    ///
    /// # Errors
    /// [`Error::Style`] when the values are not those of an embedding.
    pub fn embedding(&self) -> Result<StyleEmbedding> {
        StyleEmbedding::new(self.values.clone(), self.space.clone())
    }
}

/// Styles by name, in the order in which they were added.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Gallery {
    /// The styles.
    #[serde(rename = "style", default)]
    pub styles: Vec<GalleryStyle>,
    /// Where strengths below 1 begin in a model without a predictor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<PhotoStyle>,
}

impl Gallery {
    /// Read a gallery; `label` names it in errors.
    ///
    /// # Errors
    /// [`Error::Style`] when it is not TOML of this form, or a name is not usable.
    pub fn parse(label: &str, text: &str) -> Result<Self> {
        let gallery: Gallery = toml::from_str(text).map_err(|e| Error::Style {
            style: label.to_owned(),
            reason: format!("is not a gallery: {e}"),
        })?;
        for style in &gallery.styles {
            check_name(&style.name)?;
        }
        Ok(gallery)
    }

    /// The gallery as TOML, one row of numbers a style.
    ///
    /// # Errors
    /// [`Error::Style`] when it cannot be written as TOML, which does not happen to finite numbers.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(self).map_err(|e| Error::Style {
            style: "gallery".to_owned(),
            reason: e.to_string(),
        })
    }

    /// The style called `name`.
    pub fn get(&self, name: &str) -> Option<&GalleryStyle> {
        self.styles.iter().find(|style| style.name == name)
    }

    /// The style called `name`, with or without an `@` before it.
    ///
    /// # Errors
    /// [`Error::StyleNotFound`], with the names that are spelt alike.
    pub fn find(&self, name: &str) -> Result<&GalleryStyle> {
        let name = name.strip_prefix('@').unwrap_or(name);
        self.get(name).ok_or_else(|| Error::StyleNotFound {
            name: name.to_owned(),
            similar: self.similar(name),
        })
    }

    /// Add a style, or replace the one of the same name if `replace`.
    ///
    /// # Errors
    /// [`Error::Style`] when the name is taken or not usable.
    pub fn add(&mut self, style: GalleryStyle, replace: bool) -> Result<()> {
        check_name(&style.name)?;
        match self.styles.iter_mut().find(|s| s.name == style.name) {
            Some(old) if replace => *old = style,
            Some(_) => {
                let reason =
                    "is in the gallery already; choose another name, or replace it with --force"
                        .to_owned();
                return Err(Error::Style {
                    style: format!("@{}", style.name),
                    reason,
                });
            }
            None => self.styles.push(style),
        }
        Ok(())
    }

    /// The names nearest to `name` in spelling, at most three, for "did you mean".
    pub fn similar(&self, name: &str) -> Vec<String> {
        let mut near: Vec<_> = self
            .styles
            .iter()
            .map(|s| (strsim::levenshtein(name, &s.name), s.name.clone()))
            .collect();
        near.sort();
        near.into_iter()
            .filter(|(d, n)| *d <= 2 + n.len() / 4)
            .take(3)
            .map(|(_, n)| n)
            .collect()
    }
}

/// A name is used on the command line and in file names.
fn check_name(name: &str) -> Result<()> {
    let good = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-');
    if good {
        return Ok(());
    }
    let reason = "a name has 1 to 64 lower-case letters, digits and hyphens, and does not begin with a hyphen".to_owned();
    Err(Error::Style {
        style: format!("@{}", name.chars().take(80).collect::<String>()),
        reason,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn style(name: &str) -> GalleryStyle {
        let values = vec![0.5, -1.25];
        GalleryStyle {
            name: name.into(),
            title: Some("T".into()),
            painter: None,
            year: None,
            space: "s".into(),
            values,
        }
    }

    #[test]
    fn a_gallery_survives_its_file() {
        let mut gallery = Gallery::default();
        gallery.add(style("one"), false).unwrap();
        gallery.add(style("two-2"), false).unwrap();
        assert_eq!(
            Gallery::parse("g", &gallery.to_toml().unwrap()).unwrap(),
            gallery
        );
    }

    #[test]
    fn names_are_taken_once() {
        let mut gallery = Gallery::default();
        gallery.add(style("one"), false).unwrap();
        assert!(gallery.add(style("one"), false).is_err());
        let other = GalleryStyle {
            title: None,
            ..style("one")
        };
        gallery.add(other, true).unwrap();
        assert_eq!(gallery.styles.len(), 1);
        assert_eq!(gallery.get("one").unwrap().title, None);
    }

    #[test]
    fn hostile_names_are_refused() {
        for name in ["", "a b", "../x", "A", "-x", "ä", &"a".repeat(65)] {
            assert!(
                Gallery::default().add(style(name), false).is_err(),
                "{name}"
            );
        }
    }

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        let mut gallery = Gallery::default();
        for name in ["great-wave", "the-scream", "the-kiss"] {
            gallery.add(style(name), false).unwrap();
        }
        assert_eq!(gallery.similar("grate-wave"), ["great-wave"]);
        assert!(gallery.similar("zzzzzzzzzz").is_empty());
    }
}
