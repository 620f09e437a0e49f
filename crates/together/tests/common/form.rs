//! Forms with files.

use super::{Person, raw};
use commonroom_testkit::World;
use commonroom_testkit::stage::Response;

/// Between the parts.
pub const BOUNDARY: &str = "----together";
/// One pixel.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\xdac\x64\xf8\xcf\x50\x0f\0\x03\x86\x01\x80\x5a\x34\x7d\x6b\0\0\0\0IEND\xaeB`\x82";

/// A part of a form: field, file name, content.
pub type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

/// A form as browsers send it.
pub fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, file, content) in parts {
        let name = file.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"{name}\r\n")
                .into_bytes(),
        );
        body.extend(b"Content-Type: text/html\r\n\r\n");
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

/// Sends a form.
pub fn send(world: &mut World, who: &Person, path: &str, parts: &[Part<'_>]) -> Response {
    let bearer = format!("Bearer {}", who.token);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    raw(world, "POST", path, &[("authorization", &bearer), ("content-type", &kind)], &form(parts))
}
