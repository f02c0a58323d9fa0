//! Keyframe files of films.

use std::path::Path;

use impasto::jobs::film::keyframes::Keyframes;

use super::check;

pub fn run(data: &[u8]) {
    let path = Path::new("strange.txt");
    let keyframes = match Keyframes::parse(data, path) {
        Ok(keyframes) => keyframes,
        Err(error) => return check::one_line(&error, "strange.txt"),
    };
    assert!(keyframes.styles().len() <= 200);
    for last in [None, Some(0.0), Some(7.5), Some(1e9)] {
        let track = match keyframes.track(last) {
            Ok(track) => track,
            Err(error) => {
                check::one_line(&error, "strange.txt");
                continue;
            }
        };
        assert!(last.is_some() || !keyframes.needs_length());
        let (from, to) = track.span();
        assert!(
            from.is_finite() && to.is_finite() && from <= to,
            "{from} to {to}"
        );
        let mut weights = Vec::new();
        for share in [-0.1, 0.0, 0.3, 0.5, 1.0, 1.1] {
            let held = track.at(from + share * (to - from), &mut weights);
            let sum: f32 = weights.iter().sum();
            assert!(
                weights.iter().all(|w| (0.0..=1.0001).contains(w)),
                "{weights:?}"
            );
            assert!((sum - 1.0).abs() < 1e-3, "{weights:?}");
            assert!((0.0..=1.0).contains(&held.strength), "{held:?}");
        }
    }
}
