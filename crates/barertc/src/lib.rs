//! BareRTC: webcam chat bolted onto websites.
