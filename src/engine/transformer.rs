//! The transformer network: a picture and its gammas and betas in, a pastiche out.

use image::RgbImage;

use super::steady::Steady;
use crate::catalog::Part;
use crate::device::Choice;
use crate::error::{Error, Result};
use crate::picture;
use crate::runtime::{ElementKind, Input, Outputs, Runtime, Session, SessionOptions};

/// content, style_params -> pastiche (conditional instance norm: Dumoulin et al. 2017, equation 5).
pub(super) struct Transformer {
    session: Session,
    params: usize,
    /// The twin that takes its statistics, and how often they are measured.
    frozen: Option<(Session, u32)>,
    steady: Steady,
}

/// The two networks of a transformer as the catalog gives them.
pub(super) struct Files<'a> {
    pub(super) transformer: &'a Part,
    pub(super) frozen: &'a Part,
    /// Numbers of gammas and betas.
    pub(super) params: usize,
    /// Numbers of means and variances.
    pub(super) stats: usize,
}

impl Transformer {
    /// Open the network; with `stats_every` above 1 its frozen twin too.
    pub(super) fn open(
        runtime: &Runtime,
        files: &Files<'_>,
        stats_every: u32,
        options: &SessionOptions,
    ) -> Result<Self> {
        let (params, stats) = (files.params, [1, files.stats as i64]);
        let open = |part: &Part| -> Result<Session> {
            let session = Session::open(runtime, &part.label, &part.bytes, options)?;
            session.expect_input("content", ElementKind::U8, &[1, -1, -1, 3])?;
            session.expect_input("style_params", ElementKind::F32, &[1, params as i64])?;
            session.expect_output("pastiche", ElementKind::U8, &[1, -1, -1, 3])?;
            Ok(session)
        };
        let session = open(files.transformer)?;
        session.expect_output("stats", ElementKind::F32, &stats)?;
        let mut frozen = None;
        if stats_every > 1 {
            let twin = open(files.frozen)?;
            twin.expect_input("stats", ElementKind::F32, &stats)?;
            frozen = Some((twin, stats_every));
        }
        Ok(Self {
            session,
            params,
            frozen,
            steady: Steady::default(),
        })
    }

    pub(super) fn device(&self) -> &Choice {
        self.session.choice()
    }

    /// The gammas and betas are about to change.
    pub(super) fn style_changes(&mut self) {
        self.steady.forget();
    }

    /// Paint `content`; `pastiche` is made anew only when its size differs.
    pub(super) fn paint(
        &mut self,
        content: &RgbImage,
        params: &[f32],
        pastiche: &mut RgbImage,
    ) -> Result<()> {
        let shape = picture::shape(content);
        let data = content.as_raw();
        let row_of_params = [1, self.params];
        let inputs = [
            ("content", Input::U8 { shape, data }),
            ("style_params", row(&row_of_params, params)),
        ];
        let Some((twin, every)) = &mut self.frozen else {
            return keep(&self.session.run(&inputs)?, content, pastiche);
        };
        match self.steady.next(*every, content.dimensions()) {
            Some(stats) => {
                let [content_input, style_params] = inputs;
                let row_of_stats = [1, stats.len()];
                let stats = ("stats", row(&row_of_stats, stats));
                keep(
                    &twin.run(&[content_input, style_params, stats])?,
                    content,
                    pastiche,
                )
            }
            None => {
                let outputs = self.session.run(&inputs)?;
                keep(&outputs, content, pastiche)?;
                self.steady.measured(outputs.f32("stats")?.1);
                Ok(())
            }
        }
    }
}

pub(super) fn row<'a>(shape: &'a [usize; 2], data: &'a [f32]) -> Input<'a> {
    Input::F32 { shape, data }
}

/// Copy the pastiche out of the runtime's memory.
pub(super) fn keep(
    outputs: &Outputs<'_>,
    content: &RgbImage,
    pastiche: &mut RgbImage,
) -> Result<()> {
    let shape = picture::shape(content);
    let (found, data) = outputs.u8("pastiche")?;
    if !found.iter().map(|&n| n as usize).eq(shape) {
        return Err(Error::Inference {
            network: "transformer".to_owned(),
            reason: format!("gave a pastiche of shape {found:?} for a content of shape {shape:?}"),
        });
    }
    if pastiche.dimensions() == content.dimensions() {
        pastiche.copy_from_slice(data);
    } else {
        *pastiche = picture::from_tensor("transformer", found, data)?;
    }
    Ok(())
}
