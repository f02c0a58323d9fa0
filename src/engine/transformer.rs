//! The transformer network: a picture, gammas and betas in, a pastiche out.

use ndarray::{ArrayView1, ArrayView3, ArrayViewMut3};

use super::norm_stats::NormStats;
use super::pastiche;
use crate::catalog::Part;
use crate::device::Choice;
use crate::error::Result;
use crate::runtime::{ElementKind, Input, Runtime, Session, SessionOptions};

/// content, style_params -> pastiche (conditional instance norm: Dumoulin et al. 2017, equation 5).
pub(super) struct Transformer {
    session: Session,
    /// The twin that is given the statistics, and in how many frames they are measured once.
    frozen: Option<(Session, u32)>,
    norm_stats: NormStats,
}

/// The files of a transformer, from the catalog.
pub(super) struct Files<'a> {
    pub(super) transformer: &'a Part,
    pub(super) frozen: &'a Part,
    /// P, the number of gammas and betas.
    pub(super) params: usize,
    /// S, the number of means and variances.
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
            frozen,
            norm_stats: NormStats::default(),
        })
    }

    pub(super) fn device(&self) -> &Choice {
        self.session.choice()
    }

    /// Measure anew at the next picture: the gammas and betas are about to change.
    pub(super) fn reset_stats(&mut self) {
        self.norm_stats.reset();
    }

    /// Paint `content` into `pastiche`, of the same shape `[H, W, 3]`; `content` lies in memory without gaps.
    pub(super) fn paint(
        &mut self,
        content: ArrayView3<'_, u8>,
        params: ArrayView1<'_, f32>,
        mut pastiche: ArrayViewMut3<'_, u8>,
    ) -> Result<()> {
        let (height, width, _) = content.dim();
        let inputs = [
            ("content", Input::picture(content)),
            ("style_params", Input::row(params)),
        ];
        if let Some((twin, every)) = &mut self.frozen
            && let Some(stats) = self.norm_stats.next(*every, (height, width))
        {
            let [content_input, style_params] = inputs;
            let outputs = twin.run(&[content_input, style_params, ("stats", Input::row(stats))])?;
            pastiche.assign(&pastiche::of(&outputs, content.dim())?);
            return Ok(());
        }
        let outputs = self.session.run(&inputs)?;
        pastiche.assign(&pastiche::of(&outputs, content.dim())?);
        if self.frozen.is_some() {
            self.norm_stats.update(outputs.row("stats")?);
        }
        Ok(())
    }
}
