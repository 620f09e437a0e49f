//! The broker of callers can be switched off: then nothing of it is there.

use commonroom_testkit::binary::Binary;
use commonroom_testkit::stage::Stage as _;
use std::path::Path;

#[test]
fn a_broker_that_is_switched_off_is_not_there() {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("peerjs-off-{}", std::process::id()));
    let program = Path::new(env!("CARGO_BIN_EXE_commonroom"));
    let mut binary = Binary::start(program, &data, "[originchats]\npeerjs = false\n").expect("it starts");
    for listener in ["main", "originchats"] {
        let response = binary.http(listener, "GET", "/peerjs/id", &[], b"").expect("an answer");
        assert_eq!(response.status, 404, "{listener}");
        let refused = binary.open("ann", listener, "/peerjs?key=peerjs&id=ann&token=t", &[]);
        assert!(refused.is_err_and(|why| why.contains("404")), "{listener} takes peers");
    }
    drop(binary);
    std::fs::remove_dir_all(&data).expect("the place can go");
}
