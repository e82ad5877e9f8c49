//! A proxy that a test puts before a server to spoil the way there: it delays, cuts off, and holds its tongue.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What happens to what passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Nothing.
    Clear,
    /// It arrives later.
    Slow(Duration),
    /// Connections are closed, also new ones.
    Cut,
    /// Connections are broken off, also new ones: whoever sends is told that nobody is there.
    Reset,
    /// Connections stay, and nothing arrives.
    Silent,
}

/// The proxy.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    way: Arc<Mutex<Way>>,
}

impl Proxy {
    /// Before a port of this machine.
    pub(super) async fn before(port: u16, way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Mutex::new(way));
        let way = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let way = Arc::clone(&way);
                tokio::spawn(async move {
                    let now = || *way.lock().expect("a way");
                    if !matches!(now(), Way::Cut | Way::Reset) {
                        let Ok(mut far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                        let ((near_in, near_out), (far_in, far_out)) = (near.split(), far.split());
                        tokio::select! {
                            () = carry(near_in, far_out, &way) => {}
                            () = carry(far_in, near_out, &way) => {}
                        }
                    }
                    if now() == Way::Reset {
                        near.set_zero_linger().expect("a connection");
                    }
                });
            }
        });
        Self { address, way: shared }
    }

    /// Changes the way, also of connections that are there.
    pub(super) fn set(&self, way: Way) {
        *self.way.lock().expect("a way") = way;
    }
}

/// Carries bytes until one end is closed or the way is cut.
async fn carry(mut from: impl AsyncReadExt + Unpin, mut to: impl AsyncWriteExt + Unpin, way: &Mutex<Way>) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let Ok(number @ 1..) = from.read(&mut bytes).await else { return };
        let now = *way.lock().expect("a way");
        match now {
            Way::Clear => {}
            Way::Slow(delay) => tokio::time::sleep(delay).await,
            Way::Cut | Way::Reset => return,
            Way::Silent => continue,
        }
        if to.write_all(&bytes[..number]).await.is_err() {
            return;
        }
    }
}
