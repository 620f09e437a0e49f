//! Where transcripts are played: in process, or on a running server.

/// What a client received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Received {
    /// A text frame.
    Text(String),
    /// A binary frame.
    Binary(Vec<u8>),
    /// A close frame, or the end of the connection (1006).
    Close(u16),
}

/// An HTTP response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// A server that can be talked to.
pub trait Stage {
    /// Opens a WebSocket under a name.
    ///
    /// # Errors
    /// Why it could not be opened.
    fn open(
        &mut self,
        name: &str,
        protocol: &str,
        target: &str,
        headers: &[(String, String)],
    ) -> Result<(), String>;
    /// Sends a text frame.
    fn send(&mut self, name: &str, text: &str);
    /// Sends a binary frame.
    fn send_binary(&mut self, name: &str, bytes: &[u8]);
    /// The next thing received; `None` when nothing is there.
    fn receive(&mut self, name: &str) -> Option<Received>;
    /// What has arrived although nothing should have; a stage with real time listens for a moment.
    fn overhear(&mut self, name: &str) -> Option<Received> {
        self.receive(name)
    }
    /// The client goes.
    fn close(&mut self, name: &str);
    /// Moves the clock.
    fn wait(&mut self, millis: i64);
    /// Makes an owner account.
    ///
    /// # Errors
    /// Why it could not be made.
    fn owner(&mut self, name: &str, password: &str) -> Result<(), String>;
    /// Sends an HTTP request.
    ///
    /// # Errors
    /// Why there is no response.
    fn http(
        &mut self,
        protocol: &str,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Response, String>;
}
