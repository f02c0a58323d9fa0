//! The flags about files of `stylize` in; what the files are to be like out.

use clap::Args;
use clap::builder::RangedI64ValueParser;
use impasto::jobs::{FileOptions, QUALITIES};
use impasto::picture::Format;

/// Which files are read, and what the outputs are like.
#[derive(Debug, Clone, Args)]
pub struct FileArgs {
    /// Format of the outputs in a folder or on standard output: png, jpg, webp, bmp, tiff, gif [default: png]
    #[arg(long, help_heading = "Files", value_name = "FORMAT")]
    format: Option<Format>,

    /// Quality of JPEG outputs, 1 to 100; the other formats are written without loss [default: 95]
    #[arg(long, help_heading = "Files", value_name = "N", value_parser = quality(), allow_negative_numbers = true)]
    quality: Option<u8>,

    /// Search the subfolders of CONTENT too; the outputs stand in the same tree
    ///
    /// Links are followed, each real folder once. Hidden folders and the output's own are passed over. Of several folders
    /// each gets a folder of its name.
    #[arg(short, long, help_heading = "Files")]
    recursive: bool,

    /// Keep outputs that are there: their photos are skipped, and listed as skipped
    #[arg(long, help_heading = "Files")]
    no_clobber: bool,

    /// Leave the photo's EXIF data (date, camera, copyright, and the place where it was taken) out of the output
    ///
    /// Without this, PNG, JPEG and WebP outputs keep the EXIF data of PNG, JPEG and WebP photos, the place (GPS) included,
    /// with the orientation set to upright, the size to the output's, and the thumbnail taken out. Other metadata (XMP,
    /// IPTC) is not kept. A photo's colour profile (ICC) is applied: the output is in sRGB, and says so with a profile of its
    /// own where the photo had one, which --strip leaves out too.
    #[arg(long, help_heading = "Files")]
    strip: bool,
}

impl FileArgs {
    /// What the flags describe.
    pub fn options(&self) -> FileOptions {
        FileOptions {
            format: self.format,
            quality: self.quality,
            strip: self.strip,
            no_clobber: self.no_clobber,
            recursive: self.recursive,
        }
    }
}

fn quality() -> RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(i64::from(*QUALITIES.start())..=i64::from(*QUALITIES.end()))
}
