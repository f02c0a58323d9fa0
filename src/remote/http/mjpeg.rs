//! The picture as MJPEG, which browsers, OBS and VLC show from a plain address: a viewer goes in, the body of an endless
//! answer comes out. Each client gets the newest picture when it has taken the one before.

use std::collections::VecDeque;
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

/// The same, as it stands between them.
const BOUNDARY: &[u8] = b"\r\n--impasto\r\n";

/// The next picture, and the viewer to ask for the one after it.
type Next = Pin<Box<dyn Future<Output = (Viewer, Option<Jpeg>)> + Send>>;

/// The body.
pub(super) struct Mjpeg {
    next: Next,
    /// What is sent before the next picture is asked for.
    pending: VecDeque<Bytes>,
    _permit: OwnedSemaphorePermit,
}

impl Mjpeg {
    pub(super) fn new(viewer: Viewer, permit: OwnedSemaphorePermit) -> Self {
        Self {
            next: next(viewer),
            pending: VecDeque::from([Bytes::from_static(BOUNDARY)]),
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
        if let Some(bytes) = self.pending.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let Poll::Ready((viewer, jpeg)) = self.next.as_mut().poll(context) else {
            return Poll::Pending;
        };
        let Some(jpeg) = jpeg else {
            return Poll::Ready(None);
        };
        self.next = next(viewer);
        let head = head(&jpeg);
        // The boundary follows at once: browsers show a picture when they have seen its end.
        self.pending
            .extend([jpeg.bytes, Bytes::from_static(BOUNDARY)]);
        Poll::Ready(Some(Ok(Frame::data(head))))
    }
}

/// What stands before a picture: among it the frame's number, and when it was taken, in microseconds since 1970.
fn head(jpeg: &Jpeg) -> Bytes {
    let taken = SystemTime::now().checked_sub(jpeg.captured.elapsed());
    let taken = taken
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    format!(
        "Content-Type: image/jpeg\r\nContent-Length: {}\r\nX-Frame: {}\r\nX-Captured: {}\r\n\r\n",
        jpeg.bytes.len(),
        jpeg.number,
        taken.as_micros()
    )
    .into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;
    use std::time::Instant;

    use image::RgbImage;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::remote::view::View;

    #[test]
    fn each_picture_has_its_length_and_a_boundary_at_both_ends() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let bytes = runtime.block_on(async {
            let mut view = View::start().unwrap();
            let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
            let mut body = Mjpeg::new(view.viewers().join(), permit);
            view.show(&crate::video::Frame {
                rgb: RgbImage::new(16, 8),
                captured: Instant::now(),
                number: 7,
            });
            let mut bytes = Vec::new();
            // A boundary, a head, a picture and a boundary.
            for _ in 0..4 {
                let part = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
                bytes.extend(part.unwrap().unwrap().into_data().unwrap());
            }
            drop(view);
            let end = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
            assert!(end.is_none());
            bytes
        });
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with("\r\n--impasto\r\nContent-Type: image/jpeg\r\n"));
        assert!(text.contains("\r\nX-Frame: 7\r\n") && text.ends_with("\r\n--impasto\r\n"));
        let begins = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 4;
        let picture = &bytes[begins..bytes.len() - BOUNDARY.len()];
        assert!(text.contains(&format!("\r\nContent-Length: {}\r\n", picture.len())));
        assert_eq!(image::load_from_memory(picture).unwrap().width(), 16);
    }
}
