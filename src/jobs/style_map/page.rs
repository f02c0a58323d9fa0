//! A map in; one HTML file out that holds its thumbnails, its looks and its program, and may load nothing else.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};

use super::MapMethod;
use super::scene::{Node, Scene, THUMBNAIL, cover};
use crate::error::{Error, Result};
use crate::jobs::html::escaped;

const LOOKS: &str = include_str!("page.css");
const PROGRAM: &str = include_str!("page.js");

/// JPEG quality of a thumbnail.
const QUALITY: u8 = 82;

/// With more styles than this, thumbnails have the pixels of a plain screen, else twice as many a side.
const MOST_SHARP: usize = 400;

/// The page.
///
/// # Errors
/// [`Error::Invalid`] when a thumbnail cannot be encoded.
pub(super) fn page(scene: &Scene) -> Result<String> {
    let count = scene.nodes.len();
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
         script-src 'unsafe-inline'\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Map of {count} styles</title>\n<style>\n{LOOKS}</style></head>\n<body>\n"
    );
    header(&mut html, scene);
    html += "<main id=\"stage\" tabindex=\"0\" aria-label=\"Map. Tab goes from style to style, arrow keys to the one beside; plus, minus and 0 zoom.\"><div id=\"world\">\n<svg id=\"lines\" aria-hidden=\"true\">";
    for (a, b) in scene.lines() {
        // Writing to a string cannot fail.
        let _ = write!(html, "<line data-a=\"{a}\" data-b=\"{b}\"/>");
    }
    html += "</svg>\n";
    let scale = if count > MOST_SHARP { 1 } else { 2 };
    for (k, node) in scene.nodes.iter().enumerate() {
        thumbnail(&mut html, scene, k, node, scale)?;
    }
    let _ = write!(
        html,
        "</div></main>\n<aside id=\"panel\" aria-live=\"polite\"><p class=\"hint\">{}</p></aside>\n<script>\n{PROGRAM}</script>\n</body></html>\n",
        escaped(&sentence(scene))
    );
    Ok(html)
}

fn header(html: &mut String, scene: &Scene) {
    let count = scene.nodes.len();
    let _ = write!(html, "<header><h1>{count} styles</h1>\n<div id=\"methods\"");
    if scene.planes.len() < 2 {
        *html += " hidden";
    }
    *html += " role=\"group\" aria-label=\"Method\">";
    for (k, plane) in scene.planes.iter().enumerate() {
        let (name, says) = match plane.method {
            MapMethod::Pca => ("PCA", "the two axes along which the styles differ most"),
            MapMethod::Tsne => ("t-SNE", "neighbours stay neighbours"),
        };
        let _ = write!(
            html,
            "<button type=\"button\" data-plane=\"{k}\" data-size=\"[{:.0},{:.0}]\" aria-pressed=\"{}\" title=\"{says}\">{name}</button>",
            plane.size.0,
            plane.size.1,
            k == 0
        );
    }
    *html += "</div>\n<label id=\"search\"><span>Search</span><input type=\"search\" id=\"query\" placeholder=\"name, painter, year\" autocomplete=\"off\" spellcheck=\"false\"></label><output id=\"found\"></output>\n\
        <div id=\"zoom\" role=\"group\" aria-label=\"Zoom\"><button type=\"button\" id=\"out\" aria-label=\"Zoom out\">&minus;</button>\
        <button type=\"button\" id=\"fit\" aria-label=\"Show all\">All</button>\
        <button type=\"button\" id=\"in\" aria-label=\"Zoom in\">+</button></div></header>\n";
}

/// A button for one style. Everything that the program needs stands in its attributes.
fn thumbnail(html: &mut String, scene: &Scene, k: usize, node: &Node, scale: u32) -> Result<()> {
    let style = &node.style;
    let places: Vec<_> = scene
        .planes
        .iter()
        .map(|plane| format!("[{:.1},{:.1}]", plane.places[k].0, plane.places[k].1))
        .collect();
    let near: Vec<_> = node
        .near
        .iter()
        .map(|(k, d)| format!("[{k},{d:.3}]"))
        .collect();
    let picture = cover(&node.picture, (THUMBNAIL.0 * scale, THUMBNAIL.1 * scale))?;
    let (name, caption) = (escaped(&style.name), escaped(&style.caption()));
    let (x, y) = scene.planes.first().map_or((0.0, 0.0), |p| p.places[k]);
    let _ = write!(
        html,
        "<button type=\"button\" class=\"style\" id=\"s{k}\" style=\"transform:translate({x:.1}px,{y:.1}px)\" data-places=\"[{}]\" data-near=\"[{}]\" data-name=\"{name}\" data-caption=\"{caption}\"",
        places.join(","),
        near.join(",")
    );
    if let Some(painter) = &style.painter {
        let _ = write!(html, " data-painter=\"{}\"", escaped(painter));
    }
    let _ = writeln!(
        html,
        " aria-label=\"{name}{}{caption}\"><img alt=\"\" width=\"{}\" height=\"{}\" src=\"data:image/jpeg;base64,{}\"><span>{name}</span></button>",
        if caption.is_empty() { "" } else { ", " },
        THUMBNAIL.0,
        THUMBNAIL.1,
        jpeg(&picture)?
    );
    Ok(())
}

fn jpeg(picture: &RgbImage) -> Result<String> {
    let mut bytes = Vec::new();
    let (width, height) = picture.dimensions();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .write_image(picture, width, height, ExtendedColorType::Rgb8)
        .map_err(|e| Error::invalid("thumbnail", e.to_string()))?;
    Ok(STANDARD.encode(bytes))
}

/// What the map shows, for the panel.
fn sentence(scene: &Scene) -> String {
    let mut text = format!(
        "Styles that paint alike lie near each other ({} distance of their embeddings). A line joins each with its two nearest.",
        scene.metric
    );
    if scene
        .planes
        .iter()
        .any(|plane| plane.method == MapMethod::Pca)
    {
        let _ = write!(
            text,
            " The two axes of PCA hold {:.0} % of the differences.",
            100.0 * scene.explained
        );
    }
    if let Some(purity) = &scene.purity {
        let _ = write!(
            text,
            " The nearest style is of the same painter for {:.0} % (by chance {:.0} %).",
            100.0 * purity.share,
            100.0 * purity.chance
        );
    }
    text
}
