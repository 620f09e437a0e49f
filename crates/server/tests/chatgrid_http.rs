//! What the grid's own listener hands out: sound of other servers and the client's files (chatgrid.md 7.2, 7.3), and how
//! its administrators have the server started anew (5.7).

use commonroom_testkit::binary::Binary;
use commonroom_testkit::stage::{Received, Response, Stage};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()))
}

fn start(data: &Path, settings: &str) -> Binary {
    let program = Path::new(env!("CARGO_BIN_EXE_commonroom"));
    Binary::start(program, data, settings).unwrap_or_else(|error| panic!("{error}"))
}

fn get(binary: &mut Binary, target: &str, headers: &[(&str, &str)]) -> Response {
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    binary.http("chatgrid", "GET", target, &headers, b"").expect("a response")
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Signs in and gives the token.
fn sign_in(binary: &mut Binary, name: &str, how: &str, password: &str) -> String {
    binary.open(name, "chatgrid", "/ws", &[]).expect("opens");
    binary.send(name, &format!(r#"{{"type":"auth_{how}","username":"{name}","password":"{password}"}}"#));
    loop {
        match binary.receive(name) {
            Some(Received::Text(text)) if text.contains(r#""ok":true"#) => {
                let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                return value["sessionToken"].as_str().expect("a token").to_owned();
            }
            Some(Received::Text(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// A server on this machine that answers every request with the same sound, after one redirect from `/moved`.
fn source() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = vec![0; 4_096];
            let read = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..read]).to_lowercase();
            let answer = if request.starts_with("get /moved") {
                "HTTP/1.1 302 Found\r\nLocation: /sound\r\nContent-Length: 0\r\n\r\n".to_owned()
            } else if request.starts_with("get /inside") {
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:9/\r\nContent-Length: 0\r\n\r\n".to_owned()
            } else if request.contains("range: bytes=2-3") {
                "HTTP/1.1 206 Partial Content\r\nContent-Type: audio/mpeg\r\nContent-Range: bytes 2-3/5\r\nContent-Length: 2\r\n\r\nun".to_owned()
            } else {
                "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\n\r\nsound".to_owned()
            };
            // A client that went away takes no answer.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address.to_string()
}

#[test]
fn sound_of_a_host_that_the_operator_names_is_handed_on_and_of_no_other_private_one() {
    let data = place("media");
    let (named, settings) = (source(), "chatgrid.radio.allow_private_hosts = [\"127.0.0.1\"]");
    let mut binary = start(&data, settings);
    let cookie = format!("chgrid_session_token={}", sign_in(&mut binary, "ann", "register", "password1"));
    let mut ask = |url: &str, more: &[(&str, &str)]| {
        let url = url.replace(':', "%3A").replace('/', "%2F");
        let headers: Vec<_> = [("cookie", &*cookie)].into_iter().chain(more.iter().copied()).collect();
        get(&mut binary, &format!("/media_proxy.php?url={url}"), &headers)
    };
    for path in ["sound", "moved"] {
        let response = ask(&format!("http://{named}/{path}"), &[]);
        assert_eq!((response.status, &*response.body), (200, &b"sound"[..]));
        assert_eq!(header(&response, "content-type"), Some("audio/mpeg"));
        assert_eq!(header(&response, "set-cookie"), None);
    }
    let part = ask(&format!("http://{named}/sound"), &[("range", "bytes=2-3")]);
    assert_eq!(
        (part.status, &*part.body, header(&part, "content-range")),
        (206, &b"un"[..], Some("bytes 2-3/5"))
    );
    let port = named.split(':').nth(1).expect("a port");
    for inside in [
        format!("http://127.0.0.2:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://{named}/inside"),
    ] {
        let refused = ask(&inside, &[]);
        assert_eq!((refused.status, &*refused.body), (403, &b"resolved ip not allowed"[..]), "{inside}");
    }
    drop(binary);
    std::fs::remove_dir_all(&data).expect("the place can go");
}

#[test]
fn the_clients_files_are_there_at_the_root_and_under_the_base_path() {
    let data = place("files");
    let files = data.join("client");
    for (name, content) in [
        ("index.html", "<p>page"),
        ("version.js", "v"),
        ("assets/a-1.js", "code"),
        ("sounds/roll.ogg", "OggSound"),
    ] {
        let path = files.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("can be made");
        std::fs::write(path, content).expect("can be written");
    }
    let settings = format!(
        "chatgrid.client_dir = \"{}\"\nchatgrid.server.base_path = \"/chgrid/\"\nchatgrid.server.grid_name = \"Here\"",
        files.display()
    );
    let mut binary = start(&data, &settings);
    for base in ["/", "/chgrid/"] {
        let page = get(&mut binary, base, &[]);
        assert_eq!((page.status, &*page.body), (200, &b"<p>page"[..]), "{base}");
        for fresh in ["", "index.html", "version.js"] {
            let response = get(&mut binary, &format!("{base}{fresh}"), &[]);
            assert_eq!(header(&response, "cache-control"), Some("no-store, no-cache, must-revalidate"));
        }
        let code = get(&mut binary, &format!("{base}assets/a-1.js"), &[]);
        assert_eq!(header(&code, "cache-control"), Some("public, max-age=31536000, immutable"));
        let sound = get(&mut binary, &format!("{base}sounds/roll.ogg"), &[("range", "bytes=0-2")]);
        assert_eq!((sound.status, &*sound.body), (206, &b"Ogg"[..]));
        assert_eq!(header(&sound, "content-type"), Some("audio/ogg"));
        let branding = get(&mut binary, &format!("{base}client_branding.json"), &[]);
        assert!(String::from_utf8_lossy(&branding.body).contains(r#""gridName":"Here""#));
        assert_eq!(get(&mut binary, &format!("{base}nothing.json"), &[]).status, 404);
    }
    drop(binary);
    std::fs::remove_dir_all(&data).expect("the place can go");
}

#[test]
fn a_reboot_ends_the_process_in_an_orderly_way() {
    let data = place("reboot");
    let mut binary = start(&data, "");
    binary.owner("olga", "secret-password").expect("an owner");
    sign_in(&mut binary, "olga", "login", "secret-password");
    binary.send("olga", r#"{"type":"chat_message","message":"/reboot"}"#);
    let mut heard = false;
    loop {
        match binary.receive("olga") {
            Some(Received::Text(text)) => heard |= text.contains("Server rebooting in 5 seconds."),
            Some(Received::Close(code)) => break assert_eq!((code, heard), (1012, true)),
            other => panic!("{other:?}"),
        }
    }
    binary.close("olga");
    assert_eq!(binary.ended(Duration::from_secs(10)), Some(1), "a status at which supervisors start it anew");
    drop(binary);
    std::fs::remove_dir_all(&data).expect("the place can go");
}

#[test]
fn the_socket_is_at_its_path_and_takes_messages_of_its_size() {
    let data = place("size");
    let mut binary = start(&data, "chatgrid.server.base_path = \"/chgrid/\"");
    for (target, status) in
        [("/ws", 426), ("/chgrid/ws", 426), ("/ws?x=1", 426), ("/ws/", 404), ("/other/ws", 404)]
    {
        assert_eq!(get(&mut binary, target, &[]).status, status, "{target}");
    }
    sign_in(&mut binary, "ann", "register", "password1");
    let blanks =
        |bytes: usize| format!("{}{}", " ".repeat(bytes - 33), r#"{"type":"ping","clientSentAt": 1}"#);
    binary.send("ann", &blanks(2_000_000));
    binary.send("ann", r#"{"type":"ping","clientSentAt":2}"#);
    let wait = |binary: &mut Binary, what: &str| loop {
        match binary.receive("ann") {
            Some(Received::Text(text)) if text.contains(what) => break None,
            Some(Received::Text(_)) => {}
            Some(Received::Close(code)) => break Some(code),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(wait(&mut binary, r#""clientSentAt":2"#), None, "nothing was closed");
    binary.send("ann", &blanks(2_000_001));
    assert_eq!(wait(&mut binary, "never"), Some(1009));
    drop(binary);
    std::fs::remove_dir_all(&data).expect("the place can go");
}
