//! A time in the film goes in; what to paint with at that time comes out: the mix of styles, the strength, the brush.

use super::keyframes::Track;

/// What to paint with at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// The weight of each style of the job, at least one of them above 0.
    pub weights: Vec<f32>,
    /// 0 is the photo, 1 the painting.
    pub strength: f32,
    /// How large the strokes are; 1 is as the network paints them.
    pub brush: f32,
}

/// The styles of a film over its time. Another way to tell them is another variant.
#[derive(Debug, Clone, PartialEq)]
pub enum StyleTrack {
    /// The same from the first frame to the last.
    Still(Moment),
    /// As a table of key frames says.
    Keys(Track),
    /// Through the styles in their order, evenly: the first frame has the first style, the last frame the last.
    Glide {
        /// The number of styles, at least 2.
        styles: usize,
        /// Seconds from the first frame to the last.
        length: f64,
        /// As in [`Moment`].
        strength: f32,
        /// As in [`Moment`].
        brush: f32,
    },
}

impl StyleTrack {
    /// A moment to be filled by [`StyleTrack::at`], for a job of `styles` styles.
    pub fn moment(styles: usize) -> Moment {
        Moment {
            weights: vec![0.0; styles],
            strength: 1.0,
            brush: 1.0,
        }
    }

    /// What to paint with `seconds` after the first frame, into `moment`.
    pub fn at(&self, seconds: f64, moment: &mut Moment) {
        match self {
            Self::Still(still) => moment.clone_from(still),
            Self::Keys(track) => {
                let held = track.at(seconds, &mut moment.weights);
                (moment.strength, moment.brush) = (held.strength, held.brush);
            }
            Self::Glide {
                styles,
                length,
                strength,
                brush,
            } => {
                glide(
                    *styles,
                    seconds / length.max(f64::MIN_POSITIVE),
                    &mut moment.weights,
                );
                (moment.strength, moment.brush) = (*strength, *brush);
            }
        }
    }
}

/// The weights at `share` of the way through `styles` styles.
fn glide(styles: usize, share: f64, weights: &mut Vec<f32>) {
    weights.clear();
    weights.resize(styles, 0.0);
    let legs = styles.saturating_sub(1);
    let place = share.clamp(0.0, 1.0) * legs as f64;
    let leg = (place as usize).min(legs.saturating_sub(1));
    let along = (place - leg as f64) as f32;
    if let Some(from) = weights.get_mut(leg) {
        *from = 1.0 - along;
    }
    if let Some(to) = weights.get_mut(leg + 1) {
        *to = along;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glide_meets_every_style_in_its_turn() {
        let track = StyleTrack::Glide {
            styles: 3,
            length: 8.0,
            strength: 0.5,
            brush: 1.0,
        };
        let mut moment = StyleTrack::moment(3);
        for (seconds, weights) in [
            (0.0, [1.0, 0.0, 0.0]),
            (2.0, [0.5, 0.5, 0.0]),
            (4.0, [0.0, 1.0, 0.0]),
            (7.0, [0.0, 0.25, 0.75]),
            (8.0, [0.0, 0.0, 1.0]),
            (9.0, [0.0, 0.0, 1.0]),
        ] {
            track.at(seconds, &mut moment);
            assert_eq!(moment.weights, weights, "{seconds}");
            assert_eq!(moment.strength, 0.5);
        }
    }

    #[test]
    fn a_film_of_one_frame_has_the_first_style() {
        let mut weights = Vec::new();
        glide(2, 0.0 / f64::MIN_POSITIVE, &mut weights);
        assert_eq!(weights, [1.0, 0.0]);
    }
}
