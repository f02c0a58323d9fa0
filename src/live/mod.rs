//! `impasto live`: a source of frames goes in, painted frames come out in a window or in files, and styles are blended on
//! the way.
//!
//! Three threads with a slot for one frame between them, so that frames never queue: the **capture** thread reads the
//! source, the **painter** thread paints, and the calling thread (a window needs the main one) shows the frames, passes
//! them to the sinks and reads the keys. A fourth, the **embedder**, reads new paintings, and a fifth paints the thumbnails
//! of styles without a picture and then ends, so that neither delays a frame.

mod background;
mod beat_lock;
mod capture;
mod clock;
mod commands;
mod content_embedding;
mod controls;
mod embedder;
mod folder_watch;
mod hud;
mod initial_styles;
mod job;
mod keys;
mod meter;
mod notice;
mod obey;
mod operator;
mod outputs;
mod pad;
mod painted_frame;
mod painter;
mod path_prompt;
mod performance;
mod processing_size;
mod rate_control;
mod remotes;
mod saver;
mod screen;
mod session;
mod sink_choice;
mod source_choice;
mod source_health;
mod stage;
mod style_animation;
mod style_list;
mod thumbnails;

pub use folder_watch::MOST_PICTURES as MOST_WATCHED;
pub use job::{LiveJob, LiveReport, MODEL};
pub use keys::{help_text as key_help, markdown as key_table};
pub use meter::StageSummary;
pub use performance::{MidiChoice, Performance};
pub use session::live;
pub use sink_choice::SinkChoice;
pub use source_choice::SourceChoice;
pub use stage::{OnClose, Stage};
