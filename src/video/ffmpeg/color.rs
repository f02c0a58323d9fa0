//! How the numbers of a film stand for colours: ffprobe's names go in, arguments for ffmpeg come out.

/// What a film says of its colours, in ffmpeg's names; `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColorTags {
    /// `tv` (16..=235) or `pc` (0..=255).
    pub range: Option<String>,
    /// From RGB to luma and chroma, as in `bt709`.
    pub matrix: Option<String>,
    /// The curve, as in `bt709`.
    pub transfer: Option<String>,
    /// The colours of the primaries, as in `bt709`.
    pub primaries: Option<String>,
}

/// Matrices as ffprobe calls them, and as the filter `scale` does.
const MATRICES: [(&str, &str); 7] = [
    ("bt709", "bt709"),
    ("fcc", "fcc"),
    ("bt470bg", "bt601"),
    ("smpte170m", "bt601"),
    ("smpte240m", "smpte240m"),
    ("bt2020nc", "bt2020"),
    ("bt2020c", "bt2020"),
];

/// Films of at least this height without a matrix are taken as high definition, as players do.
const HIGH_DEFINITION: u32 = 600;

impl ColorTags {
    /// Whether it is high dynamic range: PQ or HLG.
    pub fn is_hdr(&self) -> bool {
        matches!(self.transfer.as_deref(), Some("smpte2084" | "arib-std-b67"))
    }

    /// The tags of the painted film: those of the film, with range and matrix as they are assumed where it says nothing
    /// (or is RGB); BT.709 after tone-mapping. `height`: of the film, in pixels.
    pub fn painted(&self, height: u32) -> Self {
        if self.is_hdr() {
            let bt709 = || Some("bt709".to_owned());
            return Self {
                range: Some("tv".to_owned()),
                matrix: bt709(),
                transfer: bt709(),
                primaries: bt709(),
            };
        }
        let assumed = match height >= HIGH_DEFINITION {
            true => "bt709",
            false => "smpte170m",
        };
        let known = self.matrix.as_deref().filter(|m| in_scale(m).is_some());
        // RGB films have the full range; their painted ones are YUV of the usual one.
        let range = self
            .range
            .as_deref()
            .filter(|_| self.matrix.as_deref() != Some("gbr"));
        Self {
            range: Some(range.unwrap_or("tv").to_owned()),
            matrix: Some(known.unwrap_or(assumed).to_owned()),
            transfer: self.transfer.clone(),
            primaries: self.primaries.clone(),
        }
    }

    /// The filters that turn decoded frames of these colours into RGB of `width` x `height`.
    pub(super) fn to_rgb(&self, (width, height): (u32, u32), source_height: u32) -> String {
        let painted = self.painted(source_height);
        let tone_mapped = self.is_hdr().then(|| self.tone_map());
        let matrix = match self.matrix.as_deref() {
            Some("gbr") => String::new(),
            _ => format!(":in_color_matrix={}", painted.scale_matrix()),
        };
        // What a film does not say about its range, its pixel format does: ffmpeg knows.
        let range = match (self.is_hdr(), self.range.as_deref()) {
            (true, _) => ":in_range=tv",
            (false, Some("pc")) => ":in_range=pc",
            (false, Some("tv")) => ":in_range=tv",
            _ => "",
        };
        format!(
            "{}scale=w={width}:h={height}{matrix}{range}:out_range=pc:{FLAGS},format=rgb24",
            tone_mapped.unwrap_or_default()
        )
    }

    /// The filter that turns RGB into frames of these colours.
    pub(super) fn encoded(&self, pixel_format: &str) -> String {
        if pixel_format.starts_with("bgr") || pixel_format.starts_with("gbr") {
            return format!("format={pixel_format}");
        }
        let range = self.range.as_deref().unwrap_or("tv");
        format!(
            "scale=in_range=pc:out_range={range}:out_color_matrix={}:{FLAGS},format={pixel_format}",
            self.scale_matrix()
        )
    }

    /// The arguments that write these tags into a film.
    pub(super) fn arguments(&self, pixel_format: &str) -> Vec<String> {
        let rgb = pixel_format.starts_with("bgr") || pixel_format.starts_with("gbr");
        let (range, matrix) = match rgb {
            true => (None, None),
            false => (self.range.clone(), self.matrix.clone()),
        };
        [
            ("-color_range", range),
            ("-colorspace", matrix),
            ("-color_trc", self.transfer.clone()),
            ("-color_primaries", self.primaries.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some([name.to_owned(), value?]))
        .flatten()
        .collect()
    }

    fn scale_matrix(&self) -> &'static str {
        self.matrix.as_deref().and_then(in_scale).unwrap_or("bt601")
    }

    /// From high dynamic range to BT.709: linear light, 203 cd/m2 as white (ITU-R BT.2408), highlights compressed.
    fn tone_map(&self) -> String {
        let or = |tag: &Option<String>, assumed: &str| tag.clone().unwrap_or(assumed.to_owned());
        format!(
            "zscale=tin={}:min={}:pin={}:rin={}:t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,\
             zscale=t=bt709:m=bt709:r=tv,format=yuv444p,",
            or(&self.transfer, "smpte2084"),
            or(&self.matrix, "bt2020nc"),
            or(&self.primaries, "bt2020"),
            or(&self.range, "tv"),
        )
    }
}

/// Chroma is interpolated, not repeated, and sums are rounded: a film that is only decoded and encoded again keeps its
/// colours.
const FLAGS: &str = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp";

fn in_scale(matrix: &str) -> Option<&'static str> {
    let found = MATRICES.iter().find(|(probed, _)| *probed == matrix);
    found.map(|(_, scale)| *scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_without_tags_is_taken_as_players_take_it() {
        let none = ColorTags::default();
        assert_eq!(none.painted(480).matrix.as_deref(), Some("smpte170m"));
        assert_eq!(none.painted(1080).matrix.as_deref(), Some("bt709"));
        assert!(none.to_rgb((64, 48), 48).contains("in_color_matrix=bt601"));
        assert_eq!(none.painted(48).range.as_deref(), Some("tv"));
    }

    #[test]
    fn tags_are_kept_and_high_dynamic_range_becomes_bt709() {
        let tag = |text: &str| Some(text.to_owned());
        let mut tags = ColorTags {
            range: tag("pc"),
            matrix: tag("bt2020nc"),
            transfer: tag("bt2020-10"),
            primaries: tag("bt2020"),
        };
        assert_eq!(tags.painted(2160), tags);
        assert!(
            tags.encoded("yuv420p")
                .contains("out_range=pc:out_color_matrix=bt2020")
        );
        tags.transfer = tag("smpte2084");
        assert!(tags.is_hdr());
        assert_eq!(tags.painted(2160).primaries, tag("bt709"));
        assert!(
            tags.to_rgb((64, 48), 48)
                .starts_with("zscale=tin=smpte2084")
        );
    }
}
