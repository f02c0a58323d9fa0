//! The picture as MJPEG, which browsers, OBS and VLC show from a plain address: a viewer goes in, the body of an endless
//! answer comes out. Each client gets the newest picture when it has taken the one before.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::{Bytes, HttpBody};
use hyper::body::Frame;
use tokio::sync::OwnedSemaphorePermit;

use crate::remote::view::{Jpeg, Viewer};

/// The type of the answer, which names what stands between two pictures.
pub(super) const TYPE: &str = "multipart/x-mixed-replace; boundary=impasto";

/// The next picture, and the viewer to ask for the one after it.
type Next = Pin<Box<dyn Future<Output = (Viewer, Option<Jpeg>)> + Send>>;

/// The body.
pub(super) struct Mjpeg {
    next: Next,
    /// What follows the head of a part.
    pending: Option<Bytes>,
    _permit: OwnedSemaphorePermit,
}

impl Mjpeg {
    pub(super) fn new(viewer: Viewer, permit: OwnedSemaphorePermit) -> Self {
        Self {
            next: next(viewer),
            pending: None,
            _permit: permit,
        }
    }
}

fn next(mut viewer: Viewer) -> Next {
    Box::pin(async move {
        let jpeg = viewer.next().await;
        (viewer, jpeg)
    })
}

impl HttpBody for Mjpeg {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(picture) = self.pending.take() {
            return Poll::Ready(Some(Ok(Frame::data(picture))));
        }
        let Poll::Ready((viewer, jpeg)) = self.next.as_mut().poll(context) else {
            return Poll::Pending;
        };
        let Some(jpeg) = jpeg else {
            return Poll::Ready(None);
        };
        self.next = next(viewer);
        let head = head(&jpeg);
        self.pending = Some(jpeg.bytes);
        Poll::Ready(Some(Ok(Frame::data(head))))
    }
}

/// What stands before a picture: among it the frame's number, and when it was taken, in microseconds since 1970.
fn head(jpeg: &Jpeg) -> Bytes {
    let taken = SystemTime::now().checked_sub(jpeg.captured.elapsed());
    let taken = taken
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    // The boundary stands before each picture. A browser shows a picture when its length is known and has come.
    format!(
        "\r\n--impasto\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\nX-Frame: {}\r\nX-Captured: {}\r\n\r\n",
        jpeg.bytes.len(),
        jpeg.number,
        taken.as_micros()
    )
    .into()
}
