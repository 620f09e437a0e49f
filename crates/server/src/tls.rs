//! Certificates: from files, or one made for local use and kept in the data directory.

use anyhow::{Context as _, Result};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The TLS side of all listeners. Every listener takes both TLS and plain connections: the first byte tells them apart.
///
/// # Errors
/// When a certificate or key cannot be read, made or used.
pub fn config(files: Option<(PathBuf, PathBuf)>, data: &Path) -> Result<Arc<ServerConfig>> {
    let (cert, key) = match files {
        Some(files) => files,
        None => self_signed(data)?,
    };
    let certs = CertificateDer::pem_file_iter(&cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read the certificate {}", cert.display()))?;
    let key = PrivateKeyDer::from_pem_file(&key)
        .with_context(|| format!("cannot read the key {}", key.display()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certs, key)
        .context("the certificate and the key do not fit")?;
    Ok(Arc::new(config))
}

/// The certificate for `localhost` in the data directory, made at the first start.
fn self_signed(data: &Path) -> Result<(PathBuf, PathBuf)> {
    let (cert, key) = (data.join("local-cert.pem"), data.join("local-key.pem"));
    if !(cert.exists() && key.exists()) {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        let made = rcgen::generate_simple_self_signed(names).context("cannot make a certificate")?;
        write_private(&key, &made.signing_key.serialize_pem())?;
        std::fs::write(&cert, made.cert.pem()).with_context(|| format!("cannot write {}", cert.display()))?;
    }
    Ok((cert, key))
}

/// Writes a file that only its owner may read.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}
