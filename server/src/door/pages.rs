//! Pages are made on threads of their own: what one of them costs holds no alert up.

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Request, Response};
use hyper::body::{Frame, SizeHint};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tower::ServiceExt;

/// The threads.
pub struct Pages {
    /// Only ever taken when it ends: a runtime must not be dropped where others run.
    threads: Option<Runtime>,
}

impl Pages {
    /// Starts as many as there are processors.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start() -> std::io::Result<Arc<Self>> {
        let threads = Builder::new_multi_thread()
            .thread_name("pages")
            .enable_all()
            .build()?;
        Ok(Arc::new(Self {
            threads: Some(threads),
        }))
    }

    /// The answer, made there to its end. Where whoever asked is gone, so is what was begun for them.
    pub(super) async fn answer(
        &self,
        router: Router,
        request: Request<Body>,
        place: OwnedSemaphorePermit,
    ) -> Response<Body> {
        let (head, made) = oneshot::channel();
        let making = async move {
            let mut head = head;
            let answered = tokio::select! {
                answered = router.oneshot(request) => answered,
                () = head.closed() => return,
            };
            let Ok(response) = answered;
            let (parts, body) = response.into_parts();
            let (frames, coming) = mpsc::channel(1);
            let made_elsewhere = MadeElsewhere {
                size: body.size_hint(),
                coming,
            };
            if head
                .send(Response::from_parts(parts, Body::new(made_elsewhere)))
                .is_ok()
            {
                hand_over(body, frames).await;
            }
            drop(place);
        };
        if let Some(threads) = &self.threads {
            threads.spawn(making);
        }
        // A panic that no layer caught.
        made.await.unwrap_or_else(|_| app::answer::internal_error())
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

/// Hands what is made over, part by part, until its end or until nobody takes it.
async fn hand_over(mut body: Body, frames: mpsc::Sender<Result<Frame<Bytes>, axum::Error>>) {
    loop {
        let frame = tokio::select! {
            frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)) => frame,
            () = frames.closed() => return,
        };
        let Some(frame) = frame else { return };
        if frames.send(frame).await.is_err() {
            return;
        }
    }
}

/// The other end of it.
struct MadeElsewhere {
    size: SizeHint,
    coming: mpsc::Receiver<Result<Frame<Bytes>, axum::Error>>,
}

impl HttpBody for MadeElsewhere {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.coming.poll_recv(context)
    }

    fn is_end_stream(&self) -> bool {
        self.size.exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.size
    }
}
