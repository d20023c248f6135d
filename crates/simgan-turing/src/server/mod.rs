//! The test on the local address: page, images, answers.
//!
//! | request | answer |
//! |---|---|
//! | `GET /` and its files | the page |
//! | `POST /api/sessions` `{"subject"}` | 201: session, form, number of answers |
//! | `GET /api/sessions/S` | the same again |
//! | `POST /api/sessions/S/answers` [`Answer`](crate::Answer) | 200: number of answers; 409: not the one asked |
//! | `GET /api/sessions/S/score` | right answers a round, after the last one |
//! | `GET /image/S/ROUND/eN`, `.../tN` | example or trial N of a round |
//!
//! Everything else gets 4xx and `{"error"}`. A session's name is a secret of its subject. What an
//! image is stands neither in its address nor in its length.

mod guard;
mod refusal;
mod routes;

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use simgan_base::{Error, Result};

use crate::gallery::Gallery;
use crate::test_folder::TestFolder;

/// How often a stop is looked for.
const STOP_EVERY: Duration = Duration::from_millis(100);
/// How long requests at work may take after a stop.
const GRACE: Duration = Duration::from_secs(2);

/// What requests work on.
#[derive(Debug)]
pub(crate) struct Served {
    folder: Mutex<TestFolder>,
    gallery: Gallery,
    /// Hosts that requests may name; empty: any.
    hosts: Vec<String>,
}

/// Serves the test on `listener` until `stop` says so; then gives the folder back.
///
/// On a loopback address only requests that name it are answered, so that no other page in the
/// subject's browser can reach the test under a name of its own.
///
/// # Errors
/// The system gives no runtime, or the listener fails.
pub fn serve(
    listener: TcpListener,
    folder: TestFolder,
    gallery: Gallery,
    stop: impl Fn() -> bool + Send + 'static,
) -> Result<TestFolder> {
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let served = Arc::new(Served {
        folder: Mutex::new(folder),
        gallery,
        hosts: match address.ip().is_loopback() {
            true => guard::loopback_hosts(address.port()),
            false => Vec::new(),
        },
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::io("the server cannot start", e))?;
    let router = routes::router(Arc::clone(&served));
    runtime.block_on(serve_until(listener, router, stop))?;
    runtime.shutdown_timeout(GRACE);
    drop_to_folder(served)
}

async fn serve_until(
    listener: TcpListener,
    router: axum::Router,
    stop: impl Fn() -> bool,
) -> Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let serving = axum::serve(listener, router).with_graceful_shutdown(async {
        // An error means that whoever would tell is gone.
        let _ = told.await;
    });
    let mut serving = tokio::spawn(serving.into_future());
    while !stop() && !serving.is_finished() {
        tokio::time::sleep(STOP_EVERY).await;
    }
    let _ = tell.send(());
    match tokio::time::timeout(GRACE, &mut serving).await {
        Ok(Ok(served)) => Ok(served?),
        Ok(Err(fault)) => Err(Error::io("the server failed", std::io::Error::other(fault))),
        // A request that takes longer has lost nothing: answers are on the disk when they are told.
        Err(_) => {
            serving.abort();
            Ok(())
        }
    }
}

/// The folder, once no request works on it.
fn drop_to_folder(served: Arc<Served>) -> Result<TestFolder> {
    let served = Arc::try_unwrap(served)
        .map_err(|_| Error::data("a request is still at work with the answers"))?;
    let folder = served.folder.into_inner();
    Ok(folder.unwrap_or_else(std::sync::PoisonError::into_inner))
}
