//! How large an animation may be before any of its pixels is decoded.

/// Limits of an animation that is read. What is over one of them is refused by its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most pixels along either side.
    pub max_side: u32,
    /// The most bytes of one decoded frame, 4 a pixel. Decoding needs up to four times as much for a moment.
    pub max_bytes: u64,
    /// The most frames.
    pub max_frames: u32,
    /// The longest that one play may last, in seconds.
    pub max_seconds: u32,
    /// The most bytes of the file.
    pub max_file_bytes: u64,
}

impl Default for Limits {
    /// 16384 pixels a side, 256 MiB a frame (8192x8192), 200,000 frames (two hours at 25 a second), a day, and files of
    /// 4 GiB.
    fn default() -> Self {
        Self {
            max_side: 16384,
            max_bytes: 256 << 20,
            max_frames: 200_000,
            max_seconds: 24 * 3600,
            max_file_bytes: 4 << 30,
        }
    }
}
