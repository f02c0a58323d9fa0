//! An address as a QR code: a text goes in, dark and light squares come out.

use qrcode::{Color, EcLevel, QrCode};

/// The light border that a code must have, in squares. The standard asks for 4; readers are content with 2, and terminals
/// are small.
const BORDER: usize = 2;

/// A QR code with its light border.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    side: usize,
    dark: Vec<bool>,
}

impl Qr {
    /// `None` when `text` is too long for one.
    pub fn new(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let inner = code.width();
        let colors = code.into_colors();
        let side = inner + 2 * BORDER;
        let is_dark = |n: usize| {
            let (x, y) = (
                (n % side).wrapping_sub(BORDER),
                (n / side).wrapping_sub(BORDER),
            );
            x < inner && y < inner && colors[y * inner + x] == Color::Dark
        };
        let dark = (0..side * side).map(is_dark).collect();
        Some(Self { side, dark })
    }

    /// Squares along a side, with the border.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Whether a square is dark; what is outside is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.side && self.dark.get(y * self.side + x).is_some_and(|dark| *dark)
    }

    /// For a terminal, dark or light: two rows of squares in a line of half blocks, in black on white whatever the
    /// terminal's own colours are.
    pub fn to_terminal(&self) -> String {
        let mut text = String::new();
        for y in (0..self.side).step_by(2) {
            text.push_str("\x1b[30;107m");
            for x in 0..self.side {
                text.push(match (self.is_dark(x, y), self.is_dark(x, y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            text.push_str("\x1b[0m\n");
        }
        text
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_a_light_border() {
        let qr = Qr::new("http://192.168.0.10:7420/?token=0123456789abcdefABCDEF").unwrap();
        let side = qr.side();
        for n in 0..side {
            let edges = [
                (n, 0),
                (0, n),
                (n, side - 1),
                (side - 1, n),
                (side, n),
                (n, side),
            ];
            assert!(edges.iter().all(|(x, y)| !qr.is_dark(*x, *y)));
        }
        // The squares of 7x7 around 3x3.
        let far = side - BORDER - 7;
        for (x, y) in [(BORDER, BORDER), (far, BORDER), (BORDER, far)] {
            let row: Vec<bool> = (0..7).map(|n| qr.is_dark(x + n, y + 3)).collect();
            assert_eq!(row, [true, false, true, true, true, false, true]);
        }
        let text = qr.to_terminal();
        assert_eq!(text.lines().count(), side.div_ceil(2));
        assert!(Qr::new(&"x".repeat(9999)).is_none());
    }
}
